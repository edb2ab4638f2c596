package book

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"pgregory.net/rapid"
)

// pair is a book and the naive one that has seen the same.
type pair struct {
	orders Orders
	fast   Book
	naive  naive
	count  uint64
}

func (x *pair) rest(side exchange.Side, p exchange.Price, q exchange.Quantity) uint32 {
	x.count++
	slot := x.orders.Take()
	o := x.orders.At(slot)
	o.ID, o.Side, o.Price, o.Remaining = exchange.NewOrderID(x.count, slot), side, p, q
	x.fast.Append(&x.orders, slot)
	x.naive = append(x.naive, resting{slot, side, p, q})
	return slot
}

// take takes q contracts out of the naive book's i-th order, in both books.
func (x *pair) take(i int, q exchange.Quantity) {
	n := &x.naive[i]
	slot := n.slot
	x.fast.Reduce(&x.orders, x.orders.At(slot), q)
	if n.quantity -= q; n.quantity == 0 {
		x.orders.Release(slot)
		x.naive = slices.Delete(x.naive, i, i+1)
	}
}

// restore makes the book anew from its orders in some sequence, as from a snapshot.
func (x *pair) restore(slots []uint32) {
	x.fast = Book{}
	for _, slot := range slots {
		x.fast.Restore(slot, x.orders.At(slot))
	}
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// compare asks both books everything about a price and about their best ones.
func (x *pair) compare(t fataler, p exchange.Price) {
	t.Helper()
	x.compareLevel(t, p)
	for _, side := range []exchange.Side{exchange.Buy, exchange.Sell} {
		want := x.naive.best(side, anyPrice)
		if got, ok := x.fast.Best(side); ok != (want != 0) || ok && got != want {
			t.Fatalf("side %d: best %v %t, want %v", side, got, ok, want)
		}
		var first uint32
		if slots, _ := x.naive.queue(want); len(slots) > 0 {
			first = slots[0]
		}
		if slot, price := x.fast.Head(side); slot != first || price != want {
			t.Fatalf("side %d: order %d at %v is first, want %d at %v", side, slot, price, first, want)
		}
		want = x.naive.best(side, func(other exchange.Price) bool { return better(side, p, other) })
		if got, ok := x.fast.Worse(side, p); got != want || ok != (want != 0) {
			t.Fatalf("side %d: %v %t is behind %v, want %v", side, got, ok, p, want)
		}
		if got := x.fast.WouldTrade(side, p); got != x.naive.wouldTrade(side, p) {
			t.Fatalf("side %d at %v would trade: %t", side, p, got)
		}
	}
	if got, want := x.fast.NextPrice(p), x.naive.next(p); got != want {
		t.Fatalf("next above %v is %v, want %v", p, got, want)
	}
	if x.fast.Empty() != (len(x.naive) == 0) || x.fast.Crossed() || x.orders.Live() != len(x.naive) {
		t.Fatalf("empty %t, crossed %t, %d of %d orders", x.fast.Empty(), x.fast.Crossed(), x.orders.Live(), len(x.naive))
	}
}

// compareLevel walks the queue of a price in both directions.
func (x *pair) compareLevel(t fataler, p exchange.Price) {
	t.Helper()
	want, quantity := x.naive.queue(p)
	if got := x.fast.At(p).Quantity; got != quantity {
		t.Fatalf("%d contracts at %v, want %d", got, p, quantity)
	}
	var got []uint32
	var last uint32
	for slot := x.fast.Queue(p); slot != 0; slot = x.orders.At(slot).Behind() {
		if before, _ := x.orders.At(slot).Neighbours(); before != last {
			t.Fatalf("order %d at %v has %d before it, want %d", slot, p, before, last)
		}
		got, last = append(got, slot), slot
	}
	if !slices.Equal(got, want) || x.fast.Last(p) != last {
		t.Fatalf("queue %v of which %d is last at %v, want %v", got, x.fast.Last(p), p, want)
	}
}

// prices are drawn where pages, words and summaries of the bitmaps end, close to the middle, and anywhere.
var prices = rapid.OneOf(
	rapid.SampledFrom(borders),
	rapid.Map(rapid.IntRange(4_995, 5_005), func(p int) exchange.Price { return exchange.Price(p) }),
	rapid.Map(rapid.IntRange(1, 9_999), func(p int) exchange.Price { return exchange.Price(p) }))

var borders = []exchange.Price{1, 2, 62, 63, 64, 65, 127, 128, 4_095, 4_096, 8_191, 8_192, 9_983, 9_984, 9_998, 9_999}

func TestBookAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x pair
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			p := prices.Draw(t, "price")
			switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
			case op < 5:
				side := exchange.Side(rapid.IntRange(0, 1).Draw(t, "side"))
				if !x.naive.wouldTrade(side, p) {
					x.rest(side, p, exchange.Quantity(rapid.IntRange(1, 5).Draw(t, "quantity")))
				}
			case op < 8 && len(x.naive) > 0:
				i := rapid.IntRange(0, len(x.naive)-1).Draw(t, "order")
				p = x.naive[i].price
				x.take(i, exchange.Quantity(rapid.IntRange(1, int(x.naive[i].quantity)).Draw(t, "part")))
			case op == 8:
				x.fast.Shrink()
			case op == 9:
				x.restore(rapid.Permutation(x.slots()).Draw(t, "snapshot"))
			}
			x.compare(t, p)
			for _, o := range x.naive {
				x.compareLevel(t, o.price)
			}
		}
	})
}

func (x *pair) slots() (slots []uint32) {
	for _, o := range x.naive {
		slots = append(slots, o.slot)
	}
	return slots
}

// One order far away is found at once when the near ones are gone.
func TestThinBook(t *testing.T) {
	var x pair
	x.rest(exchange.Buy, 1, 10)
	near := x.rest(exchange.Sell, 500, 3)
	x.rest(exchange.Sell, 9_500, 7)
	x.compare(t, 500)
	x.take(1, 3)
	if slot, p := x.fast.Head(exchange.Sell); slot == near || p != 9_500 {
		t.Errorf("order %d at %v is first, want the one at 0.9500", slot, p)
	}
	for _, p := range []exchange.Price{1, 2, 499, 500, 501, 5_000, 9_499, 9_500, 9_501, 9_999} {
		x.compare(t, p)
	}
}

// Removing an order leaves its slot taken, so that whoever removed it can still read it.
func TestRemoveKeepsTheSlot(t *testing.T) {
	var x pair
	first, second := x.rest(exchange.Buy, 6_200, 10), x.rest(exchange.Buy, 6_200, 5)
	o := x.orders.At(first)
	x.fast.Remove(&x.orders, o)
	if x.orders.Find(o.ID) != o || o.Remaining != 10 {
		t.Errorf("the removed order is %+v", o)
	}
	if slot, _ := x.fast.Head(exchange.Buy); slot != second || x.fast.At(6_200).Quantity != 5 {
		t.Errorf("order %d is first of %d contracts", slot, x.fast.At(6_200).Quantity)
	}
}

func TestShrinkGivesMemoryBack(t *testing.T) {
	var x pair
	x.rest(exchange.Buy, 6_200, 10)
	x.fast.Shrink()
	x.compare(t, 6_200)
	x.take(0, 10)
	x.fast.Shrink()
	if x.fast.ladder != nil {
		t.Error("an empty book keeps its levels")
	}
	x.rest(exchange.Sell, 6_300, 1)
	x.compare(t, 6_300)
}
