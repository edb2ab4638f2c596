// Package naive is the plainest order book with price-time priority. Generators need one to know what rests, and what
// a faster book did is compared with it. It shares no code with the exchange's own book and is not made for speed.
package naive

import "slices"

// Sides of an order.
const (
	Buy uint8 = iota
	Sell
)

// MaxTick is the greatest price. The least is 1.
const MaxTick = 9_999

// Order is an order as it stands.
type Order struct {
	Open uint32 // contracts that are left; 0: it is gone
	Tick uint16
	Side uint8
	at   int // index in live
}

// Trade is what an arriving order took from a resting one.
type Trade struct {
	Maker    uint32
	Quantity uint32
	Tick     uint16
}

// Book holds orders, which it numbers from 1 in the order of their arrival. It is not for concurrent use.
type Book struct {
	orders []Order // by number
	levels [MaxTick + 1]level
	best   [2]uint16 // tick of the best level of a side, 0 if none
	live   []uint32
	trades []Trade // of the last order
}

type level struct {
	queue    []uint32 // numbers, oldest first
	quantity uint64
}

// New returns an empty book.
func New() *Book { return &Book{orders: make([]Order, 1)} }

// Next is the number that the next order will have.
func (b *Book) Next() uint32 { return uint32(len(b.orders)) }

// Order returns the order with a number below Next. The zero Order stands for number 0.
func (b *Book) Order(number uint32) Order { return b.orders[number] }

// Live returns the numbers of all resting orders: appended when they rest, and the last in the place of one that
// leaves. The slice is the book's own.
func (b *Book) Live() []uint32 { return b.live }

// Best returns the best tick of a side, or 0.
func (b *Book) Best(side uint8) uint16 { return b.best[side] }

// Head returns the oldest order at a tick where something rests.
func (b *Book) Head(tick uint16) Order { return b.orders[b.levels[tick].queue[0]] }

// Quantity returns how many contracts rest at a tick.
func (b *Book) Quantity(tick uint16) uint64 { return b.levels[tick].quantity }

// Place matches an order of one contract or more and, if it may, rests what is left of it. The slice that it returns
// is valid until the next Place.
func (b *Book) Place(side uint8, tick uint16, quantity uint32, mayRest bool) []Trade {
	b.trades = b.trades[:0]
	b.orders = append(b.orders, Order{Open: quantity, Tick: tick, Side: side})
	number := uint32(len(b.orders) - 1)
	o := &b.orders[number]
	for o.Open > 0 {
		at := b.best[side^1]
		if at == 0 || side == Buy && at > tick || side == Sell && at < tick {
			break
		}
		b.trade(b.levels[at].queue[0], o)
	}
	switch {
	case o.Open == 0:
	case mayRest:
		b.rest(number)
	default:
		o.Open = 0
	}
	return b.trades
}

func (b *Book) trade(maker uint32, taker *Order) {
	m := &b.orders[maker]
	q := min(m.Open, taker.Open)
	taker.Open -= q
	b.trades = append(b.trades, Trade{Maker: maker, Quantity: q, Tick: m.Tick})
	b.Reduce(maker, q)
}

func (b *Book) rest(number uint32) {
	o := &b.orders[number]
	l := &b.levels[o.Tick]
	l.queue = append(l.queue, number)
	l.quantity += uint64(o.Open)
	o.at = len(b.live)
	b.live = append(b.live, number)
	if best := b.best[o.Side]; best == 0 || o.Side == Buy && o.Tick > best || o.Side == Sell && o.Tick < best {
		b.best[o.Side] = o.Tick
	}
}

// Reduce takes quantity contracts out of a resting order, at most all, and the order with them if nothing is left.
func (b *Book) Reduce(number, quantity uint32) {
	o := &b.orders[number]
	o.Open -= quantity
	l := &b.levels[o.Tick]
	l.quantity -= uint64(quantity)
	if o.Open > 0 {
		return
	}
	i := slices.Index(l.queue, number)
	l.queue = slices.Delete(l.queue, i, i+1)
	last := b.live[len(b.live)-1]
	b.live[o.at] = last
	b.orders[last].at = o.at
	b.live = b.live[:len(b.live)-1]
	if len(l.queue) == 0 && b.best[o.Side] == o.Tick {
		b.best[o.Side] = b.Worse(o.Side, o.Tick)
	}
}

// Cancel takes a resting order out.
func (b *Book) Cancel(number uint32) { b.Reduce(number, b.orders[number].Open) }

// Worse returns the next tick behind one on which a side has orders, or 0.
func (b *Book) Worse(side uint8, tick uint16) uint16 {
	step := -1
	if side == Sell {
		step = 1
	}
	for t := int(tick) + step; t >= 1 && t <= MaxTick; t += step {
		if q := b.levels[t].queue; len(q) > 0 && b.orders[q[0]].Side == side {
			return uint16(t)
		}
	}
	return 0
}
