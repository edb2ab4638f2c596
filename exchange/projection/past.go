package projection

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/part"
)

// WritePast writes out what a View knows of a frozen market and the shard does not, in parts that follow those of the
// shard. They are the same in every View that has folded as much. Prices of past hours stay behind.
func (v *View) WritePast(id exchange.MarketID, size int) [][]byte {
	v.mu.RLock()
	defer v.mu.RUnlock()
	m := v.marketOf(id)
	if m == nil || m.stage != StageFrozen {
		return nil
	}
	w := part.Writer{Size: size}
	past := part.Past{CreatedAt: m.createdAt, ActiveAt: m.activeAt}
	for i := range exchange.Outcome(m.bookCount) {
		b := v.bookAt(m, i)
		past.Volumes, past.Trades = append(past.Volumes, b.volume), append(past.Trades, b.trades)
	}
	w.Past(&past)
	var costs []part.Trace // in an order that does not tell how this View came to know them
	for i := m.positions; i != 0; i = v.positions.at(i).next {
		if p := v.positions.at(i); p.yesCost != 0 || p.noCost != 0 {
			costs = append(costs, part.Trace{Account: p.account, Outcome: p.outcome, YesCost: p.yesCost, NoCost: p.noCost})
		}
	}
	slices.SortFunc(costs, func(a, b part.Trace) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Account, b.Account))
	})
	for i := range costs {
		w.Trace(&costs[i])
	}
	for i := range exchange.Outcome(m.bookCount) {
		for side := range exchange.Side(2) {
			v.queues(v.bookAt(m, i), side, func(o *order) {
				w.Trace(&part.Trace{ID: o.id, PlacedAt: o.placedAt, ClientID: v.clientIDOf(o)})
			})
		}
	}
	return w.Parts()
}

// adoptPast takes over what another View knew of a market. No decision depends on it, so what does not fit is passed over.
func (v *View) adoptPast(id exchange.MarketID, m *market, p *part.Part) {
	if past := p.Past; past != nil && len(past.Volumes) == int(m.bookCount) {
		v.touch(id, m)
		m.createdAt, m.activeAt = past.CreatedAt, past.ActiveAt
		for i, volume := range past.Volumes {
			b := v.bookAt(m, exchange.Outcome(i))
			m.volume += volume - b.volume
			b.volume, b.trades = volume, past.Trades[i]
		}
	}
	for i := range p.Traces {
		t := &p.Traces[i]
		if t.ID != 0 {
			if o := v.openOrder(id, t.ID); o != nil {
				o.placedAt = t.PlacedAt
				v.forgetName(o)
				v.nameOrder(o, t.ClientID)
			}
		} else if pos := v.position(t.Account, id, t.Outcome); pos != nil {
			pos.yesCost, pos.noCost = t.YesCost, t.NoCost
		}
	}
}
