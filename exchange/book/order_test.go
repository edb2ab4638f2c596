package book

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// An id outlives its order, and a slot that is used again does not make it find another.
func TestOrdersFindNoOtherOrder(t *testing.T) {
	var s Orders
	add := func(number uint64) exchange.OrderID {
		want := s.Reserve()
		slot := s.Take()
		if slot != want || slot == 0 {
			t.Fatalf("slot %d was taken, %d reserved", slot, want)
		}
		id := exchange.NewOrderID(number, slot)
		s.At(slot).ID = id
		return id
	}
	first, second := add(1), add(2)
	s.Release(first.Slot())
	if s.Find(first) != nil || s.Live() != 1 {
		t.Errorf("a released order is found; %d are live", s.Live())
	}
	third := add(3)
	if third.Slot() != first.Slot() {
		t.Errorf("slot %d was not used again", first.Slot())
	}
	if s.Find(first) != nil || s.Find(second) != s.At(second.Slot()) || s.Find(third) != s.At(third.Slot()) {
		t.Error("an id finds another's order")
	}
	for _, id := range []exchange.OrderID{0, exchange.NewOrderID(1, 0), exchange.NewOrderID(1, exchange.MaxOpenOrders)} {
		if s.Find(id) != nil {
			t.Errorf("%#x finds an order", uint64(id))
		}
	}
}

func TestOrderSurvivesASnapshot(t *testing.T) {
	want := Order{ID: 1<<40 | 2, Hold: 3, Overpaid: 4, next: 5, prev: 6, OwnerNext: 7, OwnerPrev: 8, Position: 9,
		Remaining: 10, Filled: 11, Closing: 12, Price: 13, Side: exchange.Sell, Options: 15, Extra: 16}
	w := codec.Writer(nil)
	want.Fields(&w)
	r := codec.Reader(w.Bytes())
	var got Order
	if got.Fields(&r); !r.Done() || got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
