package model

import "github.com/hustings/hustings/exchange"

// dead reports whether a resting order can no longer trade.
func (e *Engine) dead(o *Order) bool { return o.Doomed || o.expired(e.Now) }

func (o *Order) expired(now exchange.Time) bool { return o.ExpireAt != 0 && o.ExpireAt <= now }

// doom marks resting orders as no longer able to trade, and counts them.
func (e *Engine) doom(reason exchange.CancelReason, which func(*Order) bool) int {
	n := 0
	for _, o := range e.AllOrders() {
		if !o.Doomed && which(o) {
			o.Doomed, o.Reason = true, reason
			n++
		}
	}
	return n
}

// removeResting takes a whole order out of its book.
func (e *Engine) removeResting(o *Order, tell func(exchange.Release) exchange.Event) {
	e.takeOut(o, o.Open(), tell)
	e.placeOf(o).book.remove(o)
}

// removeDead takes an order out that can no longer trade.
func (e *Engine) removeDead(o *Order) {
	if o.Doomed {
		e.removeResting(o, cancelled(o.Reason))
		return
	}
	e.removeResting(o, func(r exchange.Release) exchange.Event { return &exchange.OrderExpired{Release: r} })
}

func cancelled(reason exchange.CancelReason) func(exchange.Release) exchange.Event {
	return func(r exchange.Release) exchange.Event { return &exchange.OrderCancelled{Release: r, Reason: reason} }
}

func reduced(r exchange.Release) exchange.Event {
	return &exchange.OrderReduced{Release: r, Reason: exchange.CancelSelfTrade}
}

func (e *Engine) cancelOrder(c *exchange.CancelOrder) exchange.Reply {
	if e.account(c.Account) == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	if e.market(c.Market) == nil {
		return refuse(exchange.RejectMarketNotFound)
	}
	o := e.order(c.Order)
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
	case c.Group != 0 && e.groupOf(c.Group, c.Account) == nil:
		return refuse(exchange.RejectGroupNotFound)
	}
	n := e.cancelAll(c.Account, c.Market, c.Group, exchange.CancelMass)
	return exchange.Reply{ID: uint64(c.Account), Remaining: exchange.Quantity(n)}
}

// cancelAll dooms an account's orders, or those of one market or group.
func (e *Engine) cancelAll(a exchange.AccountID, m exchange.MarketID, g exchange.GroupID, why exchange.CancelReason) int {
	e.emit(&exchange.MassCancelAccepted{Account: a, Market: m, Group: g,
		Below: exchange.NewOrderID(e.Orders+1, 0), Reason: why})
	return e.doom(why, func(o *Order) bool {
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
	return a.reply()
}
