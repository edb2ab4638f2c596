package projection

import (
	"bytes"

	"github.com/hustings/hustings/exchange"
)

func (v *View) readOrder(o *order) Order {
	return Order{
		ID: o.id, Account: o.account, Market: o.market, Group: o.group, Outcome: o.outcome, Side: o.side,
		TimeInForce: o.timeInForce, SelfTrade: o.selfTrade, Flags: o.flags,
		Price: o.price, Quantity: o.filled + o.remaining, Filled: o.filled, Remaining: o.remaining, Closing: o.closing,
		Hold: o.hold, ExpireAt: o.expireAt, Version: o.version, ClientID: bytes.Clone(v.clientIDOf(o)),
		PlacedAt: o.placedAt,
	}
}

// Order returns an open order of a market; ok is false if there is none.
func (v *View) Order(market exchange.MarketID, id exchange.OrderID) (o Order, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if found := v.openOrder(market, id); found != nil {
		return v.readOrder(found), true
	}
	return Order{}, false
}

// OrderByClientID returns the account's open order with a client id; the newest, should there be several.
func (v *View) OrderByClientID(account exchange.AccountID, clientID []byte) (o Order, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var newest *order
	if len(clientID) == 0 {
		return Order{}, false
	}
	for p := v.clientIDs.index.probe(v.hashClientID(account, clientID)); p.next(); {
		found := v.orders.at(p.number)
		if found.account == account && bytes.Equal(v.clientIDOf(found), clientID) && (newest == nil || found.id > newest.id) {
			newest = found
		}
	}
	if newest == nil {
		return Order{}, false
	}
	return v.readOrder(newest), true
}

// OpenOrders returns open orders of an account, newest first: those of one market or, with 0, of all, that are older
// than the order after, if that is not 0, and at most limit of them, 1 to MaxPage.
func (v *View) OpenOrders(id exchange.AccountID, market exchange.MarketID, after exchange.OrderID, limit int) []Order {
	limit = min(max(limit, 1), MaxPage)
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastAccount {
		return nil
	}
	slot := v.accounts.at(uint32(id)).newestOrder
	if o := v.openFrom(id, market, after); o != nil {
		slot = o.older
	}
	var all []Order
	for slot != 0 && len(all) < limit {
		o := v.orders.at(slot)
		if (after == 0 || o.id < after) && (market == 0 || o.market == market) {
			all = append(all, v.readOrder(o))
		}
		slot = o.older
	}
	return all
}

// openFrom returns an account's open order of this id, in any market if that is 0, or nil.
func (v *View) openFrom(account exchange.AccountID, market exchange.MarketID, id exchange.OrderID) *order {
	o := v.orderIn(id.Slot())
	if market != 0 {
		o = v.openOrder(market, id)
	} else if (o == nil || o.id != id) && v.foreign.count > 0 {
		for o = v.orderIn(v.accounts.at(uint32(account)).newestOrder); o != nil && o.id != id; {
			o = v.orderIn(o.older)
		}
	}
	if o == nil || o.id != id || o.account != account {
		return nil
	}
	return o
}
