package model

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

func TestTradeAtRestingPrice(t *testing.T) {
	d := newDesk(t, nil)
	d.do(sell(alice, 5, 6000)) // holds 5 × 0.4000
	d.do(sell(bob, 5, 5900))   // holds 5 × 0.4100
	d.do(sell(carol, 5, 5900))
	d.holds(alice, 2_0000)
	d.queue(exchange.Sell, 2, 3, 1)

	reply := d.do(buy(alice, 12, 5950)) // meets bob, then carol; its own at 0.6000 is out of reach
	want := exchange.Reply{ID: uint64(order(4)), Cost: 10 * 5900, Filled: 10, Remaining: 2, Version: 1}
	if reply != want {
		t.Errorf("got %+v, want %+v", reply, want)
	}
	d.cash(alice, 1_000_0000-2_0000-10*5900-2*5950)
	d.cash(bob, 1_000_0000-5*4100)
	d.has(alice, Position{Yes: 10})
	d.has(carol, Position{No: 5})
	d.queue(exchange.Sell, 1)
	d.queue(exchange.Buy, 4)
}

func TestClosingAndMerging(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 10, 6000))
	d.do(sell(bob, 10, 6000))
	d.cash(alice, 1_000_0000-6_0000)
	d.cash(bob, 1_000_0000-4_0000)

	// Alice sells 4 of her 10, and 3 to carol at a better price: proceeds 3 × 0.7000 at once, nothing held.
	d.do(buy(carol, 3, 7000))
	d.do(sell(alice, 4, 6500))
	d.cash(alice, 1_000_0000-6_0000+3*7000)
	d.has(alice, Position{Yes: 7, ReservedYes: 1})
	d.holds(alice, 0)

	// Selling 8 more closes the 6 that are free and opens 2.
	d.do(sell(alice, 8, 8000))
	d.has(alice, Position{Yes: 7, ReservedYes: 7})
	d.holds(alice, 2*2000)

	// Bob closes 8 of his No: 1 of alice's order 4, then 7 of order 5, of which 6 close and 1 opens.
	d.do(buy(bob, 8, 8000))
	d.has(bob, Position{No: 2})
	d.has(alice, Position{No: 1})
	d.cash(bob, 1_000_0000-4_0000+1*3500+7*2000)
	d.holds(alice, 1*2000)
}

func TestFreedReservationMerges(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 5, 5000))
	d.do(sell(bob, 5, 5000))
	d.do(sell(alice, 5, 9000)) // reserves all her Yes
	d.do(sell(alice, 3, 6000)) // so this opens No
	d.do(buy(carol, 3, 6000))
	d.has(alice, Position{Yes: 5, No: 3, ReservedYes: 5})
	before := d.account(alice).Cash
	d.do(&exchange.CancelOrder{Account: alice, Market: 1, Order: order(3)})
	d.has(alice, Position{Yes: 2})
	d.cash(alice, before+3*1_0000)
}

func TestSelfTradeModes(t *testing.T) {
	tests := []struct {
		name            string
		mode            exchange.SelfTrade
		filled, rests   exchange.Quantity
		asksAfter, bids []uint64
	}{
		// Alice's 4 at 0.6000 stand before bob's 10 at 0.6000; she buys 6.
		{"cancel taker", exchange.CancelTaker, 0, 0, []uint64{1, 2}, nil},
		{"cancel maker", exchange.CancelMaker, 6, 0, []uint64{2}, nil},
		{"cancel both", exchange.CancelBoth, 0, 0, []uint64{2}, nil},
		{"decrease both", exchange.DecreaseBoth, 2, 0, []uint64{2}, nil},
		{"allow", exchange.AllowSelfTrade, 6, 0, []uint64{2}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.do(sell(alice, 4, 6000))
			d.do(sell(bob, 10, 6000))
			reply := d.do(buy(alice, 6, 6000, mode(test.mode)))
			if reply.Filled != test.filled || reply.Remaining != test.rests {
				t.Errorf("filled %d, rests %d", reply.Filled, reply.Remaining)
			}
			d.queue(exchange.Sell, test.asksAfter...)
			d.queue(exchange.Buy, test.bids...)
		})
	}
}

func TestDecreaseBothLeavesTheLargerOrder(t *testing.T) {
	d := newDesk(t, nil)
	d.do(sell(alice, 10, 6000))
	d.do(buy(alice, 4, 6000, mode(exchange.DecreaseBoth)))
	o := d.order(1, order(1))
	if o.Quantity != 6 || o.Open() != 6 {
		t.Errorf("%d of %d are open, want 6 of 6", o.Open(), o.Quantity)
	}
	d.holds(alice, 6*4000)
}

func TestSelfTradeAllowedMergesAtTheTaker(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 4, 3000))
	d.do(sell(alice, 4, 3000, mode(exchange.AllowSelfTrade)))
	if trade := d.trades[0]; trade.MakerMerged != 0 || trade.TakerMerged != 4 {
		t.Errorf("merged %d and %d", trade.MakerMerged, trade.TakerMerged)
	}
	d.cash(alice, 1_000_0000)
	d.has(alice, Position{})
}

func TestTimesInForce(t *testing.T) {
	d := newDesk(t, nil)
	d.do(sell(bob, 5, 6000))
	d.refused(exchange.RejectUnfillable, buy(alice, 6, 6000, fillOrKill))
	d.refused(exchange.RejectPostOnlyCrosses, buy(alice, 1, 6000, postOnly))
	d.refused(exchange.RejectPostOnlyCrosses, buy(bob, 1, 6000, postOnly)) // whoever's order stands there
	if reply := d.do(buy(alice, 8, 6000, immediate)); reply.Filled != 5 || reply.Remaining != 0 {
		t.Errorf("immediate: %+v", reply)
	}
	d.queue(exchange.Buy)
	d.do(sell(bob, 5, 6000))
	if reply := d.do(buy(alice, 5, 6000, fillOrKill)); reply.Filled != 5 {
		t.Errorf("fill or kill: %+v", reply)
	}
	d.do(buy(alice, 1, 6000, postOnly))
	d.do(buy(alice, 1, 5000, func(o *exchange.PlaceOrder) {
		o.TimeInForce, o.ExpireAt = exchange.GoodTillTime, d.Now+10
	}))
	d.wait(9)
	d.queue(exchange.Buy, 5, 6)
	d.wait(1)
	d.queue(exchange.Buy, 5)
}

func TestMaxCost(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee = 700 })
	d.do(sell(bob, 10, 6000))
	// Each contract costs 0.6000 and 0.0168 in fees: 8 of them 4.9344.
	if reply := d.do(buy(alice, 10, 7000, atMarket(5_0000))); reply.Filled != 8 || reply.Fees != 1344 {
		t.Errorf("got %+v", reply)
	}
	// Closing costs nothing but the fee: 8 × 0.07 × 0.25 = 0.1400.
	d.do(buy(carol, 9, 5000))
	if reply := d.do(sell(alice, 8, 4000, atMarket(1399))); reply.Filled != 7 {
		t.Errorf("got %+v", reply)
	}
}

func TestReduceOnly(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 5, 5000))
	d.do(sell(bob, 5, 5000))
	d.refused(exchange.RejectNothingToReduce, buy(alice, 1, 5000, reduceOnly))
	if reply := d.do(sell(alice, 8, 6000, reduceOnly)); reply.Remaining != 5 {
		t.Errorf("%d rest, want the 5 that close", reply.Remaining)
	}
	d.refused(exchange.RejectNothingToReduce, sell(alice, 1, 6000, reduceOnly)) // all are reserved
	d.do(buy(bob, 5, 6000))
	d.has(alice, Position{})
}

func TestPositionLimitCollarGrid(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) {
		s.PositionLimit, s.Collar = 10, 500
		s.Tick = exchange.TickRule{Middle: 100, Edge: 10, EdgeWidth: 1000}
	})
	d.do(buy(alice, 6, 5000))
	d.refused(exchange.RejectPositionLimit, buy(alice, 5, 4000))
	d.do(buy(alice, 4, 4000))
	d.do(sell(bob, 6, 5000))
	d.refused(exchange.RejectPositionLimit, buy(alice, 1, 4000))
	d.refused(exchange.RejectPriceOutsideCollar, buy(carol, 1, 5600))
	d.refused(exchange.RejectPriceOutsideCollar, sell(carol, 1, 4400))
	d.do(buy(carol, 1, 5500))
	d.do(sell(bob, 1, 9000)) // away from the market there is no bound
	d.refused(exchange.RejectPriceOffTick, buy(carol, 1, 4450))
	d.refused(exchange.RejectPriceOffTick, buy(carol, 1, 995))
	d.do(buy(carol, 1, 990))

	// The collar moves a market order's worst price to 0.5000 + 0.0500, so it does not reach 0.9000.
	d.do(sell(bob, 1, 5500)) // trades with carol's bid
	d.do(sell(bob, 1, 6000))
	if reply := d.do(buy(carol, 3, 9900, atMarket(0))); reply.Filled != 1 || reply.Cost != 6000 {
		t.Errorf("got %+v", reply)
	}
}
