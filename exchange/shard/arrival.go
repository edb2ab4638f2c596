package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
)

// arrival is an order on its way into a book: a new one, or an amended one that has lost its place.
type arrival struct {
	id       exchange.OrderID
	place    uint32 // the order's slot
	side     exchange.Side
	tif      exchange.TimeInForce
	mode     exchange.SelfTrade
	flags    exchange.OrderFlags
	limit    exchange.Price
	total    exchange.Quantity // as ordered, contracts filled before included
	before   exchange.Quantity // contracts filled before; 0 for a new order
	quantity exchange.Quantity // contracts still to trade or to rest
	closing  exchange.Quantity // of these, contracts that close; they are reserved once it is accepted
	dropped  exchange.Quantity // contracts of a reduce-only order that would have opened
	maxCost  exchange.Money
	expireAt exchange.Time
	group    exchange.GroupID

	account  exchange.AccountID
	acct     *ledger.Account
	slot     uint32           // of the position; 0: it has none yet
	pos      *ledger.Position // nil: it has none yet
	bookSlot uint32
	bk       *outcomeBook
	m        *market.Market
	overpaid uint64

	// What the account has for this order; for an amended one, with its old self taken out.
	cash    exchange.Money
	free    exchange.Quantity // contracts it could close
	opening exchange.Quantity // contracts of its side that the account has, or may get from its other orders
	orders  uint32            // other open orders

	missing exchange.Money // of cash, where there is too little

	// What comes of it.
	filled exchange.Quantity
	cost   exchange.Money // Σ price × quantity
	fees   exchange.Money
	spent  exchange.Money // counted against maxCost
	ended  bool           // it may not go on: what is left is cancelled, for this reason
	reason exchange.CancelReason
}

// end stops the order from trading on.
func (a *arrival) end(reason exchange.CancelReason) { a.ended, a.reason = true, reason }

// mayRest reports whether the order's time in force lets it rest.
func (a *arrival) mayRest() bool { return a.tif <= exchange.GoodTillTime }

// reserve reserves the contracts that the order is going to close.
func (a *arrival) reserve() { a.pos.Reserved[a.side.Opposite()] += a.closing }

// shrink takes q contracts out of the order without a trade, from its opening part first.
func (a *arrival) shrink(q exchange.Quantity) {
	if opening := a.quantity - a.closing; q > opening {
		a.pos.Reserved[a.side.Opposite()] -= q - opening
		a.closing -= q - opening
	}
	a.quantity -= q
}

// affordable returns the greatest part of q contracts at a price that keeps the order within its greatest cost.
func (a *arrival) affordable(p exchange.Price, q exchange.Quantity) exchange.Quantity {
	if a.maxCost == 0 || a.spent+a.spend(p, q) <= a.maxCost {
		return q
	}
	low, high := exchange.Quantity(0), q // low is affordable, high is not
	for high-low > 1 {
		if mid := (low + high) / 2; a.spent+a.spend(p, mid) <= a.maxCost {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// spend is what a fill of q contracts counts against the greatest cost: what it opens, and its fee.
func (a *arrival) spend(p exchange.Price, q exchange.Quantity) exchange.Money {
	overpaid := a.overpaid
	return exchange.Cost(a.side.OpenCost(p), q-min(q, a.closing)) + ledger.Fee(ledger.TakerRate(a.m.TakerFee), p, q, &overpaid)
}
