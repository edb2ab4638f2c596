package projection

import "github.com/hustings/hustings/exchange"

// A Level is one price of one side of a book.
type Level struct {
	Price    exchange.Price
	Quantity uint64
	Orders   uint32
}

// Depth is a book as it was when Seq had been seen, best prices first.
type Depth struct {
	Seq        exchange.Seq
	Bids, Asks []Level
}

// Depth returns the best levels of a book, up to the given number on each side; ok is false if there is no such book.
func (v *View) Depth(id exchange.MarketID, outcome exchange.Outcome, levels int) (d Depth, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	m := v.marketOf(id)
	if m == nil || uint8(outcome) >= m.bookCount {
		return Depth{}, false
	}
	d.Seq = v.seq
	if b := v.bookAt(m, outcome); b.sides != nil {
		d.Bids = b.sides[exchange.Buy].read(exchange.Buy, levels)
		d.Asks = b.sides[exchange.Sell].read(exchange.Sell, levels)
	}
	return d, true
}

func (l *ladder) read(side exchange.Side, levels int) []Level {
	n := min(len(l.rungs), max(levels, 0))
	out := make([]Level, 0, n)
	for i := len(l.rungs) - 1; i >= len(l.rungs)-n; i-- {
		lv := &l.levels[uint16(l.rungs[i])]
		out = append(out, Level{priceOf(side, l.rungs[i]>>16), lv.quantity, lv.orders})
	}
	return out
}

// queues calls do for every order that rests in a book, best price first, and among equals in the order of priority.
func (v *View) queues(b *book, side exchange.Side, do func(o *order)) {
	if b.sides == nil {
		return
	}
	l := &b.sides[side]
	for i := len(l.rungs) - 1; i >= 0; i-- {
		for slot := l.levels[uint16(l.rungs[i])].head; slot != 0; {
			o := v.orders.at(slot)
			slot = o.behind
			do(o)
		}
	}
}
