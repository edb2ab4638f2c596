package model

import "github.com/hustings/hustings/exchange"

func (e *Engine) amendOrder(c *exchange.AmendOrder) exchange.Reply {
	o, code := e.checkAmendment(c)
	if code != exchange.Accepted {
		return refuseOrder(c.FundsElsewhere, code, c.Account, 0)
	}
	price, quantity := o.Price, o.Quantity
	if c.Price != 0 {
		price = c.Price
	}
	if c.Quantity != 0 {
		quantity = int64(c.Quantity)
	}
	if price == o.Price && quantity <= o.Quantity {
		return e.amendInPlace(o, quantity)
	}
	return e.arriveAnew(o, price, quantity, c.FundsElsewhere)
}

func (e *Engine) checkAmendment(c *exchange.AmendOrder) (*Order, exchange.Reject) {
	a, m, o := e.account(c.Account), e.market(c.Market), e.order(c.Market, c.Order)
	switch {
	case a == nil:
		return nil, exchange.RejectAccountNotFound
	case a.Blocked:
		return nil, exchange.RejectAccountBlocked
	case e.Halted:
		return nil, exchange.RejectExchangeHalted
	case m == nil:
		return nil, exchange.RejectMarketNotFound
	case o == nil || o.Account != c.Account || o.Market != c.Market || e.dead(o):
		return nil, exchange.RejectOrderNotFound
	case c.Version != 0 && c.Version != o.Version:
		return nil, exchange.RejectVersionMismatch
	case m.State != exchange.StateOpen:
		return nil, exchange.RejectMarketNotOpen
	case c.Price > exchange.MaxPrice:
		return nil, exchange.RejectPriceOutOfRange
	case c.Price != 0 && !onGrid(m.Spec.Tick, c.Price):
		return nil, exchange.RejectPriceOffTick
	case c.Quantity > exchange.MaxQuantity:
		return nil, exchange.RejectQuantityOutOfRange
	case c.Quantity != 0 && int64(c.Quantity) <= o.Filled:
		return nil, exchange.RejectQuantityFilled
	}
	return o, exchange.Accepted
}

// amendInPlace makes an order smaller where it stands.
func (e *Engine) amendInPlace(o *Order, quantity int64) exchange.Reply {
	o.Version++
	e.takeOut(o, o.Quantity-quantity, func(r exchange.Release) exchange.Event {
		return &exchange.OrderAmended{Market: o.Market, Outcome: o.Outcome, Order: o.ID, Account: o.Account, Price: o.Price,
			Quantity: exchange.Quantity(o.Quantity), Closing: exchange.Quantity(o.Closing), Resting: exchange.Quantity(o.Open()),
			Hold: o.Hold, Merged: r.Merged, Cash: r.Cash}
	})
	return exchange.Reply{ID: uint64(o.ID), Remaining: exchange.Quantity(o.Open()), Version: o.Version}
}

// arriveAnew takes an order out of its book and lets it arrive at another price or with another quantity. It keeps
// its id, what it has filled and its fees. If it is refused nothing has changed.
func (e *Engine) arriveAnew(o *Order, price exchange.Price, quantity int64, fundsElsewhere bool) exchange.Reply {
	undo := e.copy()
	at := e.placeOf(o)
	wasEmpty := at.position.empty()
	at.book.remove(o)
	at.setHold(o)
	at.position.reserve(o.Side, -o.Closing)
	merged := at.merge()
	position := at.positionEvent(wasEmpty)
	o.Price, o.Quantity = price, quantity
	o.Closing, o.Opening = 0, quantity-o.Filled
	dropped, code := e.admit(o)
	if code != exchange.Accepted {
		missing := e.missing(o)
		*e = *undo
		return refuseOrder(fundsElsewhere, code, o.Account, missing)
	}
	o.Version++
	amended := &exchange.OrderAmended{Market: o.Market, Outcome: o.Outcome, Order: o.ID, Account: o.Account, Price: price,
		Quantity: exchange.Quantity(quantity), Closing: exchange.Quantity(o.Closing), Merged: exchange.Quantity(merged),
		LostPriority: true}
	e.emit(amended)
	e.emitSome(position)
	return e.trade(o, dropped, func(r exchange.OrderRested) {
		amended.Resting, amended.Hold, amended.Cash = r.Resting, r.Hold, r.Cash
	})
}
