package projection

import (
	"time"

	"github.com/hustings/hustings/exchange"
)

// Figures are what an operator watches of a shard.
type Figures struct {
	Totals
	Orders uint64 // accepted ever
	States [marketStates]int
	Quiet  int // open markets, older than a day, without a trade in the last 24 hours

	Settling int           // markets whose payouts or refunds are due and not all made
	Oldest   exchange.Time // since when the oldest of these is due, as far as is known; 0: none is
}

// mostSettling bounds how many resolved markets are looked at for one that is due.
const mostSettling = 4096

// Figures returns the figures as of an instant, which is taken for now. What it costs does not grow with what is traded.
func (v *View) Figures(now exchange.Time) Figures {
	v.mu.RLock()
	defer v.mu.RUnlock()
	f := Figures{Totals: v.total, Orders: v.lastOrder}
	for state := range f.States {
		f.States[state] = v.ranks[state][SortNewest].len()
	}
	open := &v.ranks[exchange.StateOpen][SortActivity]
	f.Quiet = open.before(item{key: uint64(max(0, now-exchange.Time(24*time.Hour)))})
	v.settling(&f, exchange.StateResolved, now, func(c *conclusion) exchange.Time { return c.payAfter })
	v.settling(&f, exchange.StateVoiding, now, func(c *conclusion) exchange.Time { return c.voidedAt })
	return f
}

// settling takes in the markets of a state that are due.
func (v *View) settling(f *Figures, state exchange.MarketState, now exchange.Time, dueAt func(*conclusion) exchange.Time) {
	w := v.ranks[state][SortNewest].walkFrom(item{}, true)
	for range mostSettling {
		it, more := w.item()
		if !more {
			return
		}
		w.next()
		var due exchange.Time
		if end := v.markets.at(it.market).ending; end != nil {
			due = dueAt(end)
		}
		if due > now {
			continue
		}
		f.Settling++
		if due != 0 && (f.Oldest == 0 || due < f.Oldest) {
			f.Oldest = due
		}
	}
}

// len is how many items there are.
func (r *rank) len() (n int) {
	for _, c := range r.chunks {
		n += c.n
	}
	return n
}

// before is how many items are less than it.
func (r *rank) before(it item) (n int) {
	chunk, at := r.find(it)
	for _, c := range r.chunks[:chunk] {
		n += c.n
	}
	return n + at
}
