package shard

import (
	"github.com/hustings/hustings/exchange"
)

// amendOrder executes an AmendOrder command. A smaller quantity keeps its place; anything else arrives anew.
func (s *Shard) amendOrder(c *exchange.AmendOrder, r *exchange.Reply) exchange.Reject {
	_, code := s.activeAccount(c.Account)
	if code != exchange.Accepted {
		return fundsElsewhere(c.FundsElsewhere, code, c.Account, 0, r)
	}
	if s.halted {
		return exchange.RejectExchangeHalted
	}
	m := s.market(c.Market)
	if m == nil {
		return exchange.RejectMarketNotFound
	}
	slot := s.find(c.Market, c.Order)
	if slot == 0 {
		return exchange.RejectOrderNotFound
	}
	x := s.open(slot)
	if x.pos.Account != c.Account || s.doomed(&x) {
		return exchange.RejectOrderNotFound
	}
	if c.Version != 0 && c.Version != s.extraOf(x.o).version {
		return exchange.RejectVersionMismatch
	}
	if code := s.accepting(c.Market, m); code != exchange.Accepted {
		return code
	}
	if flags, _ := unpackOptions(x.o.Options); flags&exchange.PostOnly != 0 {
		s.clearDoomed(x.bk, m, x.o.Side.Opposite())
	}
	a, version := s.amendment(c, &x), s.extraOf(x.o).version+1
	if total := x.o.Filled + x.o.Remaining; a.limit == x.o.Price && x.o.Filled < a.total && a.total <= total {
		s.amendInPlace(&a, &x, total-a.total)
	} else if code := s.admit(&a); code != exchange.Accepted {
		return fundsElsewhere(c.FundsElsewhere, code, c.Account, a.missing, r)
	} else {
		s.amendAnew(&a, &x)
	}
	s.setVersion(slot, c.Order, version)
	r.ID, r.Version = uint64(c.Order), version
	s.answer(&a, r)
	return exchange.Accepted
}

// amendment returns the order as it would arrive anew, with its old self taken out of what the account has.
func (s *Shard) amendment(c *exchange.AmendOrder, x *resting) arrival {
	o, extra := x.o, s.extraOf(x.o)
	flags, mode := unpackOptions(o.Options)
	a := arrival{id: o.ID, place: x.slot, side: o.Side, mode: mode, flags: flags, limit: o.Price, total: o.Filled + o.Remaining,
		before: o.Filled, expireAt: extra.expireAt, group: extra.group,
		account: x.pos.Account, acct: x.acct, slot: o.Position, pos: x.pos, bookSlot: x.pos.Book, bk: x.bk, m: x.m,
		overpaid: o.Overpaid}
	if c.Price != 0 {
		a.limit = c.Price
	}
	if c.Quantity != 0 {
		a.total = c.Quantity
	}
	a.quantity = a.total - min(a.total, o.Filled)
	own, other := o.Side, o.Side.Opposite()
	freed := x.pos.Free(other) + o.Closing
	merged := min(freed, x.pos.Free(own))
	a.free = freed - merged
	a.cash = x.acct.Cash + o.Hold + exchange.Cost(exchange.One, merged)
	a.opening = x.pos.Have[own] - merged + x.pos.Opening[own] - o.Opening()
	a.orders = x.acct.OpenOrders - 1
	return a
}

// amendInPlace makes an order q contracts smaller.
func (s *Shard) amendInPlace(a *arrival, x *resting, q exchange.Quantity) {
	e, wasFlat := s.withdraw(x, q)
	a.quantity = x.o.Remaining
	s.emit(&exchange.OrderAmended{Market: e.Market, Outcome: e.Outcome, Order: e.Order, Account: e.Account,
		Price: x.o.Price, Quantity: a.total, Closing: x.o.Closing, Resting: x.o.Remaining, Hold: x.o.Hold,
		Merged: e.Merged, Cash: e.Cash})
	s.notePosition(wasFlat, x.pos, x.bk)
}

// amendAnew takes an order out of its book and lets it arrive again.
func (s *Shard) amendAnew(a *arrival, x *resting) {
	e, wasFlat := s.withdraw(x, x.o.Remaining)
	a.reserve()
	amended := exchange.OrderAmended{Market: e.Market, Outcome: e.Outcome, Order: e.Order, Account: e.Account,
		Price: a.limit, Quantity: a.total, Closing: a.closing, Merged: e.Merged, LostPriority: true}
	meets := a.bk.WouldTrade(a.side, a.limit)
	if !meets {
		amended.Hold = s.enterBook(a)
		amended.Resting = a.quantity
	}
	amended.Cash = a.acct.Cash
	s.emit(&amended)
	s.notePosition(wasFlat, x.pos, x.bk)
	if a.dropped > 0 {
		s.emitUnrested(a, a.dropped, a.quantity, exchange.CancelReduceOnly)
	}
	if meets {
		s.trade(a)
	}
	if a.quantity == 0 || a.ended {
		s.strike(x.o, x.slot, x.acct, x.m)
	}
}

// setVersion notes the version of an order, if it is still open.
func (s *Shard) setVersion(slot uint32, id exchange.OrderID, version uint32) {
	o := s.orders.At(slot)
	if o.ID != id {
		return
	}
	if o.Extra == 0 {
		o.Extra = s.extras.take()
	}
	s.extras.At(o.Extra).version = version
}
