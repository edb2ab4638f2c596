package shard

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/timer"
	"github.com/hustings/hustings/exchange/wire"
)

// newForeign returns a shard with two orders of account 1 at 0.4, one in each of two markets, that have the same id: the
// one of market 2 came from elsewhere. So does a third one of account 1, behind it in market 2, whose slot no order here
// ever had. All of them end at time 100.
func newForeign(t *testing.T) (s *Shard, same, other exchange.OrderID) {
	s = New()
	spec := exchange.MarketSpec{Question: "Will it be found?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 1_000}
	apply(t, s, 1, &exchange.Register{Name: "alice"}, &exchange.Register{Name: "bobby"},
		&exchange.Deposit{Account: 1, Amount: 1_000_0000}, &exchange.Deposit{Account: 2, Amount: 1_000_0000},
		&exchange.CreateMarket{Spec: spec}, &exchange.CreateMarket{Spec: spec})
	for _, market := range []exchange.MarketID{1, 2, 2} {
		apply(t, s, 1, &exchange.PlaceOrder{Account: 1, Market: market, Price: 4_000, Quantity: 10,
			TimeInForce: exchange.GoodTillTime, ExpireAt: 100})
	}
	same, other = exchange.NewOrderID(1, 1), exchange.NewOrderID(7, 70_000)
	adopt := func(slot uint32, id exchange.OrderID) {
		o := s.orders.At(slot)
		o.ID = id
		x := s.extras.At(o.Extra)
		s.timers.Remove(x.timer)
		x.timer = s.timers.Add(x.expireAt, timer.ExpireOrder, uint64(exchange.NewOrderID(0, slot)))
		s.noteForeign(o, slot)
	}
	adopt(2, same)
	adopt(3, other)
	s.number = other.Number()
	return s, same, other
}

// atPrice returns the orders at 0.4 in a market.
func atPrice(s *Shard, market exchange.MarketID) (ids []exchange.OrderID) {
	for slot := s.books.At(s.market(market).Books).Queue(4_000); slot != 0; slot = s.orders.At(slot).Behind() {
		ids = append(ids, s.orders.At(slot).ID)
	}
	return ids
}

// An order is known by its market and its id, whatever is done to it, in the state as in the fold of its events.
func TestOrdersOfOneIDInTwoMarkets(t *testing.T) {
	const same = exchange.OrderID(1<<exchange.OrderSlotBits | 1)
	const other = exchange.OrderID(7<<exchange.OrderSlotBits | 70_000)
	a := func(m exchange.MarketID, id exchange.OrderID) exchange.AmendOrder {
		return exchange.AmendOrder{Account: 1, Market: m, Order: id}
	}
	worse, fewer, gone := a(2, same), a(2, other), a(1, other)
	worse.Price, fewer.Quantity, gone.Quantity = 3_000, 4, 4
	sell := exchange.PlaceOrder{Account: 2, Market: 2, Side: exchange.Sell, Price: 4_000, Quantity: 15}
	for _, c := range []struct {
		name          string
		at            exchange.Time
		cmd           exchange.Command
		code          exchange.Reject
		first, second []exchange.OrderID // what rests at 0.4 in markets 1 and 2 afterwards
	}{
		{"cancel", 1, &exchange.CancelOrder{Account: 1, Market: 2, Order: same}, 0, []exchange.OrderID{same}, []exchange.OrderID{other}},
		{"cancel its double", 1, &exchange.CancelOrder{Account: 1, Market: 1, Order: same}, 0, nil, []exchange.OrderID{same, other}},
		{"cancel the other", 1, &exchange.CancelOrder{Account: 1, Market: 2, Order: other}, 0, []exchange.OrderID{same}, []exchange.OrderID{same}},
		{"cancel where it is not", 1, &exchange.CancelOrder{Account: 1, Market: 1, Order: other}, exchange.RejectOrderNotFound,
			[]exchange.OrderID{same}, []exchange.OrderID{same, other}},
		{"amend", 1, &worse, 0, []exchange.OrderID{same}, []exchange.OrderID{other}},
		{"amend in place", 1, &fewer, 0, []exchange.OrderID{same}, []exchange.OrderID{same, other}},
		{"amend where it is not", 1, &gone, exchange.RejectOrderNotFound, []exchange.OrderID{same}, []exchange.OrderID{same, other}},
		{"trade", 1, &sell, 0, []exchange.OrderID{same}, []exchange.OrderID{other}},
		{"mass cancel", 1, &exchange.MassCancel{Account: 1}, 0, nil, nil},
		{"expire", 100, &exchange.Deposit{Account: 2, Amount: 1}, 0, nil, nil},
	} {
		for _, kind := range []string{"", ", restored"} {
			s, _, _ := newForeign(t)
			if kind != "" {
				_, load := dump(t, s.Freeze())
				s = load()
			}
			fold, err := s.View()
			if err != nil {
				t.Fatal(err)
			}
			batch, err := wire.AppendCommand(wire.AppendBatchHead(nil, c.at, 1), c.cmd)
			if err != nil {
				t.Fatal(err)
			}
			var out Output
			if err := s.Apply(batch, &out); err != nil {
				t.Fatal(err)
			}
			if r := out.Replies[0]; r.Code != c.code || !slices.Equal(atPrice(s, 1), c.first) || !slices.Equal(atPrice(s, 2), c.second) {
				t.Errorf("%s%s: %+v, and there rest %v and %v", c.name, kind, r, atPrice(s, 1), atPrice(s, 2))
			}
			foldsTo(t, c.name+kind, fold, s, &out)
			if want := len(c.second); c.name != "amend" && s.foreign.count != want {
				t.Errorf("%s%s: %d orders from elsewhere are known, want %d", c.name, kind, s.foreign.count, want)
			}
		}
	}
}

// foldsTo folds what a batch did and compares with the state.
func foldsTo(t *testing.T, name string, fold *projection.View, s *Shard, out *Output) {
	t.Helper()
	if err := fold.Apply(s.Now(), out.FirstSeq, out.Events, out.Count); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	want, err := s.View()
	if err != nil {
		t.Fatal(err)
	}
	if err := fold.Check(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, line := range fold.Diff(want) {
		t.Errorf("%s: %s", name, line)
	}
}

// Reads name orders by their market too, and what is known of them beside the state finds them again.
func TestReadsOfOrdersOfOneID(t *testing.T) {
	s, same, other := newForeign(t)
	v, err := s.View()
	if err != nil {
		t.Fatal(err)
	}
	for market := exchange.MarketID(1); market <= 2; market++ {
		if o, ok := v.Order(market, same); !ok || o.Market != market {
			t.Errorf("market %d has %+v", market, o)
		}
	}
	if _, ok := v.Order(1, other); ok {
		t.Error("the order of market 2 was found in market 1")
	}
	if o, ok := v.Order(2, other); !ok || o.ID != other {
		t.Errorf("market 2 has %+v", o)
	}
	for _, market := range []exchange.MarketID{0, 2} {
		all := v.OpenOrders(1, market, 0, 10)
		behind := v.OpenOrders(1, market, other, 10)
		if len(all) != len(behind)+1 || all[0].ID != other || !slices.EqualFunc(all[1:], behind, func(a, b projection.Order) bool { return a.ID == b.ID && a.Market == b.Market }) {
			t.Errorf("orders of market %d: %v; behind the first: %v", market, all, behind)
		}
	}
	// Page by page, however few are asked for, come all of them, newest first, and those of one id on one page.
	var pages []exchange.OrderID
	for after := exchange.OrderID(0); ; {
		page := v.OpenOrders(1, 0, after, 1)
		if len(page) == 0 {
			break
		}
		for _, o := range page {
			pages, after = append(pages, o.ID), o.ID
		}
	}
	if !slices.Equal(pages, []exchange.OrderID{other, same, same}) {
		t.Errorf("page by page come %v", pages)
	}
	b, err := s.Builder()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.AddStatistics(v.AppendStatistics(nil)); err != nil {
		t.Error(err)
	}
}
