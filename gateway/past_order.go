package gateway

import (
	"bytes"
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// pastOrder is an order as the journal tells it. It may be done.
type pastOrder struct {
	projection.Order
	status string
	reason exchange.CancelReason // of what was cancelled, if anything was
	seq    exchange.Seq          // of its OrderPlaced
}

// findPlacing finds the event by which an order of an account was placed in a market; found is false if there is none. It is
// on one of the shards on which the market is or was.
func (c *call) findPlacing(account exchange.AccountID, market exchange.MarketID, order exchange.OrderID) (o pastOrder, found bool, p *api.Problem) {
	w := c.past(searchEvents)
	for _, stay := range c.s.history.Of(market) {
		w.from = stay.History
		if o, found = w.placing(account, market, order, stay.Begin, stay.End); found || w.failed != nil || w.budget == 0 {
			break
		}
	}
	return o, found, w.searchProblem()
}

// placing finds the event if the order was placed at or above low and below high. Ids of orders ascend with time on a shard, so
// the account's events are searched by halves.
func (w *past) placing(account exchange.AccountID, market exchange.MarketID, order exchange.OrderID, low, high exchange.Seq) (o pastOrder, found bool) {
	for done := false; low < high && !done && w.failed == nil && w.budget > 0; {
		middle := low + (high-low+1)/2
		at := exchange.Seq(0) // the last order that was placed below middle
		w.newest(projection.AccountKey(account), middle, func(seq exchange.Seq, now exchange.Time, event exchange.Event) bool {
			e, placed := event.(*exchange.OrderPlaced)
			if !placed {
				return true
			}
			at = seq
			switch {
			case e.Order == order:
				o, found, done = placedOrder(seq, now, e), e.Market == market, true
			case e.Order.Number() < order.Number():
				low = middle
			default:
				high = seq
			}
			return false
		})
		if at == 0 {
			low = middle
		}
	}
	return o, found
}

func placedOrder(seq exchange.Seq, now exchange.Time, e *exchange.OrderPlaced) pastOrder {
	return pastOrder{
		Order: projection.Order{
			ID: e.Order, Account: e.Account, Market: e.Market, Group: e.Group, Outcome: e.Outcome, Side: e.Side,
			TimeInForce: e.TimeInForce, SelfTrade: e.SelfTrade, Flags: e.Flags, Price: e.Price, Quantity: e.Quantity,
			Remaining: e.Quantity, ExpireAt: e.ExpireAt, Version: 1, ClientID: bytes.Clone(e.ClientID), PlacedAt: now,
		},
		status: api.StatusOpen, seq: seq,
	}
}

// followOrder goes through what happened to an order after it was placed, from shard to shard, up to its end.
func (c *call) followOrder(o *pastOrder) *api.Problem {
	w := c.past(searchEvents)
	stays := c.s.history.Of(o.Market)
	after, i := o.seq, slices.IndexFunc(stays, func(s Stay) bool { return s.Has(o.seq) })
	if i < 0 {
		return api.CodeHistoryUnavailable.Problem("", "Its market is on its way from one shard to another.")
	}
	for ; i >= 0; i-- {
		w.from = stays[i].History
		w.oldest(projection.AccountKey(o.Account), max(after, stays[i].Begin), stays[i].End-1, func(_ exchange.Seq, _ exchange.Time, event exchange.Event) bool {
			o.apply(event)
			return o.status == api.StatusOpen
		})
		if o.status != api.StatusOpen || w.failed != nil || w.budget == 0 {
			break
		}
		after = 0
	}
	return w.searchProblem()
}

// apply changes the order by one event, which may be about others.
func (o *pastOrder) apply(event exchange.Event) {
	is := func(market exchange.MarketID, order exchange.OrderID) bool {
		return market == o.Market && order == o.ID
	}
	switch e := event.(type) {
	case *exchange.OrderMatched:
		if is(e.Market, e.Maker) || is(e.Market, e.Taker) {
			o.Filled += e.Quantity
			o.take(e.Quantity, api.StatusFilled)
		}
	case *exchange.OrderReduced:
		if is(e.Market, e.Order) {
			o.reason = e.Reason
			o.take(e.Quantity, api.StatusCancelled)
		}
	case *exchange.OrderCancelled:
		if is(e.Market, e.Order) {
			o.reason = e.Reason
			o.take(o.Remaining, api.StatusCancelled)
		}
	case *exchange.OrderExpired:
		if is(e.Market, e.Order) {
			o.take(o.Remaining, api.StatusExpired)
		}
	case *exchange.OrderAmended:
		if is(e.Market, e.Order) {
			o.Price, o.Quantity = e.Price, e.Quantity
			o.Remaining = e.Quantity - o.Filled
			o.Version++
		}
	}
}

// take takes contracts out of what remains. What takes the last ones decides the status.
func (o *pastOrder) take(quantity exchange.Quantity, last string) {
	o.Remaining -= quantity
	if o.Remaining == 0 {
		o.status = last
	}
}
