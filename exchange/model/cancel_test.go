package model

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

func TestDoomedOrdersCannotTradeButCount(t *testing.T) {
	d := newDesk(t, nil)
	d.do(&exchange.SetLimits{Account: alice, MaxOpenOrders: 2})
	d.do(sell(alice, 5, 5000))
	d.do(sell(alice, 5, 5100))
	d.Apply(d.Now, &exchange.MassCancel{Account: alice}) // without draining
	if reply, _ := d.Apply(d.Now, buy(alice, 1, 100)); reply.Code != exchange.RejectTooManyOrders {
		t.Errorf("got %v", reply.Code)
	}
	// The doomed orders do not stop a post-only buy, which removes the one it meets.
	if reply, _ := d.Apply(d.Now, buy(bob, 5, 5000, postOnly)); reply.Remaining != 5 {
		t.Errorf("got %+v", reply)
	}
	d.check()
	d.queue(exchange.Sell, 2)
	if reply, _ := d.Apply(d.Now, &exchange.CancelOrder{Account: alice, Market: 1, Order: order(2)}); reply.Code != 0 {
		t.Errorf("cancelling a doomed order: %v", reply.Code)
	}
	d.holds(alice, 0)
	d.cash(alice, 1_000_0000)
}

func TestMassCancel(t *testing.T) {
	d := newDesk(t, nil)
	d.open(nil)
	g := exchange.GroupID(d.do(&exchange.CreateGroup{Account: alice, Limit: 5, Window: second}).ID)
	elsewhere := func(o *exchange.PlaceOrder) { o.Market = 2 }
	place := func() {
		d.do(buy(alice, 1, 1000))
		d.do(buy(alice, 1, 1000, elsewhere))
		d.do(buy(alice, 1, 1000, elsewhere, inGroup(g)))
		d.do(buy(bob, 1, 1000))
	}
	tests := []struct {
		cmd  exchange.MassCancel
		want int
	}{
		{exchange.MassCancel{Account: alice}, 3},
		{exchange.MassCancel{Account: alice, Market: 2}, 2},
		{exchange.MassCancel{Account: alice, Group: g}, 1},
		{exchange.MassCancel{Account: bob}, 1},
	}
	for _, test := range tests {
		place()
		before := len(d.AllOrders())
		d.do(&test.cmd)
		if got := before - len(d.AllOrders()); got != test.want {
			t.Errorf("%+v cancels %d, want %d", test.cmd, got, test.want)
		}
		d.do(&exchange.MassCancel{Account: alice})
		d.do(&exchange.MassCancel{Account: bob})
	}
	if n := len(d.AllOrders()); n != 0 {
		t.Errorf("%d orders are left", n)
	}
}

func TestDeadManSwitch(t *testing.T) {
	d := newDesk(t, nil)
	d.refused(exchange.RejectTermsInvalid, &exchange.SetDeadMan{Account: alice, Timeout: second - 1})
	d.do(&exchange.SetDeadMan{Account: alice, Timeout: 10 * second})
	d.do(buy(alice, 1, 1000))
	d.wait(10*second - 1)
	d.do(&exchange.SetDeadMan{Account: alice, Timeout: 10 * second})
	d.wait(10*second - 1)
	d.queue(exchange.Buy, 1)
	d.wait(1)
	d.queue(exchange.Buy)
	d.do(buy(alice, 1, 1000)) // it goes off once
	d.wait(100 * second)
	d.queue(exchange.Buy, 2)
}

func TestBlockedAccount(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 1, 1000))
	d.do(&exchange.SetLimits{Account: alice, Version: 1, MaxOpenOrders: 5, Blocked: true})
	d.queue(exchange.Buy)
	d.refused(exchange.RejectAccountBlocked, buy(alice, 1, 1000))
	d.refused(exchange.RejectAccountBlocked, &exchange.Withdraw{Account: alice, Amount: 1})
	d.do(&exchange.MassCancel{Account: alice})
	d.refused(exchange.RejectVersionMismatch, &exchange.SetLimits{Account: alice, Version: 1})
	d.do(&exchange.SetLimits{Account: alice, Version: 2, MaxOpenOrders: 5})
	d.do(buy(alice, 1, 1000))
}
