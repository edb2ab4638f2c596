package model

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// dead reports whether a resting order can no longer trade.
func (e *Engine) dead(o *Order) bool { return len(o.Doomed) > 0 || o.expired(e.Now) || e.overdue(o) }

// overdue reports whether the account's switch came with a market, and should have gone off already.
func (e *Engine) overdue(o *Order) bool {
	deadline := e.account(o.Account).Deadline
	return deadline != 0 && deadline <= e.Now
}

func (o *Order) expired(now exchange.Time) bool { return o.ExpireAt != 0 && o.ExpireAt <= now }

// doom marks resting orders as no longer able to trade.
func (e *Engine) doom(reason exchange.CancelReason, which func(*Order) bool) {
	e.eachOrder(func(o *Order) {
		if which(o) {
			o.Doomed = append(slices.Clone(o.Doomed), reason) // a copy of the order may have the old list
		}
	})
}

// removeResting takes a whole order out of its book.
func (e *Engine) removeResting(o *Order, tell func(exchange.Release) exchange.Event) {
	e.takeOut(o, o.Open(), tell)
	e.placeOf(o).book.remove(o)
}

// named is what an order is known by: orders of two markets may have one id.
type named struct {
	market exchange.MarketID
	order  exchange.OrderID
}

// A removal is how it is told that an order which could no longer trade was taken out.
type removal struct {
	expired bool
	reason  exchange.CancelReason
}

// removeDead takes an order out that can no longer trade. Where it has several reasons to go, the rules do not say
// which is told: it is the first one, unless Hint named another.
func (e *Engine) removeDead(o *Order) {
	var why []removal
	for _, reason := range o.Doomed {
		why = append(why, removal{reason: reason})
	}
	if o.expired(e.Now) {
		why = append(why, removal{expired: true})
	}
	if e.overdue(o) {
		why = append(why, removal{reason: exchange.CancelDeadMan})
	}
	told := why[0]
	if hint, ok := e.hints[named{o.Market, o.ID}]; ok && slices.Contains(why, hint) {
		told = hint
	}
	if told.expired {
		e.removeResting(o, func(r exchange.Release) exchange.Event { return &exchange.OrderExpired{Release: r} })
	} else {
		e.removeResting(o, cancelled(told.reason))
	}
}

// Hint lets the model tell the same of several reasons as another engine's events do.
func (e *Engine) Hint(events []exchange.Event) {
	e.hints = map[named]removal{}
	for _, event := range events {
		switch ev := event.(type) {
		case *exchange.OrderCancelled:
			e.hints[named{ev.Market, ev.Order}] = removal{reason: ev.Reason}
		case *exchange.OrderExpired:
			e.hints[named{ev.Market, ev.Order}] = removal{expired: true}
		}
	}
}

func cancelled(reason exchange.CancelReason) func(exchange.Release) exchange.Event {
	return func(r exchange.Release) exchange.Event { return &exchange.OrderCancelled{Release: r, Reason: reason} }
}

func reduced(reason exchange.CancelReason) func(exchange.Release) exchange.Event {
	return func(r exchange.Release) exchange.Event { return &exchange.OrderReduced{Release: r, Reason: reason} }
}

func (e *Engine) cancelOrder(c *exchange.CancelOrder) exchange.Reply {
	if e.account(c.Account) == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	if e.market(c.Market) == nil {
		return refuse(exchange.RejectMarketNotFound)
	}
	o := e.order(c.Market, c.Order)
	if o == nil || o.Account != c.Account || o.Market != c.Market {
		return refuse(exchange.RejectOrderNotFound)
	}
	e.removeResting(o, cancelled(exchange.CancelRequested))
	return exchange.Reply{ID: uint64(o.ID), Version: o.Version}
}

func (e *Engine) massCancel(c *exchange.MassCancel) exchange.Reply {
	switch {
	case e.account(c.Account) == nil:
		return refuse(exchange.RejectAccountNotFound)
	case c.Market != 0 && e.market(c.Market) == nil:
		return refuse(exchange.RejectMarketNotFound)
	case c.Market == 0 && e.movingWith(c.Account) != nil:
		return e.movingWith(c.Account).onItsWay()
	case c.Group != 0 && e.groupOf(c.Group, c.Account) == nil:
		return refuse(exchange.RejectGroupNotFound)
	case c.Market != 0 && c.Group != 0:
		return refuse(exchange.RejectOptionsConflict)
	}
	e.cancelAll(c.Account, c.Market, c.Group, exchange.CancelMass)
	var reply exchange.Reply
	if c.Market == 0 && c.Group == 0 { // otherwise the fast engine does not count them
		reply.Remaining = exchange.Quantity(e.openOrders(c.Account))
	}
	return reply
}

// cancelAll dooms an account's orders, or those of one market or group.
func (e *Engine) cancelAll(a exchange.AccountID, m exchange.MarketID, g exchange.GroupID, why exchange.CancelReason) {
	e.emit(&exchange.MassCancelAccepted{Account: a, Market: m, Group: g,
		Below: exchange.NewOrderID(e.Orders+1, 0), Reason: why})
	if m == 0 && g == 0 {
		e.cancelArriving(a, why)
	}
	if g != 0 {
		why = exchange.CancelGroup // what its orders are told
	}
	e.doom(why, func(o *Order) bool {
		return o.Account == a && (m == 0 || o.Market == m) && (g == 0 || o.Group == g)
	})
}

func (e *Engine) setDeadMan(c *exchange.SetDeadMan) exchange.Reply {
	a := e.account(c.Account)
	switch {
	case a == nil:
		return refuse(exchange.RejectAccountNotFound)
	case c.Timeout != 0 && (c.Timeout < second || c.Timeout > 24*3600*second):
		return refuse(exchange.RejectTermsInvalid)
	}
	a.Deadline = 0
	if c.Timeout != 0 {
		a.Deadline = e.Now + exchange.Time(c.Timeout)
	}
	e.emit(&exchange.DeadManSet{Account: a.ID, Deadline: a.Deadline})
	return exchange.Reply{ID: uint64(a.ID)}
}
