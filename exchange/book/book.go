// Package book is the order book of one outcome: price-time priority over 9,999 ticks.
//
// Price levels are an array indexed by tick, so that the level of a price is found by its address, with a bitmap a
// side that finds the next best price when a level empties. The array comes in pages of 64 levels that exist once
// they are used, and an empty book has none, so a million quiet markets stay small. Orders live in a slab that all
// books of a shard share and are linked into their level's queue by slot number.
//
//	Book ─ ladder ─┬─ bitmap of bids, bitmap of asks
//	               └─ page[tick ÷ 64] ─ level[tick mod 64] ─ head ⇄ order ⇄ order ⇄ tail
//
// A price belongs to bids or to asks, never to both, because a resting book is never crossed or locked: whoever calls
// Append has matched the order first. The package knows nothing of money, accounts or rules.
package book

import "github.com/hustings/hustings/exchange"

const pageLevels = 64

// Level is one price of a book.
type Level struct {
	head, tail uint32
	Quantity   uint64 // contracts resting here
}

type ladder struct {
	sides [2]bitmap
	pages [157]*[pageLevels]Level
}

// Book holds the resting orders of one outcome. The zero Book is empty and ready. It is not for concurrent use.
type Book struct {
	best   [2]exchange.Price // best bid, 0 if none; best ask + 1, 0 if none, so that the zero value is an empty book
	ladder *ladder
}

// Best returns the best price of a side; ok is false when the side is empty.
func (b *Book) Best(side exchange.Side) (price exchange.Price, ok bool) {
	p := b.best[side]
	return p - exchange.Price(side), p != 0
}

// Head returns the slot of the first order at the best price of a side and that price, or 0.
func (b *Book) Head(side exchange.Side) (slot uint32, price exchange.Price) {
	p := b.best[side]
	if p == 0 {
		return 0, 0
	}
	p -= exchange.Price(side)
	return b.level(p).head, p
}

// Crosses reports whether an order of this side at this limit would meet a resting one at price.
func Crosses(side exchange.Side, limit, price exchange.Price) bool {
	if side == exchange.Buy {
		return price <= limit
	}
	return price >= limit
}

// WouldTrade reports whether an order of this side at this limit meets the best opposite price.
func (b *Book) WouldTrade(side exchange.Side, limit exchange.Price) bool {
	price, ok := b.Best(side.Opposite())
	return ok && Crosses(side, limit, price)
}

// Crossed reports whether the best bid has reached the best ask, which must never be.
func (b *Book) Crossed() bool {
	return b.best[exchange.Sell] != 0 && b.best[exchange.Buy] >= b.best[exchange.Sell]-1
}

// Empty reports whether nothing rests.
func (b *Book) Empty() bool { return b.best[0]|b.best[1] == 0 }

func (b *Book) level(p exchange.Price) *Level {
	return &b.ladder.pages[p/pageLevels][p%pageLevels]
}

// At returns the level at a price, which may be empty.
func (b *Book) At(p exchange.Price) Level {
	if b.ladder == nil || b.ladder.pages[p/pageLevels] == nil {
		return Level{}
	}
	return *b.level(p)
}

// Queue returns the slot of the first order at a price, or 0.
func (b *Book) Queue(p exchange.Price) uint32 { return b.At(p).head }

// Last returns the slot of the last order at a price, or 0.
func (b *Book) Last(p exchange.Price) uint32 { return b.At(p).tail }

// Neighbours returns the slots of the orders before and behind o in its queue, 0 where there is none.
func (o *Order) Neighbours() (before, behind uint32) { return o.prev, o.next }

// Behind returns the slot of the order behind o in its queue, or 0.
func (o *Order) Behind() uint32 { return o.next }

// Worse returns the next price of a side behind p; ok is false when there is none.
func (b *Book) Worse(side exchange.Side, p exchange.Price) (worse exchange.Price, ok bool) {
	if b.ladder == nil {
		return 0, false
	}
	if side == exchange.Buy {
		worse = exchange.Price(b.ladder.sides[side].below(uint32(p)))
	} else {
		worse = exchange.Price(b.ladder.sides[side].above(uint32(p)))
	}
	return worse, worse != 0
}

// NextPrice returns the least price above p at which an order of either side rests, or 0.
func (b *Book) NextPrice(p exchange.Price) exchange.Price {
	if b.ladder == nil {
		return 0
	}
	bid, ask := b.ladder.sides[0].above(uint32(p)), b.ladder.sides[1].above(uint32(p))
	if bid == 0 || ask != 0 && ask < bid {
		bid = ask
	}
	return exchange.Price(bid)
}

// Append puts the order in a slot at the end of the queue of its price.
func (b *Book) Append(orders *Orders, slot uint32) {
	o := orders.At(slot)
	l := b.makeLevel(o.Price)
	o.next, o.prev = 0, l.tail
	l.Quantity += uint64(o.Remaining)
	if l.tail != 0 {
		orders.At(l.tail).next = slot
		l.tail = slot
		return
	}
	l.head, l.tail = slot, slot
	b.mark(o)
}

// makeLevel returns the level at a price, with its page made if need be.
func (b *Book) makeLevel(p exchange.Price) *Level {
	if b.ladder == nil {
		b.ladder = new(ladder)
	}
	page := b.ladder.pages[p/pageLevels]
	if page == nil {
		page = new([pageLevels]Level)
		b.ladder.pages[p/pageLevels] = page
	}
	return &page[p%pageLevels]
}

// mark notes that the order's level is not empty.
func (b *Book) mark(o *Order) {
	b.ladder.sides[o.Side].set(uint32(o.Price))
	if o.Side == exchange.Buy {
		b.best[0] = max(b.best[0], o.Price)
	} else if b.best[1] == 0 || o.Price+1 < b.best[1] {
		b.best[1] = o.Price + 1
	}
}

// Reduce takes q of an order's remaining contracts out of the book, and the order with them if nothing is left.
func (b *Book) Reduce(orders *Orders, o *Order, q exchange.Quantity) {
	if q == o.Remaining {
		b.Remove(orders, o)
		o.Remaining = 0
		return
	}
	o.Remaining -= q
	b.level(o.Price).Quantity -= uint64(q)
}

// Remove takes an order out of its queue. Its slot stays taken until Orders.Release.
func (b *Book) Remove(orders *Orders, o *Order) {
	l := b.level(o.Price)
	l.Quantity -= uint64(o.Remaining)
	if o.next != 0 {
		orders.At(o.next).prev = o.prev
	} else {
		l.tail = o.prev
	}
	if o.prev != 0 {
		orders.At(o.prev).next = o.next
		return
	}
	l.head = o.next
	if l.head == 0 {
		b.emptied(o.Side, o.Price)
	}
}

// emptied unmarks a level and finds the next best one if it was the best. A book left empty gives its memory back.
func (b *Book) emptied(side exchange.Side, p exchange.Price) {
	m := &b.ladder.sides[side]
	m.clear(uint32(p))
	if b.best[side] != p+exchange.Price(side) {
		return
	}
	if side == exchange.Buy {
		b.best[0] = exchange.Price(m.below(uint32(p)))
	} else if next := m.above(uint32(p)); next != 0 {
		b.best[1] = exchange.Price(next) + 1
	} else {
		b.best[1] = 0
	}
}

// Shrink gives the memory of an empty book back. Books that are about to fill again need not be shrunk.
func (b *Book) Shrink() {
	if b.Empty() {
		b.ladder = nil
	}
}
