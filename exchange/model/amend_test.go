package model

import (
	"reflect"
	"testing"

	"github.com/hustings/hustings/exchange"
)

func amend(who exchange.AccountID, number uint64, q exchange.Quantity, p exchange.Price) *exchange.AmendOrder {
	return &exchange.AmendOrder{Account: who, Market: 1, Order: order(number), Price: p, Quantity: q}
}

func TestAmendKeepsOrLosesItsPlace(t *testing.T) {
	tests := []struct {
		name     string
		quantity exchange.Quantity
		price    exchange.Price
		queue    []uint64
		open     exchange.Quantity
	}{
		{"nothing", 0, 0, []uint64{1, 2}, 10},
		{"same price, same quantity", 10, 6000, []uint64{1, 2}, 10},
		{"smaller", 4, 0, []uint64{1, 2}, 4},
		{"greater", 11, 0, []uint64{2, 1}, 11},
		{"worse price, smaller", 4, 5900, []uint64{2, 1}, 4},
		{"better price", 0, 6100, []uint64{1, 2}, 10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.do(buy(alice, 10, 6000))
			d.do(buy(bob, 10, 6000))
			reply := d.do(amend(alice, 1, test.quantity, test.price))
			want := exchange.Reply{ID: uint64(order(1)), Remaining: test.open, Version: 2}
			if reply != want {
				t.Errorf("got %+v, want %+v", reply, want)
			}
			d.queue(exchange.Buy, test.queue...)
			price := max(test.price, 5900)
			if test.price == 0 {
				price = 6000
			}
			d.holds(alice, exchange.Cost(price, test.open))
		})
	}
}

func TestAmendCountsWhatIsFilled(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 10, 6000))
	d.do(sell(bob, 4, 6000))
	d.refused(exchange.RejectQuantityFilled, amend(alice, 1, 4, 0))
	if reply := d.do(amend(alice, 1, 5, 0)); reply.Remaining != 1 {
		t.Errorf("%d rest", reply.Remaining)
	}
	d.holds(alice, 6000)
	d.do(amend(alice, 1, 7, 6100)) // 3 more
	d.holds(alice, 3*6100)
}

func TestAmendDecidesClosingAnew(t *testing.T) {
	d := newDesk(t, nil)
	d.do(sell(alice, 4, 6000)) // opens
	d.holds(alice, 4*4000)
	d.do(buy(alice, 6, 5000))
	d.do(sell(bob, 6, 5000)) // alice has 6 Yes, and order 1 does not know
	d.has(alice, Position{Yes: 6})
	d.do(amend(alice, 1, 0, 6100))
	d.has(alice, Position{Yes: 6, ReservedYes: 4})
	d.holds(alice, 0)
	d.do(amend(alice, 1, 8, 0))
	d.has(alice, Position{Yes: 6, ReservedYes: 6})
	d.holds(alice, 2*3900)
	d.do(amend(alice, 1, 5, 0)) // the opening part goes first
	d.has(alice, Position{Yes: 6, ReservedYes: 5})
	d.holds(alice, 0)
}

func TestRefusedAmendmentChangesNothing(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 5, 5000))
	d.do(sell(bob, 5, 5000))
	d.do(sell(alice, 5, 9000)) // order 3 reserves the 5 Yes
	d.do(buy(carol, 2, 9500))
	d.do(&exchange.CancelOrder{Account: alice, Market: 1, Order: order(3)})
	d.do(sell(alice, 3, 9000))
	d.do(sell(alice, 2, 6000, postOnly))
	d.do(buy(bob, 1, 5500))
	before := *d.order(1, order(6))
	d.refused(exchange.RejectPostOnlyCrosses, amend(alice, 6, 0, 5500))
	d.refused(exchange.RejectInsufficientFunds, amend(alice, 6, 1_000_000, 6500))
	if after := *d.order(1, order(6)); !reflect.DeepEqual(after, before) {
		t.Errorf("it was %+v and is %+v", before, after)
	}
	d.refused(exchange.RejectVersionMismatch, &exchange.AmendOrder{Account: alice, Market: 1, Order: order(6), Version: 2})
	d.refused(exchange.RejectOrderNotFound, amend(bob, 6, 1, 0))
}

func TestAmendTrades(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 10, 5000))
	d.do(sell(bob, 4, 6000))
	reply := d.do(amend(alice, 1, 0, 6200))
	if reply.Filled != 4 || reply.Cost != 4*6000 || reply.Remaining != 6 {
		t.Errorf("got %+v", reply)
	}
	d.holds(alice, 6*6200)
	d.cash(alice, 1_000_0000-4*6000-6*6200)
}
