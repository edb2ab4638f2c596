package projection

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A book is what is known of one outcome's order book.
type book struct {
	yes, no uint64     // contracts of all accounts
	volume  uint64     // statistic: contracts traded
	trades  uint64     // statistic
	sides   *[2]ladder // nil until the first order rests
	hours   *hours     // nil until the first trade
	last    exchange.Price
	value   exchange.Price // once resolved
}

// A level is one price of one side: a queue of orders.
type level struct {
	quantity   uint64
	head, tail uint32 // slots of the first and last order
	orders     uint32
}

// A ladder is one side of a book. Its rungs are sorted so that the best price comes last, where most of the coming
// and going is.
//
//	rung: rank (16 bits) | index of its level (16 bits); the rank of a bid is its price, of an ask its complement
type ladder struct {
	rungs  []uint32
	levels []level
	free   []uint16 // levels not in use
}

// rankOf orders the prices of a side: the greater, the better.
func rankOf(side exchange.Side, p exchange.Price) uint32 {
	return uint32(side.OpenCost(p))
}

// best returns the rank of the best price and its level, or 0 and nil.
func (l *ladder) best() (rank uint32, lv *level) {
	if len(l.rungs) == 0 {
		return 0, nil
	}
	rung := l.rungs[len(l.rungs)-1]
	return rung >> 16, &l.levels[uint16(rung)]
}

// find returns the place of the rung with a rank, or where it would be.
func (l *ladder) find(rank uint32) (i int, found bool) {
	low, high := 0, len(l.rungs)
	for low < high {
		mid := int(uint(low+high) / 2)
		if l.rungs[mid]>>16 < rank {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(l.rungs) && l.rungs[low]>>16 == rank
}

// level returns the level of a rank, or nil.
func (l *ladder) level(rank uint32) *level {
	if best, lv := l.best(); best == rank {
		return lv
	}
	i, found := l.find(rank)
	if !found {
		return nil
	}
	return &l.levels[uint16(l.rungs[i])]
}

// make returns the level of a rank, which may be new.
func (l *ladder) make(rank uint32) *level {
	i, found := l.find(rank)
	if found {
		return &l.levels[uint16(l.rungs[i])]
	}
	var at uint16
	if n := len(l.free); n > 0 {
		at = l.free[n-1]
		l.free = l.free[:n-1]
	} else {
		at = uint16(len(l.levels))
		l.levels = append(l.levels, level{})
	}
	l.rungs = slices.Insert(l.rungs, i, rank<<16|uint32(at))
	l.levels[at] = level{}
	return &l.levels[at]
}

// drop takes an empty level out.
func (l *ladder) drop(rank uint32) {
	i, _ := l.find(rank)
	l.free = append(l.free, uint16(l.rungs[i]))
	l.rungs = slices.Delete(l.rungs, i, i+1)
}

// side returns one side of the book, nil if no order ever rested in it.
func (b *book) side(s exchange.Side) *ladder {
	if b.sides == nil {
		return nil
	}
	return &b.sides[s]
}

// crossed reports whether the best bid is not below the best ask.
func (b *book) crossed() bool {
	if b.sides == nil {
		return false
	}
	bid, bids := b.sides[exchange.Buy].best()
	ask, asks := b.sides[exchange.Sell].best()
	return bids != nil && asks != nil && bid+ask >= uint32(exchange.One)
}

// makeSide returns one side's ladder, made if need be.
func (b *book) makeSide(side exchange.Side) *ladder {
	if b.sides == nil {
		b.sides = new([2]ladder)
	}
	return &b.sides[side]
}

// enqueue puts an order at the end of the queue of its price, with the quantity that rests.
func (v *View) enqueue(b *book, o *order, quantity exchange.Quantity) {
	slot := v.slotOf(o)
	lv := b.makeSide(o.side).make(rankOf(o.side, o.price))
	o.ahead, o.behind = lv.tail, 0
	if lv.tail == 0 {
		lv.head = slot
	} else {
		v.orders.at(lv.tail).behind = slot
	}
	lv.tail = slot
	lv.quantity += uint64(quantity)
	lv.orders++
	o.queued = true
	v.changed(o, lv.quantity)
}

// shrink takes quantity out of what rests of an order, and the order out of its queue if it is all.
func (v *View) shrink(b *book, o *order, quantity exchange.Quantity, all bool) {
	rank := rankOf(o.side, o.price)
	ladder := &b.sides[o.side]
	lv := ladder.level(rank)
	lv.quantity -= uint64(quantity)
	v.changed(o, lv.quantity)
	if !all {
		return
	}
	if o.ahead == 0 {
		lv.head = o.behind
	} else {
		v.orders.at(o.ahead).behind = o.behind
	}
	if o.behind == 0 {
		lv.tail = o.ahead
	} else {
		v.orders.at(o.behind).ahead = o.ahead
	}
	lv.orders--
	o.ahead, o.behind, o.queued = 0, 0, false
	if lv.orders == 0 {
		ladder.drop(rank)
	}
}
