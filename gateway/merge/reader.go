package merge

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// Now implements gateway.Reader: the latest log time of any shard.
func (e *Exchange) Now() (now exchange.Time) {
	for i := range e.shards {
		now = max(now, e.shards[i].View.Now())
	}
	return now
}

// Totals implements gateway.Reader. What is under way between shards is in Outbox.
func (e *Exchange) Totals() (sum projection.Totals) {
	e.steadily(func() {
		sum = projection.Totals{Accounts: e.home().Totals().Accounts}
		for i := range e.shards {
			t := e.shards[i].View.Totals()
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
	})
	return sum
}

// steadily reads while no transfer takes a step, so that cash which moves is seen once. Where transfers never rest, what is
// read last has to do.
func (e *Exchange) steadily(read func()) {
	const attempts = 8
	before := e.steps()
	for range attempts {
		read()
		after := e.steps()
		if slices.Equal(before, after) {
			return
		}
		before = after
	}
}

// steps changes with every step of a transfer.
func (e *Exchange) steps() (all []exchange.Money) {
	for i := range e.shards {
		t := e.shards[i].View.Totals()
		all = append(all, t.Received, t.Released, t.Outbox)
	}
	return all
}

// Account implements gateway.Reader: what is at home, with the sums over all shards and what is under way.
func (e *Exchange) Account(id exchange.AccountID) (sum projection.Account, ok bool) {
	e.steadily(func() {
		if sum, ok = e.home().Account(id); !ok {
			return
		}
		for i := range e.shards[1:] {
			if a, there := e.shards[i+1].View.Account(id); there {
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
	})
	return sum, ok
}

// underWay is an account's cash that has left a shard and not reached another.
func (e *Exchange) underWay(id exchange.AccountID) (sum exchange.Money) {
	for i := range e.shards {
		view := e.shards[i].View
		if view.Totals().Outbox == 0 {
			continue
		}
		for _, t := range view.Outbox() {
			if t.Account == id && t.Number > e.shard(t.To).View.Received(exchange.HomeShard+exchange.ShardID(i)) {
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
	if sum.Account, ok = e.Account(id); !ok {
		return sum, false
	}
	for i := range e.shards {
		if p, there := e.shards[i].View.Portfolio(id); there {
			sum.Positions += p.Positions
			sum.Value += p.Value
			sum.Cost += p.Cost
			sum.Realised += p.Realised
		}
	}
	return sum, true
}

// Positions implements gateway.Reader.
func (e *Exchange) Positions(id exchange.AccountID, after projection.PositionCursor, limit int) (all []projection.Position) {
	for i := range e.shards {
		all = append(all, e.shards[i].View.Positions(id, after, limit)...)
	}
	slices.SortFunc(all, func(a, b projection.Position) int {
		return cmp.Or(cmp.Compare(b.Market, a.Market), cmp.Compare(a.Outcome, b.Outcome))
	})
	return all[:min(len(all), limit)]
}

// OpenOrders implements gateway.Reader. Shards number their orders by themselves, so orders of different shards may have
// the same id. Those are on one page, which may have a few more than the limit for it.
func (e *Exchange) OpenOrders(id exchange.AccountID, market exchange.MarketID, after exchange.OrderID, limit int) (all []projection.Order) {
	if market != 0 {
		return e.of(market).OpenOrders(id, market, after, limit)
	}
	for i := range e.shards {
		all = append(all, e.shards[i].View.OpenOrders(id, 0, after, limit)...)
	}
	slices.SortStableFunc(all, func(a, b projection.Order) int { return cmp.Compare(b.ID, a.ID) })
	end := min(len(all), limit)
	for end > 0 && end < len(all) && all[end].ID == all[end-1].ID {
		end++
	}
	return all[:end]
}

// Position implements gateway.Reader.
func (e *Exchange) Position(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) (projection.Position, bool) {
	return e.of(market).Position(account, market, outcome)
}

// Order implements gateway.Reader.
func (e *Exchange) Order(market exchange.MarketID, order exchange.OrderID) (projection.Order, bool) {
	return e.of(market).Order(market, order)
}

// Holders implements gateway.Reader.
func (e *Exchange) Holders(market exchange.MarketID) []projection.Position {
	return e.of(market).Holders(market)
}

// Market implements gateway.Reader.
func (e *Exchange) Market(id exchange.MarketID) (projection.Market, bool) { return e.of(id).Market(id) }

// Depth implements gateway.Reader.
func (e *Exchange) Depth(market exchange.MarketID, outcome exchange.Outcome, levels int) (projection.Depth, bool) {
	return e.of(market).Depth(market, outcome, levels)
}

// Markets implements gateway.Reader.
func (e *Exchange) Markets(f projection.MarketFilter) (page projection.MarketPage) {
	for i := range e.shards {
		p := e.shards[i].View.Markets(f)
		page.Markets, page.More = append(page.Markets, p.Markets...), page.More || p.More
	}
	slices.SortFunc(page.Markets, func(a, b projection.Market) int { return f.Compare(f.Place(&a), f.Place(&b)) })
	if limit := min(max(f.Limit, 1), projection.MaxPage); len(page.Markets) > limit {
		page.Markets, page.More = page.Markets[:limit], true
	}
	if n := len(page.Markets); page.More && n > 0 {
		page.Next = f.Place(&page.Markets[n-1])
	}
	return page
}
