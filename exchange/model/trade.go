package model

import (
	"sort"

	"github.com/hustings/hustings/exchange"
)

// tally adds up what a command's trades came to.
type tally struct {
	filled     int64
	cost, fees exchange.Money
	spent      exchange.Money // what counts against MaxCost
}

// trade lets an admitted order trade, and puts what is left where it belongs. If it meets nothing and rests at once,
// resting tells its event so; otherwise an event of its own follows the trades.
func (e *Engine) trade(o *Order, dropped int64, resting func(exchange.OrderRested)) exchange.Reply {
	resting(exchange.OrderRested{Cash: e.account(o.Account).Cash})
	if dropped > 0 {
		o.Opening = dropped
		e.takeOut(o, dropped, reduced(exchange.CancelReduceOnly))
	}
	first := len(e.events)
	sum, why, ended := e.walk(o)
	switch {
	case o.Open() == 0:
	case ended:
		e.takeOut(o, o.Open(), cancelled(why))
	case !o.mayRest():
		e.takeOut(o, o.Open(), cancelled(exchange.CancelImmediate))
	default:
		rested := e.rest(o)
		if len(e.events) == first {
			resting(rested)
		} else {
			e.emit(&rested)
		}
	}
	return exchange.Reply{ID: uint64(o.ID), Cost: sum.cost, Fees: sum.fees, Filled: exchange.Quantity(sum.filled),
		Remaining: exchange.Quantity(o.Open()), Version: o.Version}
}

// walk trades an arriving order against the best opposite orders while it can. It reports whether the order ended
// with contracts left that may not rest, and why.
func (e *Engine) walk(o *Order) (sum tally, why exchange.CancelReason, ended bool) {
	for o.Open() > 0 {
		side := e.placeOf(o).book.opposite(o.Side)
		if len(side) == 0 || !o.accepts(side[0].Price) {
			return sum, 0, false
		}
		resting := side[0]
		if e.dead(resting) {
			e.removeDead(resting)
			continue
		}
		if resting.Account == o.Account && o.SelfTrade != exchange.AllowSelfTrade {
			if e.preventSelfTrade(o, resting) {
				return sum, exchange.CancelSelfTrade, true
			}
			continue
		}
		quantity := min(o.Open(), resting.Open(), e.affordable(o, resting.Price, sum.spent))
		if quantity == 0 {
			return sum, exchange.CancelCost, true
		}
		e.match(o, resting, quantity, &sum)
		if o.Group != 0 && byID(e.Groups, o.Group).Triggered {
			return sum, exchange.CancelGroup, true
		}
	}
	return sum, 0, false
}

// preventSelfTrade does what the arriving order's mode says, and reports whether that ends it.
func (e *Engine) preventSelfTrade(o, resting *Order) (ended bool) {
	if o.SelfTrade == exchange.DecreaseBoth {
		m := min(o.Open(), resting.Open())
		e.decrease(resting, m)
		e.decrease(o, m)
		return false
	}
	if o.SelfTrade != exchange.CancelTaker {
		e.removeResting(resting, cancelled(exchange.CancelSelfTrade))
	}
	return o.SelfTrade != exchange.CancelMaker
}

// decrease takes contracts out of an order; a resting one with nothing left leaves its book.
func (e *Engine) decrease(o *Order, quantity int64) {
	if quantity < o.Open() {
		e.takeOut(o, quantity, reduced(exchange.CancelSelfTrade))
		return
	}
	e.takeOut(o, quantity, cancelled(exchange.CancelSelfTrade))
	if o.Resting {
		e.placeOf(o).book.remove(o)
	}
}

// affordable is the greatest number of contracts that keeps the order within its MaxCost.
func (e *Engine) affordable(o *Order, p exchange.Price, spent exchange.Money) int64 {
	if o.MaxCost == 0 {
		return o.Open()
	}
	rate := e.market(o.Market).takerRate()
	tooMuch := func(n int) bool {
		opening := max(0, int64(n)-o.Closing)
		fee := o.Fee.plus(feeOf(rate, int64(n), p)).Charged - o.Fee.Charged
		return spent+cost(o.Side.OpenCost(p), opening)+fee > o.MaxCost
	}
	return int64(sort.Search(int(o.Open())+1, tooMuch)) - 1
}

// match books a trade at the resting order's price, for the maker first.
func (e *Engine) match(taker, maker *Order, quantity int64, sum *tally) {
	price := maker.Price
	makerWas, takerWas := e.placeOf(maker).position.empty(), e.placeOf(taker).position.empty()
	m := e.fill(maker, price, quantity)
	t := e.fill(taker, price, quantity)
	book := e.placeOf(maker).book
	book.Last = price
	if maker.Open() == 0 {
		book.remove(maker)
	}
	sum.filled += quantity
	sum.cost += cost(price, quantity)
	sum.fees += t.fee
	sum.spent += cost(taker.Side.OpenCost(price), quantity-int64(t.closing)) + t.fee
	e.emit(&exchange.OrderMatched{Market: taker.Market, Outcome: taker.Outcome, TakerSide: taker.Side, Price: price,
		Quantity: exchange.Quantity(quantity), Maker: maker.ID, Taker: taker.ID, MakerAccount: maker.Account,
		TakerAccount: taker.Account, MakerFee: m.fee, TakerFee: t.fee, MakerClosing: m.closing, TakerClosing: t.closing,
		MakerMerged: m.merged, TakerMerged: t.merged, MakerHold: m.shrank, MakerCash: m.cash, TakerCash: t.cash})
	e.emitSome(e.placeOf(maker).positionEvent(makerWas))
	if maker.Account != taker.Account {
		e.emitSome(e.placeOf(taker).positionEvent(takerWas))
	}
	e.countFill(maker.Group, quantity)
	e.countFill(taker.Group, quantity)
}
