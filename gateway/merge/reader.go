package merge

import (
	"cmp"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// Now implements gateway.Reader: the latest log time of any shard.
func (e *Exchange) Now() (now exchange.Time) {
	for _, s := range e.all() {
		now = max(now, s.View.Now())
	}
	return now
}

// Totals implements gateway.Reader. What is under way between shards is in Outbox, and a market on its way counts once.
func (e *Exchange) Totals() (sum projection.Totals) {
	if only := e.only(); only != nil {
		return only.Totals()
	}
	e.steadily(func() {
		sum = projection.Totals{Accounts: e.home().Totals().Accounts}
		for _, s := range e.all() {
			t := s.View.Totals()
			sum.Cash += t.Cash
			sum.Held += t.Held
			sum.Escrow += t.Escrow
			sum.MarketFees += t.MarketFees
			sum.HouseFees += t.HouseFees
			sum.Receivables += t.Receivables
			sum.World += t.World
			sum.Received += t.Received
			sum.Released += t.Released
			sum.Outbox += t.Outbox
			sum.Markets += t.Markets
			sum.OpenOrders += t.OpenOrders
			sum.Positions += t.Positions
			sum.Trades += t.Trades
			sum.Volume += t.Volume
		}
		sum.Outbox -= sum.Received - sum.Released // what has arrived and is not released yet is not under way
		e.doubles(func(s *Shard, id exchange.MarketID) {
			m, _ := s.View.Market(id)
			sum.Markets--
			sum.Escrow -= m.Escrow
			sum.MarketFees -= m.Fees
			sum.OpenOrders -= uint64(m.OpenOrders)
			for i := range m.Books {
				for side := range exchange.Side(2) {
					for _, o := range s.View.Orders(id, exchange.Outcome(i), side) {
						sum.Held -= o.Hold
					}
				}
			}
			sum.Positions -= uint64(len(s.View.Holders(id)))
		})
	})
	return sum
}

// steadily reads while no transfer and no market takes a step, so that what moves is seen once. Where they never rest, what
// is read last has to do.
func (e *Exchange) steadily(read func()) {
	const attempts = 8
	before := e.steps()
	for range attempts {
		if e.awaitSent() {
			before = e.steps()
		}
		read()
		after := e.steps()
		if slices.Equal(before, after) {
			return
		}
		before = after
	}
}

// awaitSent waits a little while a read model has not seen that cash was sent which has come to another one: it would be there twice. It
// reports whether it has waited. One that has lost the end of its log may never see it.
func (e *Exchange) awaitSent() (waited bool) {
	const attempts = 20
	for n := 0; n < attempts && e.unsent(); n++ {
		time.Sleep(time.Millisecond)
		waited = true
	}
	return waited
}

// unsent reports whether cash has come to a shard of which another read model has not seen that it was sent.
func (e *Exchange) unsent() bool {
	all := e.all()
	for _, to := range all {
		for _, from := range all {
			if from != to && to.View.Received(from.ID) > from.View.Sent(to.ID) {
				return true
			}
		}
	}
	return false
}

// steps changes with every step of a transfer or a market.
func (e *Exchange) steps() (all []exchange.Money) {
	for _, s := range e.all() {
		t := s.View.Totals()
		underWay := s.View.UnderWay()
		all = append(all, t.Received, t.Released, t.Outbox, t.MovedIn, t.MovedOut, exchange.Money(len(underWay)))
		for _, id := range underWay {
			moving, _ := s.View.Holds(id)
			all = append(all, exchange.Money(moving.Part)) // one may bring positions and no money
		}
	}
	return all
}

// Account implements gateway.Reader: what is at home, with the sums over all shards and what is under way.
func (e *Exchange) Account(id exchange.AccountID) (sum projection.Account, ok bool) {
	if only := e.only(); only != nil {
		return only.Account(id)
	}
	e.steadily(func() {
		if sum, ok = e.home().Account(id); !ok {
			return
		}
		for _, s := range e.all()[1:] {
			if a, there := s.View.Account(id); there {
				sum.Cash += a.Cash
				sum.Held += a.Held
				sum.Receivable += a.Receivable
				sum.OpenOrders += a.OpenOrders
				sum.Realised += a.Realised
				if sum.DeadMan == 0 {
					sum.DeadMan = a.DeadMan
				}
			}
		}
		sum.Cash += e.underWay(id)
		e.doubles(func(s *Shard, market exchange.MarketID) {
			for _, o := range ordersIn(s.View, id, market) {
				sum.Held -= o.Hold
				sum.OpenOrders--
			}
		})
	})
	return sum, ok
}

// ordersIn returns all open orders of an account in a market.
func ordersIn(v View, id exchange.AccountID, market exchange.MarketID) (all []projection.Order) {
	for after := exchange.OrderID(0); ; after = all[len(all)-1].ID {
		page := v.OpenOrders(id, market, after, projection.MaxPage)
		if all = append(all, page...); len(page) < projection.MaxPage {
			return all
		}
	}
}

// underWay is an account's cash that has left a shard and not reached another.
func (e *Exchange) underWay(id exchange.AccountID) (sum exchange.Money) {
	for _, s := range e.all() {
		if s.View.Totals().Outbox == 0 {
			continue
		}
		for _, t := range s.View.Outbox() {
			if to := e.shard(t.To); t.Account == id && (to == nil || t.Number > to.View.Received(s.ID)) {
				sum += t.Amount
			}
		}
	}
	return sum
}

// AccountByName implements gateway.Reader.
func (e *Exchange) AccountByName(name string) (projection.Account, bool) {
	a, ok := e.home().AccountByName(name)
	if !ok {
		return a, false
	}
	return e.Account(a.ID)
}

// Rules implements gateway.Reader.
func (e *Exchange) Rules() int { return e.home().Rules() }

// Halted implements gateway.Reader.
func (e *Exchange) Halted() bool { return e.home().Halted() }

// CredentialByHash implements gateway.Reader.
func (e *Exchange) CredentialByHash(hash [32]byte) (projection.Credential, bool) {
	return e.home().CredentialByHash(hash)
}

// Credentials implements gateway.Reader.
func (e *Exchange) Credentials(account exchange.AccountID) []projection.Credential {
	return e.home().Credentials(account)
}

// Groups implements gateway.Reader.
func (e *Exchange) Groups(account exchange.AccountID) []projection.Group {
	return e.home().Groups(account)
}

// Portfolio implements gateway.Reader.
func (e *Exchange) Portfolio(id exchange.AccountID) (sum projection.Portfolio, ok bool) {
	if only := e.only(); only != nil {
		return only.Portfolio(id)
	}
	if sum.Account, ok = e.Account(id); !ok {
		return sum, false
	}
	account := sum.Account
	e.steadily(func() {
		sum = projection.Portfolio{Account: account}
		for _, s := range e.all() {
			if p, there := s.View.Portfolio(id); there {
				sum.Positions += p.Positions
				sum.Value += p.Value
				sum.Cost += p.Cost
				sum.Realised += p.Realised
			}
		}
		e.doubles(func(s *Shard, market exchange.MarketID) {
			m, _ := s.View.Market(market)
			for i := range m.Books {
				p, there := s.View.Position(id, market, exchange.Outcome(i))
				if !there {
					continue
				}
				sum.Realised -= p.Realised() // also of one that is closed: it goes with its market
				if p.Yes+p.No > 0 {
					sum.Positions--
					sum.Value -= worth(&m.Books[i], m.State, &p)
					sum.Cost -= p.YesCost + p.NoCost
				}
			}
		})
	})
	return sum, true
}

// worth is what the contracts of a position are worth just now.
func worth(b *projection.Book, state exchange.MarketState, p *projection.Position) exchange.Money {
	price := b.Last
	if state == exchange.StateResolved {
		price = b.Value
	}
	return exchange.Cost(price, p.Yes) + exchange.Cost(price.Complement(), p.No)
}

// Positions implements gateway.Reader.
func (e *Exchange) Positions(id exchange.AccountID, after projection.PositionCursor, limit int) []projection.Position {
	if only := e.only(); only != nil {
		return only.Positions(id, after, limit)
	}
	place := func(a, b projection.Position) int {
		return cmp.Or(cmp.Compare(b.Market, a.Market), cmp.Compare(a.Outcome, b.Outcome))
	}
	var found []projection.Position
	for more := true; more && len(found) < limit; { // a short page would be the last one
		l := list[projection.Position]{e: e, order: place, market: func(p projection.Position) exchange.MarketID { return p.Market }}
		for _, s := range e.all() {
			page := s.View.Positions(id, after, limit)
			l.add(s, page, len(page) == limit)
		}
		var rows []projection.Position
		rows, more = l.rows()
		found, after = append(found, rows...), projection.PositionCursor{Market: l.bound.Market, Outcome: l.bound.Outcome}
	}
	return found[:min(len(found), limit)]
}

// OpenOrders implements gateway.Reader. Shards number their orders by themselves, so orders of different shards may have
// the same id. Those are on one page, which may have a few more than the limit for it.
func (e *Exchange) OpenOrders(id exchange.AccountID, market exchange.MarketID, after exchange.OrderID, limit int) []projection.Order {
	if only := e.only(); only != nil {
		return only.OpenOrders(id, market, after, limit)
	}
	if market != 0 {
		return look(e, market, func(v View) []projection.Order { return v.OpenOrders(id, market, after, limit) })
	}
	var found []projection.Order
	for more := true; more && len(found) < limit; { // a short page would be the last one
		l := list[projection.Order]{e: e, order: func(a, b projection.Order) int { return cmp.Compare(b.ID, a.ID) },
			market: func(o projection.Order) exchange.MarketID { return o.Market }}
		for _, s := range e.all() {
			page := s.View.OpenOrders(id, 0, after, limit)
			l.add(s, page, len(page) >= limit)
		}
		var rows []projection.Order
		rows, more = l.rows()
		found, after = append(found, rows...), l.bound.ID
	}
	end := min(len(found), limit)
	for end > 0 && end < len(found) && found[end].ID == found[end-1].ID {
		end++
	}
	return found[:end]
}

// Position implements gateway.Reader.
func (e *Exchange) Position(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) (projection.Position, bool) {
	return lookFor(e, market, func(v View) (projection.Position, bool) { return v.Position(account, market, outcome) })
}

// Order implements gateway.Reader.
func (e *Exchange) Order(market exchange.MarketID, order exchange.OrderID) (projection.Order, bool) {
	return lookFor(e, market, func(v View) (projection.Order, bool) { return v.Order(market, order) })
}

// Holders implements gateway.Reader.
func (e *Exchange) Holders(market exchange.MarketID) []projection.Position {
	return look(e, market, func(v View) []projection.Position { return v.Holders(market) })
}

// Market implements gateway.Reader.
func (e *Exchange) Market(id exchange.MarketID) (projection.Market, bool) {
	return lookFor(e, id, func(v View) (projection.Market, bool) { return v.Market(id) })
}

// Depth implements gateway.Reader.
func (e *Exchange) Depth(market exchange.MarketID, outcome exchange.Outcome, levels int) (projection.Depth, bool) {
	return lookFor(e, market, func(v View) (projection.Depth, bool) { return v.Depth(market, outcome, levels) })
}

// Markets implements gateway.Reader. A page may be shorter than its limit while markets move.
func (e *Exchange) Markets(f projection.MarketFilter) (page projection.MarketPage) {
	if only := e.only(); only != nil {
		return only.Markets(f)
	}
	limit := min(max(f.Limit, 1), projection.MaxPage)
	for {
		l := list[projection.Market]{e: e, order: func(a, b projection.Market) int { return f.Compare(f.Place(&a), f.Place(&b)) },
			market: func(m projection.Market) exchange.MarketID { return m.ID }}
		for _, s := range e.all() {
			p := s.View.Markets(f)
			l.add(s, p.Markets, p.More)
		}
		page.Markets, page.More = l.rows()
		if len(page.Markets) > limit {
			page.Markets, page.More = page.Markets[:limit], true
			page.Next = f.Place(&page.Markets[limit-1])
			return page
		}
		if page.More {
			page.Next = f.Place(&l.bound)
		}
		if len(page.Markets) > 0 || !page.More {
			return page
		}
		f.After = page.Next
	}
}
