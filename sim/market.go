package sim

import (
	"time"

	"github.com/hustings/hustings/exchange"
)

// newMarket opens a market: one in three is of several outcomes, and one in three closes by itself, while it rests or moves.
func (d *desk) newMarket() exchange.Command {
	w := d.w
	d.opened++
	spec := exchange.MarketSpec{Question: "Will the polls close late?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 100_000, TakerFee: 700,
		MakerShare: 2_000}
	if w.chance(33) {
		spec.Outcomes = []string{"Early", "In time", "Late", "Never"}[:2+w.IntN(3)]
	}
	if w.chance(33) {
		spec.CloseAt = d.soon()
	}
	if w.chance(20) {
		spec.DisputeWindow = exchange.Duration(w.upTo(3 * time.Second))
	}
	d.books = append(d.books, spec.Books())
	return &exchange.CreateMarket{Key: d.key(), ID: exchange.MarketID(d.opened), Spec: spec}
}

// soon is a time that comes within some seconds, by the log that is furthest.
func (d *desk) soon() exchange.Time {
	now := exchange.Time(epoch.Add(d.w.now).UnixNano())
	for _, g := range d.w.groups {
		now = max(now, g.oracle.model.Now)
	}
	return now + exchange.Time(time.Second+d.w.upTo(5*time.Second))
}

// outcome chooses one of a market.
func (d *desk) outcome(id exchange.MarketID) exchange.Outcome {
	if int(id) > len(d.books) {
		return 0
	}
	return exchange.Outcome(d.w.IntN(d.books[id-1]))
}

// values is what the outcomes of a market turn out to be worth: all of it goes to one, or a half to each of two.
func (d *desk) values(id exchange.MarketID) []exchange.Price {
	w := d.w
	if int(id) > len(d.books) || d.books[id-1] == 1 {
		return []exchange.Price{exchange.Price(10_000 * w.IntN(2))}
	}
	values := make([]exchange.Price, d.books[id-1])
	for range 2 {
		values[w.IntN(len(values))] += 5_000
	}
	return values
}

// marked counts what happened to markets in a batch that was executed for the first time.
func (g *group) marked(cmds []exchange.Command, replies []exchange.Reply) {
	for range g.oracle.closed {
		g.w.count(ClosedByTime)
	}
	for i, cmd := range cmds {
		c, ok := cmd.(*exchange.AdoptMarket)
		if !ok || !c.Last || replies[i].Code != exchange.Accepted {
			continue
		}
		m := g.oracle.model.Markets[c.Market-1]
		if m.Spec.CloseAt != 0 && m.Spec.CloseAt <= g.oracle.model.Now && (m.State == exchange.StateOpen || m.State == exchange.StateSuspended) {
			g.w.count(CloseDueMoving)
		}
		if len(m.Books) > 1 {
			g.w.count(OutcomesMoved)
		}
	}
}
