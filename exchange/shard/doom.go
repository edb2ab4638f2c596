package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
)

// An order is doomed once something has decided that it must go, and before the steps have come round to removing it. A
// doomed order no longer trades: whoever meets it removes it.
//
// What dooms many orders at once is a fence: all orders of an account, a position, a group or a market with an id
// below it. Ids grow with time, so a fence set now dooms what is there and nothing that comes later. Orders that came with
// their market from another shard have ids of that one, so for those of a group its cancels are counted instead.

// fence returns the id that all orders accepted so far are below.
func (s *Shard) fence() exchange.OrderID { return exchange.NewOrderID(s.number+1, 0) }

// doomed reports whether a resting order must go.
func (s *Shard) doomed(x *resting) bool {
	id := x.o.ID
	if id < x.acct.CancelBelow || id < x.pos.CancelBelow || id < x.m.CancelBelow {
		return true
	}
	return x.o.Extra != 0 && s.doomedByExtra(x) || x.acct.DeadMan != 0 && s.deadManPassed(x.acct)
}

func (s *Shard) doomedByExtra(x *resting) bool {
	extra := s.extras.At(x.o.Extra)
	return extra.doomed || extra.expireAt != 0 && extra.expireAt <= s.now ||
		extra.group != 0 && s.groups.At(uint32(extra.group)).dooms(x.o.ID, extra.came)
}

func (s *Shard) deadManPassed(a *ledger.Account) bool {
	return s.timers.Records.At(a.DeadMan).At <= s.now
}

// removeDoomed removes a doomed order for the reason that doomed it.
func (s *Shard) removeDoomed(x *resting) {
	kind, reason := exchange.KindOrderCancelled, exchange.CancelMass
	switch extra, id := s.extraOf(x.o), x.o.ID; {
	case extra.expireAt != 0 && extra.expireAt <= s.now:
		kind = exchange.KindOrderExpired
	case id < x.acct.CancelBelow:
		reason = x.acct.CancelReason
	case id < x.pos.CancelBelow || extra.doomed:
	case id < x.m.CancelBelow:
		reason = x.m.CancelReason
	case extra.group != 0 && s.groups.At(uint32(extra.group)).dooms(id, extra.came):
		reason = exchange.CancelGroup
	default:
		reason = exchange.CancelDeadMan
	}
	s.remove(x, kind, reason)
}

// clearDoomed removes doomed orders from the front of a side, so that its best price is that of an order which can
// trade.
func (s *Shard) clearDoomed(bk *outcomeBook, m *market.Market, side exchange.Side) {
	for {
		slot, _ := bk.Head(side)
		if slot == 0 {
			return
		}
		x := s.open(slot)
		if !s.doomed(&x) {
			return
		}
		s.removeDoomed(&x)
	}
}
