package projection

import "github.com/hustings/hustings/exchange"

// arrival is the order that is arriving just now: its OrderPlaced or OrderAmended has been seen, but not all of the
// trades and cancels that follow, nor the OrderRested.
type arrival struct {
	market   exchange.MarketID
	order    exchange.OrderID // 0: nothing is arriving
	book     *book
	left     exchange.Quantity // contracts of which it is not yet known what becomes of them
	idLen    uint8
	clientID [maxClientID]byte // kept until the order rests
}

// arrived ends the arrival of an order, when another arrives or the record ends.
func (v *View) arrived() *InconsistencyError {
	market, id, b, left := v.arriving.market, v.arriving.order, v.arriving.book, v.arriving.left
	v.arriving.order, v.arriving.book, v.arriving.left = 0, nil, 0
	if left != 0 {
		return broken("%d of its contracts neither traded nor rest nor were cancelled", left).withOrder(id)
	}
	if b != nil && b.crossed() {
		return broken("after this order its book is crossed").withOrder(id)
	}
	if o := v.openOrder(market, id); o != nil {
		return o.check()
	}
	return nil
}

func (v *View) orderPlaced(e *exchange.OrderPlaced) *InconsistencyError {
	if fault := v.arrived(); fault != nil {
		return fault
	}
	a := v.accountOf(e.Account)
	if a == nil {
		return noAccount(e.Account)
	}
	m, b, fault := v.tradingBook(e.Market, e.Outcome)
	if fault == nil {
		fault = v.checkPlaced(e)
	}
	if fault != nil {
		return fault
	}
	o := v.orders.make(e.Order.Slot())
	if o.id != 0 {
		return broken("its slot holds order %d", o.id)
	}
	v.lastOrder = e.Order.Number()
	*o = order{
		id: e.Order, account: e.Account, market: e.Market, group: e.Group,
		outcome: e.Outcome, side: e.Side, price: e.Price,
		timeInForce: e.TimeInForce, selfTrade: e.SelfTrade, flags: e.Flags,
		remaining: e.Quantity, closing: e.Closing,
		expireAt: e.ExpireAt, placedAt: v.now, version: 1,
	}
	if e.Closing > 0 {
		if fault := v.reserve(o, e.Closing); fault != nil {
			return fault
		}
	}
	v.arrive(o, b, e.Quantity-e.Resting)
	if e.Resting == 0 {
		v.arriving.idLen = uint8(copy(v.arriving.clientID[:], e.ClientID))
		return v.pay(e.Account, a, 0, e.Cash)
	}
	v.enlist(a, m, o)
	v.nameOrder(o, e.ClientID)
	v.enqueue(b, o, e.Resting)
	if fault := v.hold(a, o, e.Hold); fault != nil {
		return fault
	}
	return v.pay(e.Account, a, -e.Hold, e.Cash)
}

func (v *View) arrive(o *order, b *book, left exchange.Quantity) {
	v.arriving.market, v.arriving.order, v.arriving.book, v.arriving.left = o.market, o.id, b, left
}

// is reports whether an order is the arriving one.
func (a *arrival) is(o *order) bool { return a.order == o.id && a.market == o.market }

func (v *View) checkPlaced(e *exchange.OrderPlaced) *InconsistencyError {
	switch {
	case e.Order.Number() <= v.lastOrder:
		return broken("order number %d follows %d", e.Order.Number(), v.lastOrder)
	case e.Order.Slot() == 0:
		return broken("it has no slot")
	case e.Side > exchange.Sell:
		return broken("side %d is not known", e.Side)
	case e.Price < exchange.MinPrice || e.Price > exchange.MaxPrice:
		return broken("its price is %v", e.Price)
	case e.Quantity == 0 || e.Quantity > exchange.MaxQuantity:
		return broken("its quantity is %d", e.Quantity)
	case e.Resting > e.Quantity || e.Closing > e.Quantity:
		return broken("of %d contracts %d rest and %d close", e.Quantity, e.Resting, e.Closing)
	case e.Resting > 0 && e.TimeInForce >= exchange.ImmediateOrCancel:
		return broken("it rests although it is immediate")
	case e.Resting == 0 && e.Hold != 0:
		return broken("it holds %v without resting", e.Hold)
	case e.Group != 0 && !v.alone && v.groupOf(e.Group, e.Account) == nil:
		return broken("its account has no group %d", e.Group)
	}
	return nil
}

// orderRested folds that what is left of the arriving order joins its queue.
func (v *View) orderRested(e *exchange.OrderRested) *InconsistencyError {
	o := v.openOrder(e.Market, e.Order)
	if o == nil || !v.arriving.is(o) || o.queued || o.account != e.Account || o.market != e.Market || o.outcome != e.Outcome {
		return broken("it is not the arriving order")
	}
	if e.Resting != o.remaining || e.Resting != v.arriving.left {
		return broken("%d contracts rest, and %d are left", e.Resting, v.arriving.left)
	}
	if o.timeInForce >= exchange.ImmediateOrCancel {
		return broken("it rests although it is immediate")
	}
	a := v.accountOf(e.Account)
	v.arriving.left = 0
	if !o.listed {
		v.enlist(a, v.markets.at(uint32(o.market)), o)
		v.nameOrder(o, v.arriving.clientID[:v.arriving.idLen])
	}
	v.enqueue(v.arriving.book, o, e.Resting)
	if fault := v.hold(a, o, e.Hold); fault != nil {
		return fault
	}
	return v.pay(e.Account, a, -e.Hold, e.Cash)
}

func (v *View) orderAmended(e *exchange.OrderAmended) *InconsistencyError {
	if fault := v.arrived(); fault != nil {
		return fault
	}
	o := v.openOrder(e.Market, e.Order)
	if o == nil || o.account != e.Account || o.market != e.Market || o.outcome != e.Outcome {
		return broken("there is no such open order")
	}
	_, b, fault := v.tradingBook(e.Market, e.Outcome)
	if fault == nil {
		fault = checkAmended(o, e)
	}
	if fault != nil {
		return fault
	}
	resting := o.remaining // everything: nothing is arriving
	open := e.Quantity - o.filled
	if e.LostPriority {
		v.shrink(b, o, resting, true)
		o.price = e.Price
		if e.Resting > 0 {
			v.enqueue(b, o, e.Resting)
		}
	} else {
		v.shrink(b, o, resting-open, false)
	}
	v.arrive(o, b, open-e.Resting)

	oldClosing := o.closing
	o.remaining, o.closing = open, e.Closing
	o.version++
	if fault := v.reserveAnew(o, oldClosing, e.Merged); fault != nil {
		return fault
	}
	a := v.accountOf(e.Account)
	released := o.hold - e.Hold
	if fault := v.hold(a, o, -released); fault != nil {
		return fault
	}
	return v.pay(e.Account, a, released+exchange.Cost(exchange.One, e.Merged), e.Cash)
}

func checkAmended(o *order, e *exchange.OrderAmended) *InconsistencyError {
	switch {
	case e.Price < exchange.MinPrice || e.Price > exchange.MaxPrice:
		return broken("its price is %v", e.Price)
	case e.Quantity <= o.filled || e.Quantity > exchange.MaxQuantity:
		return broken("its quantity is %d with %d filled", e.Quantity, o.filled)
	case e.Resting == 0 && e.Hold != 0:
		return broken("it holds %v without resting", e.Hold)
	case e.Resting > e.Quantity-o.filled || e.Closing > e.Quantity-o.filled:
		return broken("of %d contracts %d rest and %d close", e.Quantity-o.filled, e.Resting, e.Closing)
	case e.LostPriority:
		return nil
	case e.Price != o.price || e.Quantity-o.filled > o.remaining || e.Resting != e.Quantity-o.filled:
		return broken("it keeps its place with another price, a greater quantity or trades")
	}
	return nil
}

// orderReduced folds what self-trade prevention takes out of an order.
func (v *View) orderReduced(e *exchange.Release) *InconsistencyError {
	if fault := v.orderReleased(e); fault != nil {
		return fault
	}
	o := v.openOrder(e.Market, e.Order)
	if o == nil || o.remaining != e.Remaining {
		return broken("it is not left with the %d contracts that the event says", e.Remaining)
	}
	return nil
}

// orderReleased folds contracts leaving an order without a trade, its opening part first.
func (v *View) orderReleased(e *exchange.Release) *InconsistencyError {
	o := v.openOrder(e.Market, e.Order)
	if o == nil || o.account != e.Account || o.market != e.Market || o.outcome != e.Outcome {
		return broken("there is no such open order")
	}
	if e.Quantity > o.remaining {
		return broken("%d contracts leave it and %d are left", e.Quantity, o.remaining)
	}
	m := v.markets.at(uint32(o.market))
	b := v.bookAt(m, o.outcome)
	a := v.accountOf(e.Account)
	fromClosing := e.Quantity - min(e.Quantity, o.opening())
	oldClosing := o.closing
	o.closing -= fromClosing
	o.remaining -= e.Quantity
	v.leave(b, o, e.Quantity)
	if fault := v.reserveAnew(o, oldClosing, e.Merged); fault != nil {
		return fault
	}
	if fault := v.hold(a, o, -e.HoldReleased); fault != nil {
		return fault
	}
	cash := e.HoldReleased + exchange.Cost(exchange.One, e.Merged)
	if fault := v.done(a, m, o); fault != nil {
		return fault
	}
	return v.pay(e.Account, a, cash, e.Cash)
}

// leave takes quantity, which o.remaining has lost already, out of what has yet to arrive and then out of the queue.
func (v *View) leave(b *book, o *order, quantity exchange.Quantity) {
	yet := exchange.Quantity(0)
	if v.arriving.is(o) {
		yet = min(quantity, v.arriving.left)
		v.arriving.left -= yet
	}
	if quantity > yet {
		v.shrink(b, o, quantity-yet, o.remaining == 0)
	}
}

// done ends what an event does to an order: it is removed if nothing of it is left.
func (v *View) done(a *account, m *market, o *order) *InconsistencyError {
	if o.remaining > 0 {
		if v.arriving.is(o) {
			return nil // it is checked once it has arrived
		}
		return o.check()
	}
	if o.hold != 0 {
		return broken("nothing is left of it and it still holds %v", o.hold).withAccount(o.account).withOrder(o.id)
	}
	v.remove(a, m, o)
	return nil
}
