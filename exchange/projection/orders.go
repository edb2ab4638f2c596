package projection

import (
	"hash/maphash"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

const maxClientID = wire.MaxClientID

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
	clientID    uint8 // length of the client's id; 0: none
	queued      bool  // in the queue of its price
	listed      bool  // among the account's open orders
}

// opening is the part of what is left that opens a position.
func (o *order) opening() exchange.Quantity { return o.remaining - o.closing }

// openOrder returns the order of this id, or nil if it is not open.
func (v *View) openOrder(id exchange.OrderID) *order {
	if o := v.orders.get(id.Slot()); o != nil && o.id == id && id != 0 {
		return o
	}
	return nil
}

// enlist adds an order that comes to rest to the open orders of its account and market. It is the account's newest.
func (v *View) enlist(a *account, m *market, o *order, clientID []byte) {
	v.link(a, o)
	v.countOpen(a, m, o, clientID)
}

func (v *View) link(a *account, o *order) {
	slot := o.id.Slot()
	o.older = a.newestOrder
	if o.older == 0 {
		a.oldestOrder = slot
	} else {
		v.orders.at(o.older).newer = slot
	}
	a.newestOrder = slot
}

// countOpen counts an order among the open ones, and makes it known by its client id.
func (v *View) countOpen(a *account, m *market, o *order, clientID []byte) {
	a.openOrders++
	m.openOrders++
	v.total.OpenOrders++
	o.listed = true
	if len(clientID) > 0 {
		slot := o.id.Slot()
		o.clientID = uint8(copy(v.clientIDs.make(slot)[:], clientID))
		v.byClientID.insert(v.hashClientID(o.account, clientID), slot)
	}
}

// remove frees an order's slot.
func (v *View) remove(a *account, m *market, o *order) {
	if o.listed {
		v.delist(a, m, o)
	}
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
	if o.clientID > 0 {
		v.byClientID.remove(v.hashClientID(o.account, v.clientIDOf(o)), o.id.Slot())
	}
}

// clientIDOf returns the client's own id of an order. It belongs to the View.
func (v *View) clientIDOf(o *order) []byte {
	if o.clientID == 0 {
		return nil
	}
	return v.clientIDs.at(o.id.Slot())[:o.clientID]
}

func (v *View) hashClientID(account exchange.AccountID, id []byte) uint32 {
	const m = 0x9E3779B97F4A7C15
	return uint32((maphash.Bytes(v.seed, id) ^ uint64(account)*m) * m >> 32)
}
