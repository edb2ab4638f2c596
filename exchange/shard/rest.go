package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/timer"
	"github.com/hustings/hustings/exchange/wire"
)

// enterBook makes an arriving order rest in its slot, and returns its hold.
func (s *Shard) enterBook(a *arrival) exchange.Money {
	slot := a.place
	o := s.orders.At(slot)
	if o.ID == 0 {
		s.enrol(a, o, slot)
	}
	o.Price, o.Remaining, o.Filled, o.Closing = a.limit, a.quantity, a.before+a.filled, a.closing
	o.Overpaid = a.overpaid
	o.Hold = holdOf(a.m, o)
	s.ledger.Hold(a.acct, o.Hold)
	a.pos.Opening[o.Side] += o.Opening()
	a.bk.Append(&s.orders, slot)
	return o.Hold
}

// enrol fills in what an order keeps for as long as it is open.
func (s *Shard) enrol(a *arrival, o *book.Order, slot uint32) {
	o.ID, o.Side, o.Position, o.Options = a.id, a.side, a.slot, packOptions(a.flags, a.mode)
	if a.expireAt != 0 || a.group != 0 {
		o.Extra = s.extras.take()
		x := s.extras.At(o.Extra)
		x.group, x.expireAt = a.group, a.expireAt
		if a.expireAt != 0 {
			x.timer = s.timers.Add(a.expireAt, timer.ExpireOrder, uint64(a.id))
		}
	}
	o.OwnerNext = a.acct.OrdersHead
	if o.OwnerNext != 0 {
		s.orders.At(o.OwnerNext).OwnerPrev = slot
	} else {
		a.acct.OrdersTail = slot
	}
	a.acct.OrdersHead = slot
	a.acct.OpenOrders++
	a.m.OpenOrders++
}

// strike takes an order that has left its book out of everything else that knows it, and frees its slot.
func (s *Shard) strike(o *book.Order, slot uint32, acct *ledger.Account, m *market.Market) {
	if acct.Sweep == slot {
		acct.Sweep = o.OwnerPrev
	}
	if o.OwnerNext != 0 {
		s.orders.At(o.OwnerNext).OwnerPrev = o.OwnerPrev
	} else {
		acct.OrdersTail = o.OwnerPrev
	}
	if o.OwnerPrev != 0 {
		s.orders.At(o.OwnerPrev).OwnerNext = o.OwnerNext
	} else {
		acct.OrdersHead = o.OwnerNext
	}
	acct.OpenOrders--
	m.OpenOrders--
	if o.Extra != 0 {
		if t := s.extras.At(o.Extra).timer; t != 0 {
			s.timers.Remove(t)
		}
		s.extras.release(o.Extra)
	}
	if o.ID.Slot() != slot {
		s.forgetForeign(o, slot)
	}
	s.orders.Release(slot)
}

// holdOf is what a resting order must hold.
func holdOf(m *market.Market, o *book.Order) exchange.Money {
	credit := o.Overpaid
	if o.Closing > 0 {
		credit = 0
	}
	return ledger.HoldFor(ledger.MakerRate(m.TakerFee, m.MakerShare), o.Side, o.Price, o.Opening(), credit)
}

// resting is an open order with what belongs to it.
type resting struct {
	o    *book.Order
	slot uint32
	pos  *ledger.Position
	acct *ledger.Account
	bk   *outcomeBook
	m    *market.Market
}

// open returns the order in a slot with what belongs to it.
func (s *Shard) open(slot uint32) resting {
	o := s.orders.At(slot)
	pos := s.ledger.Positions.At(o.Position)
	bk := s.books.At(pos.Book)
	return resting{o, slot, pos, s.ledger.Accounts.At(uint32(pos.Account)), bk, s.markets.At(uint32(bk.market))}
}

// withdraw takes q contracts of a resting order out of the book without a trade, from its opening part first, and gives
// back what they held and reserved. It reports whether the account had contracts: a merge may take its last ones.
func (s *Shard) withdraw(x *resting, q exchange.Quantity) (e exchange.Release, wasFlat bool) {
	o := x.o
	wasFlat = x.pos.Flat()
	opening := min(q, o.Opening())
	x.bk.Reduce(&s.orders, o, q)
	o.Closing -= q - opening
	x.pos.Reserved[o.Side.Opposite()] -= q - opening
	x.pos.Opening[o.Side] -= opening
	held := o.Hold
	o.Hold = holdOf(x.m, o)
	s.ledger.Release(x.acct, held-o.Hold)
	merged := s.ledger.Merge(x.acct, x.pos, &x.bk.Pool)
	s.sign |= x.acct.Cash | x.acct.Held
	return exchange.Release{Market: x.bk.market, Outcome: x.bk.outcome, Order: o.ID, Account: x.pos.Account,
		Quantity: q, Remaining: o.Remaining, HoldReleased: held - o.Hold, Merged: merged, Cash: x.acct.Cash}, wasFlat
}

// remove ends a resting order without a trade.
func (s *Shard) remove(x *resting, kind exchange.EventKind, reason exchange.CancelReason) {
	s.withdrawAs(x, x.o.Remaining, kind, reason)
	s.strike(x.o, x.slot, x.acct, x.m)
}

// withdrawAs takes q contracts out and says so by an event of this kind.
func (s *Shard) withdrawAs(x *resting, q exchange.Quantity, kind exchange.EventKind, reason exchange.CancelReason) {
	e, wasFlat := s.withdraw(x, q)
	s.out.Events = wire.AppendRelease(s.out.Events, kind, &e, reason)
	s.emitted()
	s.notePosition(wasFlat, x.pos, x.bk)
}
