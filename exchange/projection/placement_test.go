package projection_test

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func TestPlacementIsTheNewest(t *testing.T) {
	v := projection.New()
	if version, data := v.Placement(); version != 0 || data != nil {
		t.Errorf("before the first: %d, %q", version, data)
	}
	mustApply(t, v, start, &exchange.PlacementSet{Version: 1, Data: []byte("first")}, &exchange.PlacementSet{Version: 2, Data: []byte("second")})
	if version, data := v.Placement(); version != 2 || string(data) != "second" {
		t.Errorf("%d, %q", version, data)
	}
	if err := apply(v, start, &exchange.PlacementSet{Version: 4}); err == nil {
		t.Error("version 3 is missing")
	}
}

// Whoever looks for markets that are not where they belong sees each that has a record, also where that only says that it is
// elsewhere, however many there are.
func TestHereTellsOfEachMarket(t *testing.T) {
	v := projection.New()
	want := map[exchange.MarketID]projection.Moving{}
	for id := exchange.MarketID(2); id < 5_000; id += 2 {
		mustApply(t, v, start, &exchange.MarketCreated{Market: id, Spec: exchange.MarketSpec{Question: "Is it here?"}})
		want[id] = projection.Moving{}
	}
	mustApply(t, v, start, &exchange.MarketFrozen{Market: 4, To: 3, Move: 1},
		&exchange.MarketPartDropped{Market: 2_051, To: 2, Move: 7, Last: true})
	want[4] = projection.Moving{Stage: projection.StageFrozen, With: 3, Move: 1}
	want[2_051] = projection.Moving{Stage: projection.StageGone, With: 2, Move: 7}
	var ids []exchange.MarketID
	v.Here(0, func(id exchange.MarketID, moving projection.Moving) bool {
		if w, ok := want[id]; !ok || moving != w {
			t.Errorf("market %d: %+v, want %+v, %v", id, moving, w, ok)
		}
		ids = append(ids, id)
		return true
	})
	if len(ids) != len(want) || !slices.IsSorted(ids) {
		t.Errorf("%d markets, want %d", len(ids), len(want))
	}
	var some []exchange.MarketID
	v.Here(2_050, func(id exchange.MarketID, _ projection.Moving) bool {
		some = append(some, id)
		return len(some) < 3
	})
	if !slices.Equal(some, []exchange.MarketID{2_051, 2_052, 2_054}) {
		t.Errorf("behind 2050: %v", some)
	}
}
