package naive

import (
	"slices"
	"testing"
)

func TestPriceTimePriority(t *testing.T) {
	b := New()
	place := func(side uint8, tick uint16, quantity uint32, mayRest bool, want ...Trade) {
		t.Helper()
		number := b.Next()
		if got := b.Place(side, tick, quantity, mayRest); !slices.Equal(got, want) {
			t.Errorf("order %d made the trades %v, want %v", number, got, want)
		}
	}
	place(Sell, 60, 5, true) // 1
	place(Sell, 60, 3, true) // 2
	place(Sell, 58, 4, true) // 3
	place(Buy, 57, 9, true)  // 4
	place(Buy, 60, 6, true, Trade{3, 4, 58}, Trade{1, 2, 60})
	b.Reduce(1, 1)
	place(Buy, 61, 4, false, Trade{1, 2, 60}, Trade{2, 2, 60})
	b.Cancel(2)
	place(Buy, 99, 1, false)
	if b.Best(Sell) != 0 || b.Best(Buy) != 57 || b.Quantity(57) != 9 || b.Head(57).Open != 9 {
		t.Errorf("best ask %d, best bid %d with %d contracts", b.Best(Sell), b.Best(Buy), b.Quantity(57))
	}
	place(Sell, 50, 20, true, Trade{4, 9, 57})
	if !slices.Equal(b.Live(), []uint32{8}) || b.Order(8).Open != 11 || b.Best(Buy) != 0 || b.Best(Sell) != 50 {
		t.Errorf("live %v, order 8 %+v, best bid %d, best ask %d", b.Live(), b.Order(8), b.Best(Buy), b.Best(Sell))
	}
}

func TestLiveFillsGapsWithTheLast(t *testing.T) {
	b := New()
	for range 4 {
		b.Place(Buy, 10, 1, true)
	}
	b.Cancel(2)
	b.Cancel(4)
	b.Place(Buy, 9, 1, true)
	if want := []uint32{1, 3, 5}; !slices.Equal(b.Live(), want) {
		t.Errorf("live orders are %v, want %v", b.Live(), want)
	}
	if b.Worse(Buy, 10) != 9 || b.Worse(Buy, 9) != 0 || b.Worse(Sell, 5) != 0 {
		t.Error("the level behind 10 is 9, and nothing is behind 9 or on the other side")
	}
}
