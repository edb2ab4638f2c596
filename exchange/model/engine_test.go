package model

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

func TestIdempotency(t *testing.T) {
	d := newDesk(t, nil)
	keyed := func(q exchange.Quantity) *exchange.PlaceOrder {
		return buy(alice, q, 5000, func(o *exchange.PlaceOrder) { o.Key = exchange.Key{7} })
	}
	first := d.do(keyed(5))
	d.wait(24 * 3600 * second)
	again := keyed(5)
	again.ClientID = []byte{} // the same as none
	if reply := d.try(again); reply != first {
		t.Errorf("got %+v, want %+v", reply, first)
	}
	d.refused(exchange.RejectKeyReused, keyed(6))
	d.queue(exchange.Buy, 1)
	d.wait(1)
	d.do(keyed(6))
	d.queue(exchange.Buy, 1, 2)

	refused := buy(bob, 1, 0, func(o *exchange.PlaceOrder) { o.Key = exchange.Key{8} })
	first = d.try(refused)
	d.wait(1)
	if reply := d.try(refused); reply != first || reply.Code != exchange.RejectPriceOutOfRange {
		t.Errorf("got %+v, want %+v", reply, first)
	}
}

func TestPrecedence(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.Tick.Middle = 100 })
	d.refused(exchange.RejectAccountNotFound, buy(9, 0, 0, inGroup(5)))
	d.refused(exchange.RejectMarketNotFound, buy(alice, 0, 0, inGroup(5), func(o *exchange.PlaceOrder) { o.Market = 2 }))
	d.refused(exchange.RejectOutcomeNotFound, buy(alice, 0, 0, inGroup(5), func(o *exchange.PlaceOrder) { o.Outcome = 1 }))
	d.refused(exchange.RejectGroupNotFound, buy(alice, 0, 0, inGroup(5)))
	d.refused(exchange.RejectOptionsConflict, buy(alice, 0, 0, postOnly, fillOrKill))
	d.refused(exchange.RejectPriceOutOfRange, buy(alice, 0, 0))
	d.refused(exchange.RejectPriceOffTick, buy(alice, 0, 150))
	d.refused(exchange.RejectQuantityOutOfRange, buy(alice, 0, 100))
	d.refused(exchange.RejectNothingToReduce, buy(alice, 1_000_000, 100, reduceOnly))
	d.do(sell(bob, 1, 5000))
	d.Markets[0].Spec.PositionLimit = 10
	d.refused(exchange.RejectPositionLimit, buy(alice, 1_000_000, 9900, postOnly))
	d.Markets[0].Spec.PositionLimit = 1_000_000
	d.refused(exchange.RejectInsufficientFunds, buy(alice, 1_000_000, 9900, postOnly))
}

func TestOptionsConflict(t *testing.T) {
	spec := &exchange.MarketSpec{}
	tests := []struct {
		name  string
		order exchange.PlaceOrder
		want  bool
	}{
		{"plain", exchange.PlaceOrder{}, false},
		{"market order that rests", exchange.PlaceOrder{Flags: exchange.MarketOrder}, true},
		{"post-only at once", exchange.PlaceOrder{Flags: exchange.PostOnly, TimeInForce: exchange.ImmediateOrCancel}, true},
		{"cost of a limit order", exchange.PlaceOrder{MaxCost: 1}, true},
		{"expiry without", exchange.PlaceOrder{ExpireAt: 1}, true},
		{"no expiry", exchange.PlaceOrder{TimeInForce: exchange.GoodTillTime}, true},
		{"self-trade", exchange.PlaceOrder{SelfTrade: exchange.AllowSelfTrade}, true},
	}
	for _, test := range tests {
		if got := optionsConflict(&test.order, spec); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

func TestNames(t *testing.T) {
	d := newDesk(t, nil)
	d.refused(exchange.RejectNameTaken, &exchange.Register{Name: "bob"})
	for _, name := range []string{"ab", "Dave", "da ve", "dävid", strings.Repeat("x", 33)} {
		d.refused(exchange.RejectNameInvalid, &exchange.Register{Name: name})
	}
	if reply := d.do(&exchange.Register{Name: "d.a_v-e4"}); reply.ID != 4 {
		t.Errorf("got %+v", reply)
	}
}

func TestCopySharesNothing(t *testing.T) {
	d := newDesk(t, nil)
	g := exchange.GroupID(d.do(&exchange.CreateGroup{Account: alice, Limit: 100, Window: second}).ID)
	d.do(buy(alice, 10, 5000, inGroup(g)))
	d.do(sell(bob, 2, 5000))
	undo, want := d.copy(), d.copy()
	d.do(sell(bob, 3, 5000))
	d.do(buy(carol, 3, 4000))
	d.do(&exchange.MassCancel{Account: alice})
	undo.events, want.events = nil, nil
	if !reflect.DeepEqual(undo, want) {
		t.Error("the copy changed with the original")
	}
}

// Every invariant is seen to be broken when it is.
func TestCheckFindsFaults(t *testing.T) {
	tests := []struct {
		name   string
		damage func(*desk)
		want   string
	}{
		{"cash", func(d *desk) { d.Accounts[0].Cash++ }, "came in"},
		{"negative", func(d *desk) { d.Accounts[0].Cash = -1 }, "cash"},
		{"hold", func(d *desk) { d.order(1, order(3)).Hold++; d.Accounts[0].Cash-- }, "holds"},
		{"reserved", func(d *desk) { d.Markets[0].Books[0].Positions[alice].ReservedYes-- }, "reserved"},
		{"pairs", func(d *desk) { d.Markets[0].Books[0].Positions[bob].No++ }, "yes but"},
		{"escrow", func(d *desk) { d.Markets[0].Escrow++; d.Accounts[0].Cash-- }, "escrow"},
		{"paid", func(d *desk) { d.Markets[0].Books[0].Positions[bob].Paid++ }, "accounts paid"},
		{"queue", func(d *desk) { s := d.Markets[0].Books[0].Sides[0]; s[0], s[1] = s[1], s[0] }, "stands before"},
		{"crossed", func(d *desk) { d.order(1, order(3)).Price = 3000 }, "meets"},
		{"filled", func(d *desk) { d.order(1, order(3)).Filled++ }, "quantity"},
		{"limit", func(d *desk) { d.Markets[0].Spec.PositionLimit = 4 }, "limit"},
		{"blocked", func(d *desk) { d.Accounts[0].Blocked = true }, "may still trade"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.do(buy(alice, 5, 5000))
			d.do(sell(bob, 5, 5000))
			d.do(sell(alice, 2, 6000))
			d.do(buy(carol, 2, 4000))
			d.do(buy(carol, 2, 4000))
			test.damage(d)
			if err := d.Check(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
