package projection

import (
	"github.com/hustings/hustings/exchange"
)

// Check audits everything: that money is conserved, no balance is negative, reservations stay within what they reserve
// from, contracts come in pairs that the escrow covers, no book is crossed, and the quantities of orders add up. It
// keeps Apply waiting, and takes about a second per million orders. The error is an *InconsistencyError.
func (v *View) Check() error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.failed != nil {
		return v.failed
	}
	audit := newAudit(v)
	for _, check := range []func() *InconsistencyError{
		audit.markets, audit.positions, audit.accounts, audit.groups, audit.outbox, audit.totals,
	} {
		if fault := check(); fault != nil {
			return fault
		}
	}
	return nil
}

// An audit adds up anew what a View has added up as it went.
type audit struct {
	v        *View
	held     []exchange.Money // by account, from its orders
	open     []uint32         // open orders by account
	reserved []exchange.Quantity
	total    Totals
}

func newAudit(v *View) *audit {
	return &audit{
		v:        v,
		held:     make([]exchange.Money, v.lastAccount+1),
		open:     make([]uint32, v.lastAccount+1),
		reserved: make([]exchange.Quantity, 2*(v.positions.last+1)), // yes and no of each position
	}
}

func (c *audit) accounts() *InconsistencyError {
	for i := uint32(1); i <= c.v.lastAccount; i++ {
		a := c.v.accounts.at(i)
		if a.registered {
			c.total.Accounts++
		}
		c.total.Cash += a.cash
		c.total.Held += a.held
		c.total.Receivables += a.receivable
		var fault *InconsistencyError
		switch {
		case a.cash < 0 || a.held < 0 || a.receivable < 0:
			fault = broken("cash is %v, %v is held, %v is owed", a.cash, a.held, a.receivable)
		case a.held != c.held[i]:
			fault = broken("%v is held, its orders hold %v", a.held, c.held[i])
		case !a.registered && *a != (account{}):
			fault = broken("there is no such account, and it has %v", a.cash+a.held)
		case a.openOrders != c.open[i] || c.v.listLen(a) != c.open[i]:
			fault = broken("%d orders are open, %d counted, %d listed", c.open[i], a.openOrders, c.v.listLen(a))
		}
		if fault != nil {
			return fault.withAccount(exchange.AccountID(i))
		}
	}
	return nil
}

// listLen counts the account's list of open orders, and returns more than there can be if it is not sorted.
func (v *View) listLen(a *account) (n uint32) {
	before := exchange.OrderID(0)
	for slot := a.oldestOrder; slot != 0; n++ {
		o := v.orders.at(slot)
		if o.id <= before && v.foreign.count == 0 && v.total.MovedIn == 0 { // what was adopted came later than its id says
			return exchange.MaxOpenOrders + 1
		}
		before, slot = o.id, o.newer
	}
	return n
}

func (c *audit) totals() *InconsistencyError {
	got, want := c.v.total, c.total
	sum := want.Cash + want.Held + want.Escrow + want.MarketFees + got.HouseFees - want.Receivables + want.Outbox
	in := got.World + got.Received - got.Released + got.MovedIn - got.MovedOut
	switch {
	case got.Cash != want.Cash || got.Held != want.Held || got.Escrow != want.Escrow || got.MarketFees != want.MarketFees ||
		got.Receivables != want.Receivables || got.Outbox != want.Outbox || got.Accounts != want.Accounts || got.OpenOrders != want.OpenOrders || got.Positions != want.Positions:
		return broken("the totals are %+v, their parts add up to %+v", got, want)
	case got.HouseFees < 0:
		return broken("the house's fees are %v", got.HouseFees)
	case sum != in:
		return broken("accounts, escrows and fees add up to %v, deposits less withdrawals to %v", sum, in)
	}
	return nil
}
