package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/wire"
)

// match trades an arriving order against the best opposite orders while its price allows.
func (s *Shard) match(a *arrival) {
	for a.quantity > 0 && !a.ended {
		slot, price := a.bk.Head(a.side.Opposite())
		if slot == 0 || !book.Crosses(a.side, a.limit, price) {
			return
		}
		o := s.orders.At(slot)
		pos := s.ledger.Positions.At(o.Position)
		x := resting{o, slot, pos, s.ledger.Accounts.At(uint32(pos.Account)), a.bk, a.m}
		if s.doomed(&x) {
			s.removeDoomed(&x)
			continue
		}
		if pos.Account == a.account && a.mode != exchange.AllowSelfTrade {
			s.preventSelfTrade(a, &x)
			continue
		}
		q := a.affordable(price, min(a.quantity, o.Remaining))
		if q == 0 {
			a.end(exchange.CancelCost)
			return
		}
		s.fill(a, &x, price, q)
	}
}

// fill trades q contracts of an arriving order with a resting one, at the resting order's price.
func (s *Shard) fill(a *arrival, x *resting, price exchange.Price, q exchange.Quantity) {
	e := exchange.OrderMatched{Market: a.bk.market, Outcome: a.bk.outcome, TakerSide: a.side, Price: price, Quantity: q,
		Maker: x.o.ID, Taker: a.id, MakerAccount: x.pos.Account, TakerAccount: a.account}
	makerFlat, takerFlat := x.pos.Flat(), a.pos.Flat()
	s.fillMaker(x, &e)
	s.fillTaker(a, &e)
	a.bk.last = price
	s.sign |= x.acct.Cash | x.acct.Held | a.acct.Cash
	s.out.Events = wire.AppendOrderMatched(s.out.Events, &e)
	s.emitted()
	s.notePosition(makerFlat, x.pos, a.bk)
	if x.pos != a.pos {
		s.notePosition(takerFlat, a.pos, a.bk)
	}
	s.countFill(a, x, q)
	if x.o.Remaining == 0 {
		s.strike(x.o, x.slot, x.acct, a.m)
	}
}

// fillMaker books the maker's half of a trade and fills in its fields of the event.
func (s *Shard) fillMaker(x *resting, e *exchange.OrderMatched) {
	o := x.o
	e.MakerClosing = min(o.Closing, e.Quantity)
	e.MakerFee = ledger.Fee(ledger.MakerRate(x.m.TakerFee, x.m.MakerShare), e.Price, e.Quantity, &o.Overpaid)
	s.ledger.Fill(x.acct, x.pos, &x.bk.Pool, o.Side, e.Price, e.Quantity, e.MakerClosing)
	s.ledger.PayFee(x.acct, x.pos, &x.m.Fees, e.MakerFee)
	x.bk.Reduce(&s.orders, o, e.Quantity)
	o.Closing -= e.MakerClosing
	o.Filled += e.Quantity
	x.pos.Opening[o.Side] -= e.Quantity - e.MakerClosing
	held := o.Hold
	o.Hold = holdOf(x.m, o)
	e.MakerHold = held - o.Hold
	s.ledger.Release(x.acct, e.MakerHold)
	e.MakerMerged = s.ledger.Merge(x.acct, x.pos, &x.bk.Pool)
	e.MakerCash = x.acct.Cash
}

// fillTaker books the taker's half of a trade and fills in its fields of the event.
func (s *Shard) fillTaker(a *arrival, e *exchange.OrderMatched) {
	e.TakerClosing = min(a.closing, e.Quantity)
	e.TakerFee = ledger.Fee(ledger.TakerRate(a.m.TakerFee), e.Price, e.Quantity, &a.overpaid)
	s.ledger.Fill(a.acct, a.pos, &a.bk.Pool, a.side, e.Price, e.Quantity, e.TakerClosing)
	s.ledger.PayFee(a.acct, a.pos, &a.m.Fees, e.TakerFee)
	a.closing -= e.TakerClosing
	a.quantity -= e.Quantity
	a.filled += e.Quantity
	a.cost += exchange.Cost(e.Price, e.Quantity)
	a.fees += e.TakerFee
	a.spent += exchange.Cost(a.side.OpenCost(e.Price), e.Quantity-e.TakerClosing) + e.TakerFee
	e.TakerMerged = s.ledger.Merge(a.acct, a.pos, &a.bk.Pool)
	e.TakerCash = a.acct.Cash
}

// notePosition says that a position came to be or ceased to be.
func (s *Shard) notePosition(wasFlat bool, pos *ledger.Position, bk *outcomeBook) {
	if flat := pos.Flat(); flat == wasFlat {
		return
	} else if flat {
		s.closed = exchange.PositionClosed{Account: pos.Account, Market: bk.market, Outcome: bk.outcome, Paid: pos.Paid}
		s.emit(&s.closed)
	} else {
		s.opened = exchange.PositionOpened{Account: pos.Account, Market: bk.market, Outcome: bk.outcome}
		s.emit(&s.opened)
	}
}

// preventSelfTrade does what the arriving order wants done when it meets an order of its own account.
func (s *Shard) preventSelfTrade(a *arrival, x *resting) {
	switch a.mode {
	case exchange.CancelMaker:
		s.remove(x, exchange.KindOrderCancelled, exchange.CancelSelfTrade)
	case exchange.CancelBoth:
		s.remove(x, exchange.KindOrderCancelled, exchange.CancelSelfTrade)
		a.end(exchange.CancelSelfTrade)
	case exchange.DecreaseBoth:
		s.decreaseBoth(a, x)
	default:
		a.end(exchange.CancelSelfTrade)
	}
}

// decreaseBoth takes as many contracts out of both orders as could have traded.
func (s *Shard) decreaseBoth(a *arrival, x *resting) {
	q := min(a.quantity, x.o.Remaining)
	if q == x.o.Remaining {
		s.remove(x, exchange.KindOrderCancelled, exchange.CancelSelfTrade)
	} else {
		s.withdrawAs(x, q, exchange.KindOrderReduced, exchange.CancelSelfTrade)
	}
	if q == a.quantity {
		a.end(exchange.CancelSelfTrade)
		return
	}
	a.shrink(q)
	s.emitUnrested(a, q, a.quantity, exchange.CancelSelfTrade)
}

// fillable reports whether a fill-or-kill order would be filled in full. It walks the orders that it would meet, and
// counts in their groups and its own what it would fill.
func (s *Shard) fillable(a *arrival) bool {
	b := *a // spends what the order would
	var tallies tallies
	price, ok := b.bk.Best(b.side.Opposite())
	for ; ok && book.Crosses(b.side, b.limit, price); price, ok = b.bk.Worse(b.side.Opposite(), price) {
		for slot := b.bk.Queue(price); slot != 0; slot = s.orders.At(slot).Behind() {
			x := s.open(slot)
			maker := s.extraOf(x.o).group
			if s.doomed(&x) || tallies.triggered(s, maker) {
				continue
			}
			if x.pos.Account == b.account && b.mode != exchange.AllowSelfTrade {
				if b.mode == exchange.CancelMaker {
					continue
				}
				return false
			}
			q := min(b.quantity, x.o.Remaining)
			if b.affordable(price, q) < q {
				return false
			}
			b.spent += b.spend(price, q)
			ledger.Fee(ledger.TakerRate(b.m.TakerFee), price, q, &b.overpaid)
			b.closing -= min(b.closing, q)
			if b.quantity -= q; b.quantity == 0 {
				return true
			}
			tallies.count(s, maker, q)
			tallies.count(s, b.group, q)
			if tallies.triggered(s, b.group) {
				return false
			}
		}
	}
	return false
}
