package projection

import "github.com/hustings/hustings/exchange"

// An Order is an open order.
type Order struct {
	ID          exchange.OrderID
	Account     exchange.AccountID
	Market      exchange.MarketID
	Group       exchange.GroupID
	Outcome     exchange.Outcome
	Side        exchange.Side
	TimeInForce exchange.TimeInForce
	SelfTrade   exchange.SelfTrade
	Flags       exchange.OrderFlags
	Price       exchange.Price
	Quantity    exchange.Quantity // Filled + Remaining; derived
	Filled      exchange.Quantity
	Remaining   exchange.Quantity // what rests
	Closing     exchange.Quantity // of Remaining, contracts that will close a position
	Hold        exchange.Money
	ExpireAt    exchange.Time
	Version     uint32

	ClientID []byte        // statistic, as the shard does not keep it
	PlacedAt exchange.Time // statistic
}

type order struct {
	id        exchange.OrderID // 0: the slot is free
	hold      exchange.Money
	expireAt  exchange.Time
	placedAt  exchange.Time
	account   exchange.AccountID
	market    exchange.MarketID
	group     exchange.GroupID
	filled    exchange.Quantity
	remaining exchange.Quantity
	closing   exchange.Quantity
	version   uint32

	ahead, behind uint32 // slots of its neighbours in the queue of its price
	older, newer  uint32 // slots of its neighbours among the account's open orders, sorted by id

	price       exchange.Price
	outcome     exchange.Outcome
	side        exchange.Side
	timeInForce exchange.TimeInForce
	selfTrade   exchange.SelfTrade
	flags       exchange.OrderFlags
	nameLen     uint8 // length of the client's own id; 0: none
	queued      bool  // in the queue of its price
	listed      bool  // among the account's open orders
}

// opening is the part of what is left that opens a position.
func (o *order) opening() exchange.Quantity { return o.remaining - o.closing }

// check finds quantities that do not add up, and a hold that does not cover what the order may come to cost.
func (o *order) check() *InconsistencyError {
	covers := exchange.Cost(o.side.OpenCost(o.price), o.opening())
	var fault *InconsistencyError
	switch {
	case o.remaining == 0 || o.closing > o.remaining || o.filled+o.remaining > exchange.MaxQuantity:
		fault = broken("%d contracts are filled, %d are left and %d of these close", o.filled, o.remaining, o.closing)
	case o.hold < covers:
		fault = broken("it holds %v, its opening part can cost %v", o.hold, covers)
	default:
		return nil
	}
	return fault.withAccount(o.account).withMarket(o.market).withOrder(o.id)
}

// openOrder returns a market's order of this id, or nil if it is not open.
func (v *View) openOrder(market exchange.MarketID, id exchange.OrderID) *order {
	if o := v.orders.get(id.Slot()); o != nil && o.id == id && o.market == market && id != 0 {
		return o
	}
	if slot := v.foreign.find(v, market, id); slot != 0 {
		return v.orders.at(slot)
	}
	return nil
}

// slotOf returns where an order lies: in the slot that its id names, unless it was adopted.
func (v *View) slotOf(o *order) uint32 {
	if slot := o.id.Slot(); v.orders.get(slot) == o {
		return slot
	}
	return v.foreign.find(v, o.market, o.id)
}

// enlist adds an order that comes to rest to the open orders of its account and market. It is the account's newest.
func (v *View) enlist(a *account, m *market, o *order) {
	slot := v.slotOf(o)
	o.older = a.newestOrder
	if o.older == 0 {
		a.oldestOrder = slot
	} else {
		v.orders.at(o.older).newer = slot
	}
	a.newestOrder = slot
	a.openOrders++
	m.openOrders++
	v.total.OpenOrders++
	o.listed = true
}

// remove frees an order's slot.
func (v *View) remove(a *account, m *market, o *order) {
	if o.listed {
		v.delist(a, m, o)
	}
	v.foreign.forget(v, o)
	*o = order{}
}

func (v *View) delist(a *account, m *market, o *order) {
	if o.older == 0 {
		a.oldestOrder = o.newer
	} else {
		v.orders.at(o.older).newer = o.newer
	}
	if o.newer == 0 {
		a.newestOrder = o.older
	} else {
		v.orders.at(o.newer).older = o.older
	}
	a.openOrders--
	m.openOrders--
	v.total.OpenOrders--
	v.forgetName(o)
}
