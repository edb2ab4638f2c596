package timer

import (
	"sort"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
	"pgregory.net/rapid"
)

func TestTimersComeInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Timers
		slots := map[uint64]uint32{}
		var model []Timer
		id := uint64(0)
		for range rapid.IntRange(1, 500).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 3).Draw(t, "op"); {
			case op < 2:
				id++
				at := exchange.Time(rapid.IntRange(1, 50).Draw(t, "at"))
				kind := Kind(rapid.IntRange(1, 4).Draw(t, "kind"))
				slots[id] = s.Add(at, kind, id)
				model = append(model, Timer{At: at, Kind: kind, ID: id})
			case op == 2 && len(model) > 0:
				i := rapid.IntRange(0, len(model)-1).Draw(t, "remove")
				s.Remove(slots[model[i].ID])
				model = append(model[:i], model[i+1:]...)
			default:
				s.heap = slab.Slab[uint32]{}
				s.Restore()
			}
		}
		sort.Slice(model, func(i, j int) bool { return model[i].before(&model[j]) })
		for _, want := range model {
			if next, ok := s.Next(); !ok || next != want.At {
				t.Fatalf("next at %d, want %d", next, want.At)
			}
			if _, early := s.Due(want.At - 1); early {
				t.Fatalf("timer %d came early", want.ID)
			}
			got, ok := s.Due(want.At)
			if !ok || got.ID != want.ID {
				t.Fatalf("timer %d came, want %d", got.ID, want.ID)
			}
		}
		if _, ok := s.Due(1 << 60); ok {
			t.Fatal("a timer came that was not there")
		}
	})
}
