package slab

import (
	"testing"

	"pgregory.net/rapid"
)

// A frozen copy must stay as it was whatever is done to the live slab, and the live slab must behave like a slice.
func TestSlabIsASliceAndFrozenCopiesDoNotChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Slab[int]
		model := []int{0}
		var frozen *Frozen[int]
		var want []int
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 20).Draw(t, "op"); {
			case op < 10:
				for range rapid.IntRange(1, 200).Draw(t, "adds") {
					slot := s.Add()
					if int(slot) != len(model) || *s.At(slot) != 0 {
						t.Fatalf("slot %d with %d, want %d with 0", slot, *s.At(slot), len(model))
					}
					*s.At(slot) = int(slot)
					model = append(model, int(slot))
				}
			case op < 18 && len(model) > 1:
				slot := rapid.IntRange(1, len(model)-1).Draw(t, "slot")
				*s.At(uint32(slot)) += 1000
				model[slot] += 1000
			case frozen == nil && len(model) > 1:
				frozen, want = s.Freeze(), append([]int(nil), model...)
			case frozen != nil:
				for i := 1; i < len(want); i++ {
					if got := *frozen.At(uint32(i)); got != want[i] {
						t.Fatalf("frozen slot %d became %d, was %d", i, got, want[i])
					}
				}
				s.Thaw()
				frozen = nil
			}
		}
		for i := 1; i < len(model); i++ {
			if got := *s.At(uint32(i)); got != model[i] {
				t.Fatalf("slot %d is %d, want %d", i, got, model[i])
			}
		}
	})
}
