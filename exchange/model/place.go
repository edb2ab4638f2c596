package model

import "github.com/hustings/hustings/exchange"

func (e *Engine) placeOrder(c *exchange.PlaceOrder) exchange.Reply {
	if code := e.checkOrder(c); code == exchange.RejectGroupNotFound && c.FundsElsewhere && e.Rules >= 4 && e.groupAt(c.Group) == nil {
		return refuse(exchange.RejectGroupElsewhere)
	} else if code != exchange.Accepted {
		return refuseOrder(c.FundsElsewhere, code, c.Account, 0)
	}
	o := &Order{ID: exchange.NewOrderID(e.Orders+1, 0), Account: c.Account, Market: c.Market, Outcome: c.Outcome,
		Side: c.Side, Price: c.Price, TimeInForce: c.TimeInForce, SelfTrade: c.SelfTrade, Flags: c.Flags,
		MaxCost: c.MaxCost, ExpireAt: c.ExpireAt, Group: c.Group, ClientID: string(c.ClientID), Version: 1,
		Quantity: int64(c.Quantity), Opening: int64(c.Quantity)}
	dropped, code := e.admit(o)
	if code != exchange.Accepted {
		return refuseOrder(c.FundsElsewhere, code, c.Account, e.missing(o))
	}
	e.Orders++
	e.market(o.Market).Ordered = true
	e.placeOf(o).book.know(o.Account)
	placed := &exchange.OrderPlaced{Market: o.Market, Order: o.ID, Account: o.Account, Price: c.Price, Outcome: o.Outcome,
		Side: o.Side, TimeInForce: o.TimeInForce, SelfTrade: o.SelfTrade, Flags: o.Flags, Quantity: c.Quantity,
		Closing: exchange.Quantity(o.Closing), Group: o.Group, MaxCost: o.MaxCost, ExpireAt: o.ExpireAt,
		ClientID: []byte(o.ClientID)}
	e.emit(placed)
	return e.trade(o, dropped, func(r exchange.OrderRested) {
		placed.Resting, placed.Hold, placed.Cash = r.Resting, r.Hold, r.Cash
	})
}

// checkOrder makes the checks on the order itself, in the order of the list of refusals.
func (e *Engine) checkOrder(c *exchange.PlaceOrder) exchange.Reject {
	if code := e.checkPlace(c); code != exchange.Accepted {
		return code
	}
	spec := &e.market(c.Market).Spec
	switch {
	case optionsConflict(c, spec):
		return exchange.RejectOptionsConflict
	case c.Price < exchange.MinPrice || c.Price > exchange.MaxPrice:
		return exchange.RejectPriceOutOfRange
	case c.Flags&exchange.MarketOrder == 0 && !onGrid(spec.Tick, c.Price):
		return exchange.RejectPriceOffTick
	case c.Quantity < 1 || c.Quantity > exchange.MaxQuantity:
		return exchange.RejectQuantityOutOfRange
	case c.TimeInForce == exchange.GoodTillTime && c.ExpireAt <= e.Now:
		return exchange.RejectExpiryPassed
	}
	return exchange.Accepted
}

// checkPlace checks who places an order and where.
func (e *Engine) checkPlace(c *exchange.PlaceOrder) exchange.Reject {
	a, m := e.account(c.Account), e.market(c.Market)
	switch {
	case a == nil:
		return exchange.RejectAccountNotFound
	case a.Blocked:
		return exchange.RejectAccountBlocked
	case e.Halted:
		return exchange.RejectExchangeHalted
	case m == nil:
		return exchange.RejectMarketNotFound
	case int(c.Outcome) >= len(m.Books):
		return exchange.RejectOutcomeNotFound
	case c.Group != 0 && e.groupOf(c.Group, c.Account) == nil:
		return exchange.RejectGroupNotFound
	case m.State != exchange.StateOpen:
		return exchange.RejectMarketNotOpen
	}
	return exchange.Accepted
}

func optionsConflict(c *exchange.PlaceOrder, spec *exchange.MarketSpec) bool {
	isMarket := c.Flags&exchange.MarketOrder != 0
	isPostOnly := c.Flags&exchange.PostOnly != 0
	atOnce := c.TimeInForce == exchange.ImmediateOrCancel || c.TimeInForce == exchange.FillOrKill
	return isMarket && !atOnce ||
		isPostOnly && atOnce ||
		c.MaxCost < 0 || c.MaxCost > 0 && !isMarket ||
		(c.ExpireAt != 0) != (c.TimeInForce == exchange.GoodTillTime) ||
		c.SelfTrade == exchange.AllowSelfTrade && spec.Flags&exchange.SelfTradesAllowed == 0
}

// onGrid reports whether a price is a multiple of the step that holds where it lies.
func onGrid(r exchange.TickRule, p exchange.Price) bool {
	step := r.Middle
	if p < r.EdgeWidth || p > exchange.One-r.EdgeWidth {
		step = r.Edge
	}
	return p%step == 0
}

// admit decides what of an arriving order closes, makes the checks that depend on the state of the exchange, and
// reserves what the order will close. It returns how much of a reduce-only order was dropped.
func (e *Engine) admit(o *Order) (dropped int64, code exchange.Reject) {
	at := e.placeOf(o)
	if o.Group != 0 && byID(e.Groups, o.Group).Triggered {
		return 0, exchange.RejectGroupTriggered
	}
	if o.mayRest() && e.openOrders(o.Account) >= int(at.account.MaxOpenOrders) {
		return 0, exchange.RejectTooManyOrders
	}
	if !moveIntoCollar(o, at) {
		return 0, exchange.RejectPriceOutsideCollar
	}
	open := o.Open()
	o.Closing = min(open, at.position.closable(o.Side))
	o.Opening = open - o.Closing
	if o.has(exchange.ReduceOnly) {
		if o.Closing == 0 {
			return 0, exchange.RejectNothingToReduce
		}
		dropped, o.Opening = o.Opening, 0
	}
	switch {
	case e.wouldHave(o, at) > int64(at.market.Spec.PositionLimit):
		return 0, exchange.RejectPositionLimit
	case at.account.Cash < at.needed(o):
		return 0, exchange.RejectInsufficientFunds
	case o.has(exchange.PostOnly) && e.crosses(o):
		return 0, exchange.RejectPostOnlyCrosses
	}
	at.position.reserve(o.Side, o.Closing)
	if o.TimeInForce == exchange.FillOrKill && !e.wouldFill(o) {
		at.position.reserve(o.Side, -o.Closing)
		return 0, exchange.RejectUnfillable
	}
	return dropped, exchange.Accepted
}

// moveIntoCollar reports whether the order's price is not too far beyond the last trade. A market order's is moved.
func moveIntoCollar(o *Order, at place) bool {
	last, collar := int(at.book.Last), int(at.market.Spec.Collar)
	if last == 0 || collar == 0 {
		return true
	}
	border := last + collar
	beyond := int(o.Price) > border
	if o.Side == exchange.Sell {
		border = last - collar
		beyond = int(o.Price) < border
	}
	if beyond && o.has(exchange.MarketOrder) {
		o.Price = exchange.Price(border)
		return true
	}
	return !beyond
}

// wouldHave is how many contracts of the kind that the order opens the account might come to have.
func (e *Engine) wouldHave(o *Order, at place) int64 {
	have := at.position.Yes
	if o.Side == exchange.Sell {
		have = at.position.No
	}
	for _, r := range at.book.Sides[o.Side] {
		if r.Account == o.Account {
			have += r.Opening
		}
	}
	return have + o.Opening
}

// needed is the free cash that must cover the order.
func (at place) needed(o *Order) exchange.Money {
	need := cost(o.Side.OpenCost(o.Price), o.Opening) + at.market.greatestFee(o.Side, o.Price, o.Opening)
	if o.MaxCost > 0 {
		need = min(need, o.MaxCost)
	}
	return need
}

// crosses reports whether an order that can still trade stands opposite at a price that the order accepts.
func (e *Engine) crosses(o *Order) bool {
	for _, r := range e.placeOf(o).book.opposite(o.Side) {
		if !e.dead(r) && o.accepts(r.Price) {
			return true
		}
	}
	return false
}

// wouldFill tries on a copy of everything whether the order fills in full.
func (e *Engine) wouldFill(o *Order) bool {
	trial := *o
	e.copy().walk(&trial)
	return trial.Filled == o.Filled+o.Open()
}
