package merge

import (
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// groupDesk is a trader with a group, and another one to trade with.
type groupDesk struct {
	*fixture
	trader, other exchange.AccountID
	group         exchange.GroupID
}

func newGroupDesk(t *testing.T, shards int, limit exchange.Quantity) *groupDesk {
	f := newFixture(t, shards)
	d := &groupDesk{fixture: f, trader: f.trader("quinn", 10_000_000), other: f.trader("rob", 10_000_000)}
	d.group = exchange.GroupID(f.accepted(&exchange.CreateGroup{Account: d.trader, Key: f.key(), Limit: limit, Window: exchange.Duration(time.Hour)})[0].ID)
	return d
}

func (d *groupDesk) grouped(market exchange.MarketID, quantity exchange.Quantity) *exchange.PlaceOrder {
	o := d.buy(d.trader, market, 5_000, quantity)
	o.Group = d.group
	return o
}

// sell sells to whoever buys, and returns how much was filled.
func (d *groupDesk) sell(market exchange.MarketID, quantity exchange.Quantity) exchange.Quantity {
	d.Helper()
	return d.accepted(&exchange.PlaceOrder{Account: d.other, Key: d.key(), Market: market, Side: exchange.Sell, Price: 5_000, Quantity: quantity,
		TimeInForce: exchange.ImmediateOrCancel})[0].Filled
}

func (d *groupDesk) change(action exchange.GroupAction) {
	d.Helper()
	d.accepted(&exchange.ChangeGroup{Account: d.trader, Key: d.key(), Group: d.group, Action: action})
}

func (d *groupDesk) openOrders() uint32 {
	a, _ := d.Account(d.trader)
	return a.OpenOrders
}

// The fills of a group count together, wherever they are, and what passes the limit ends its orders on every shard.
func TestAGroupHasOneLimitOnAllShards(t *testing.T) {
	d := newGroupDesk(t, 3, 10)
	markets := d.markets()
	for _, m := range markets {
		d.accepted(d.grouped(m, 20))
	}
	for i, m := range markets { // 4, 8, 12
		if got := d.sell(m, 4); got != 4 {
			t.Errorf("%d of 4 are filled in market %d", got, i)
		}
	}
	d.until(func() bool { return d.openOrders() == 0 })
	for _, m := range markets {
		if r := d.give(d.grouped(m, 1))[0]; r.Code != exchange.RejectGroupTriggered {
			t.Errorf("an order of a triggered group is answered %v", r.Code)
		}
	}
	if g := d.Groups(d.trader); len(g) != 1 || g[0].State != projection.GroupTriggered {
		t.Errorf("the group is %+v", g)
	}
	d.change(exchange.ResetGroup)
	for _, m := range markets { // at once, and none of the fills of before counts
		d.accepted(d.grouped(m, 3))
		if got := d.sell(m, 3); got != 3 {
			t.Errorf("%d of 3 are filled after the reset", got)
		}
	}
	for _, s := range d.sites {
		if err := s.View().Check(); err != nil {
			t.Error(err)
		}
	}
}

// Once a trigger by hand was answered, nothing of the group trades anywhere.
func TestATriggerByHandHoldsEverywhereAtOnce(t *testing.T) {
	d := newGroupDesk(t, 3, 1_000)
	markets := d.markets()
	for range 5 {
		for _, m := range markets {
			d.accepted(d.grouped(m, 2))
		}
		d.change(exchange.TriggerGroup)
		for _, m := range markets {
			if got := d.sell(m, 2); got != 0 {
				t.Errorf("%d contracts of a triggered group are filled", got)
			}
		}
		d.change(exchange.ResetGroup)
	}
	d.change(exchange.DeleteGroup)
	for _, m := range markets {
		if r := d.give(d.grouped(m, 1))[0]; r.Code != exchange.RejectGroupNotFound {
			t.Errorf("an order of a deleted group is answered %v", r.Code)
		}
	}
}

// A group that there is not, or of somebody else, is refused for good wherever it is named.
func TestAGroupThatThereIsNot(t *testing.T) {
	d := newGroupDesk(t, 2, 10)
	for _, m := range d.markets() {
		unknown, others := d.grouped(m, 1), d.grouped(m, 1)
		unknown.Group, others.Account = 99, d.other
		for _, o := range []*exchange.PlaceOrder{unknown, others, unknown} {
			if r := d.give(o)[0]; r.Code != exchange.RejectGroupNotFound || r.Seq == 0 {
				t.Errorf("an order of a group that its account has not is answered %+v", r)
			}
		}
	}
}

// An order keeps its group when its market moves, and a cancel of the group finds it there; other orders stay.
func TestAGroupGoesWithItsMarkets(t *testing.T) {
	d := newGroupDesk(t, 2, 1_000)
	market := exchange.MarketID(d.accepted(&exchange.CreateMarket{Key: d.key(), Spec: spec("Will the group go with it?")})[0].ID)
	d.accepted(d.grouped(market, 5), d.buy(d.trader, market, 4_000, 5))
	for round := range 4 {
		m, err := d.Map.Put(market, exchange.ShardID(2-round%2))
		d.place(m, err)
		d.settle(market)
		if open := d.shard(d.Map.Of(market)).View.Orders(market, 0, exchange.Buy); len(open) != 2 || open[0].Group != d.group || open[1].Group != 0 {
			t.Fatalf("after move %d the orders are %+v", round+1, open)
		}
		switch round {
		case 1:
			d.accepted(&exchange.MassCancel{Account: d.trader, Key: d.key(), Group: d.group})
			d.until(func() bool { return d.openOrders() == 1 })
			d.accepted(d.grouped(market, 5))
		case 2:
			d.change(exchange.TriggerGroup)
			d.until(func() bool { return d.openOrders() == 1 })
			d.change(exchange.ResetGroup)
			d.accepted(d.grouped(market, 5))
		}
	}
}
