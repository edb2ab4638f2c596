package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
)

// cancelOrder executes a CancelOrder command. Cancels are accepted whatever state market and account are in.
func (s *Shard) cancelOrder(c *exchange.CancelOrder, r *exchange.Reply) {
	s.about = c.Market
	m := s.market(c.Market)
	if m != nil && m.Stage != market.Here {
		s.onItsWay(m, r)
		return
	}
	code := exchange.Accepted
	x := resting{}
	switch slot := s.find(c.Market, c.Order); {
	case s.ledger.Account(c.Account) == nil:
		code = exchange.RejectAccountNotFound
	case m == nil:
		code = exchange.RejectMarketNotFound
	case slot == 0:
		code = exchange.RejectOrderNotFound
	default:
		if x = s.open(slot); x.pos.Account != c.Account {
			code = exchange.RejectOrderNotFound
		} else if x.m.Halted {
			code = exchange.RejectMarketHalted
		}
	}
	if code != exchange.Accepted {
		s.refuse(r, &exchange.CommandRejected{Account: c.Account, Market: c.Market, Order: c.Order,
			Command: exchange.KindCancelOrder, Code: code})
		return
	}
	r.ID, r.Version = uint64(c.Order), s.extraOf(x.o).version
	s.remove(&x, exchange.KindOrderCancelled, exchange.CancelRequested)
	s.verify(x.bk, x.m)
}

// massCancel executes a MassCancel command: it sets fences and leaves the rest to the steps.
func (s *Shard) massCancel(c *exchange.MassCancel, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	if acct == nil {
		return exchange.RejectAccountNotFound
	}
	if c.Market != 0 && s.market(c.Market) == nil {
		return exchange.RejectMarketNotFound
	}
	if c.Market == 0 && !s.reaches(c.Account, r) {
		return exchange.RejectMarketMoving
	}
	if c.Group != 0 && s.group(c.Account, c.Group) == nil {
		return exchange.RejectGroupNotFound
	}
	if c.Market != 0 && c.Group != 0 {
		return exchange.RejectOptionsConflict
	}
	switch {
	case c.Market != 0:
		s.fencePositions(c.Account, c.Market)
	case c.Group != 0:
		s.cancelGroup(s.group(c.Account, c.Group))
	default:
		acct.CancelBelow, acct.CancelReason = s.fence(), exchange.CancelMass
		r.Remaining = exchange.Quantity(acct.OpenOrders)
	}
	s.emit(&exchange.MassCancelAccepted{Account: c.Account, Market: c.Market, Group: c.Group, Below: s.fence(), Reason: exchange.CancelMass})
	s.sweepAccount(c.Account, acct)
	return exchange.Accepted
}

// fencePositions dooms an account's orders in all books of a market.
func (s *Shard) fencePositions(account exchange.AccountID, id exchange.MarketID) {
	m := s.market(id)
	for i := range uint32(m.Count) {
		if slot := s.ledger.Position(account, m.Books+i); slot != 0 {
			s.ledger.Positions.At(slot).CancelBelow = s.fence()
		}
	}
}

// cancelAccount dooms all orders of an account.
func (s *Shard) cancelAccount(id exchange.AccountID, acct *ledger.Account, reason exchange.CancelReason) {
	acct.CancelBelow, acct.CancelReason = s.fence(), reason
	s.emit(&exchange.MassCancelAccepted{Account: id, Below: acct.CancelBelow, Reason: reason})
	s.sweepAccount(id, acct)
}
