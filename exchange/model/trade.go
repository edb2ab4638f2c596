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

// trade lets an admitted order trade, and puts what is left where it belongs. The hold of what rests counts as taken
// before the trades, so that the Cash in their events is without it; hold and cash are where the first event says so.
func (e *Engine) trade(o *Order, dropped int64, hold, cash *exchange.Money) exchange.Reply {
	first := len(e.events)
	at := e.placeOf(o)
	*cash = at.account.Cash
	if dropped > 0 {
		o.Opening = dropped
		e.takeOut(o, dropped, cancelled(exchange.CancelReduceOnly))
	}
	sum, why, ended := e.walk(o)
	switch {
	case o.Open() == 0:
	case ended:
		e.takeOut(o, o.Open(), cancelled(why))
	case o.mayRest():
		e.rest(o)
		at.setHold(o)
	default:
		e.takeOut(o, o.Open(), cancelled(exchange.CancelImmediate))
	}
	*hold = o.Hold
	*cash -= o.Hold
	for _, event := range e.events[first:] {
		takeBefore(event, o.Account, o.Hold)
	}
	return exchange.Reply{ID: uint64(o.ID), Cost: sum.cost, Fees: sum.fees, Filled: exchange.Quantity(sum.filled),
		Remaining: exchange.Quantity(o.Open()), Version: o.Version}
}

// takeBefore restates an event as it is when a hold was taken before it.
func takeBefore(event exchange.Event, account exchange.AccountID, hold exchange.Money) {
	switch ev := event.(type) {
	case *exchange.OrderMatched:
		if ev.MakerAccount == account {
			ev.MakerCash -= hold
		}
		ev.TakerCash -= hold
	case *exchange.OrderCancelled:
		takeBeforeRelease(&ev.Release, account, hold)
	case *exchange.OrderExpired:
		takeBeforeRelease(&ev.Release, account, hold)
	case *exchange.OrderReduced:
		takeBeforeRelease(&ev.Release, account, hold)
	}
}

func takeBeforeRelease(r *exchange.Release, account exchange.AccountID, hold exchange.Money) {
	if r.Account == account {
		r.Cash -= hold
	}
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
		if m == resting.Open() {
			e.removeResting(resting, cancelled(exchange.CancelSelfTrade))
		} else {
			e.takeOut(resting, m, reduced)
		}
		e.takeOut(o, m, cancelled(exchange.CancelSelfTrade))
		return false
	}
	if o.SelfTrade != exchange.CancelTaker {
		e.removeResting(resting, cancelled(exchange.CancelSelfTrade))
	}
	return o.SelfTrade != exchange.CancelMaker
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
	e.emitSome(m.position)
	e.emitSome(t.position)
	e.countFill(maker.Group, quantity)
	e.countFill(taker.Group, quantity)
}
