package projection

import (
	"bytes"
	"cmp"
	"slices"

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
// than the order after, if that is not 0, and at most limit of them, 1 to MaxPage. Orders of one id, in several markets, are
// not parted: there may be more than the limit for it.
func (v *View) OpenOrders(id exchange.AccountID, market exchange.MarketID, after exchange.OrderID, limit int) (all []Order) {
	limit = min(max(limit, 1), MaxPage)
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastAccount {
		return nil
	}
	if v.total.MovedIn > 0 || v.foreign.count > 0 {
		for _, o := range v.newestOf(id, market, after, limit) {
			all = append(all, v.readOrder(o))
		}
		return all
	}
	slot := v.accounts.at(uint32(id)).newestOrder
	if o := v.orderIn(after.Slot()); o != nil && o.id == after && o.account == id {
		slot = o.older
	}
	for slot != 0 && len(all) < limit {
		o := v.orders.at(slot)
		if (after == 0 || o.id < after) && (market == 0 || o.market == market) {
			all = append(all, v.readOrder(o))
		}
		slot = o.older
	}
	return all
}

// newestOf does so where orders came from other shards: an account's list has them as they came, not as they were placed. It
// looks at all open orders of the account.
func (v *View) newestOf(id exchange.AccountID, market exchange.MarketID, after exchange.OrderID, limit int) (found []*order) {
	var least exchange.OrderID // older ones than that are not among them
	for slot := v.accounts.at(uint32(id)).newestOrder; slot != 0; {
		o := v.orders.at(slot)
		if o.id >= least && (after == 0 || o.id < after) && (market == 0 || o.market == market) {
			found = append(found, o)
		}
		if len(found) >= 4*MaxPage {
			found = newest(found, limit)
			least = found[len(found)-1].id
		}
		slot = o.older
	}
	return newest(found, limit)
}

// newest sorts orders and returns the newest ones, and those that have the id of the last.
func newest(all []*order, limit int) []*order {
	slices.SortFunc(all, func(a, b *order) int { return cmp.Or(cmp.Compare(b.id, a.id), cmp.Compare(b.market, a.market)) })
	end := min(limit, len(all))
	for end > 0 && end < len(all) && all[end].id == all[end-1].id {
		end++
	}
	return all[:end]
}
