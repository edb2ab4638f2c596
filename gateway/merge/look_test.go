package merge

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// leaving is the read model of a shard from which a market goes once it has been chosen to be read.
type leaving struct {
	View
	leave func()
}

func (l leaving) Market(id exchange.MarketID) (projection.Market, bool) {
	l.leave()
	return l.View.Market(id)
}

func (l leaving) Depth(id exchange.MarketID, outcome exchange.Outcome, levels int) (projection.Depth, bool) {
	l.leave()
	return l.View.Depth(id, outcome, levels)
}

func (l leaving) Order(id exchange.MarketID, order exchange.OrderID) (projection.Order, bool) {
	l.leave()
	return l.View.Order(id, order)
}

func (l leaving) Position(account exchange.AccountID, id exchange.MarketID, outcome exchange.Outcome) (projection.Position, bool) {
	l.leave()
	return l.View.Position(account, id, outcome)
}

func (l leaving) Holders(id exchange.MarketID) []projection.Position {
	l.leave()
	return l.View.Holders(id)
}

func (l leaving) OpenOrders(account exchange.AccountID, id exchange.MarketID, after exchange.OrderID, limit int) []projection.Order {
	l.leave()
	return l.View.OpenOrders(account, id, after, limit)
}

// behind is the read model of a shard that has not seen yet, the first few times it is asked, that a market has come.
type behind struct {
	View
	times *atomic.Int32
}

func (b behind) Holds(id exchange.MarketID) (projection.Moving, bool) {
	if b.times.Add(-1) >= 0 {
		return projection.Moving{}, false
	}
	return b.View.Holds(id)
}

// reads are all that the API asks about one market, and whether the answer is that of a market with an order of an account
// and one holder on each side.
func (f *fixture) reads(account exchange.AccountID, market exchange.MarketID, order exchange.OrderID) map[string]func() bool {
	return map[string]func() bool{
		"market": func() bool { m, ok := f.Market(market); return ok && m.OpenOrders == 1 },
		"depth":  func() bool { d, ok := f.Depth(market, 0, 5); return ok && len(d.Bids) == 1 },
		"order":  func() bool { o, ok := f.Order(market, order); return ok && o.Remaining == 5 },
		"position": func() bool {
			p, ok := f.Position(account, market, 0)
			return ok && p.Yes == 2
		},
		"holders": func() bool { return len(f.Holders(market)) == 2 },
		"open orders": func() bool {
			all := f.OpenOrders(account, market, 0, 10)
			return len(all) == 1 && all[0].ID == order
		},
	}
}

// A market that goes to another shard while it is read is there all the same: between the choice of a read model and the
// reading, and while one read model has seen that it is gone and the other one has not seen that it has come.
func TestAMarketIsReadWhileItGoes(t *testing.T) {
	f := newFixture(t, 3)
	id, other := f.trader("walter", 1_000_000), f.trader("wendy", 1_000_000)
	market := f.markets()[1]
	order := exchange.OrderID(f.accepted(f.buy(id, market, 5_000, 7))[0].ID)
	sell := f.buy(other, market, 5_000, 2)
	sell.Side = exchange.Sell
	f.accepted(sell)
	f.halt()
	from, to := exchange.ShardID(2), exchange.ShardID(3)
	for name, read := range f.reads(id, market, order) {
		source := f.shard(from).View
		went := false
		f.shard(from).View = leaving{source, sync.OnceFunc(func() {
			f.carry(market, from, to, func(string) {})
			went = true
		})}
		if ok := read(); !ok || !went {
			t.Errorf("the read of %s does not find what went (%t) elsewhere", name, went)
		}
		f.shard(from).View = source
		from, to = to, from
	}
	for name, read := range f.reads(id, market, order) {
		there := f.shard(from).View
		late := behind{there, new(atomic.Int32)}
		late.times.Store(5)
		f.shard(from).View = late
		if !read() {
			t.Errorf("the read of %s does not wait for what is coming", name)
		}
		if late.times.Load() >= 0 {
			t.Errorf("the read of %s did not look where the market is", name)
		}
		f.shard(from).View = there
	}
	if _, ok := f.Market(market + 1_000); ok {
		t.Error("there is a market that was never opened")
	}
}

// What is realised in a market goes with it and is counted once, also of a position that is closed.
func TestWhatIsRealisedMovesOnce(t *testing.T) {
	f := newFixture(t, 3)
	closed, open, other := f.trader("xavier", 1_000_000), f.trader("yvonne", 1_000_000), f.trader("zoe", 1_000_000)
	market := f.markets()[1]
	trade := func(buyer, seller exchange.AccountID, price exchange.Price, quantity exchange.Quantity) {
		sell := f.buy(seller, market, price, quantity)
		sell.Side = exchange.Sell
		f.accepted(f.buy(buyer, market, price, quantity))
		f.accepted(sell)
	}
	trade(closed, other, 4_000, 3)
	trade(open, other, 4_000, 5)
	trade(other, closed, 6_000, 3) // sold again for more
	trade(other, open, 6_000, 1)
	f.until(func() bool { return f.Totals().Outbox == 0 })
	want := map[exchange.AccountID]exchange.Money{closed: 6_000, open: 2_000, other: -8_000}
	check := func(step string) {
		t.Helper()
		for id, realised := range want {
			if p, _ := f.Portfolio(id); p.Realised != realised {
				t.Errorf("%s: account %d has realised %v, want %v", step, id, p.Realised, realised)
			}
		}
	}
	check("before")
	f.halt()
	f.carry(market, 2, 3, check)
	f.carry(market, 3, 1, check)
}
