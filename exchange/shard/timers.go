package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/timer"
)

// fireTimers does what has fallen due, up to most things.
func (s *Shard) fireTimers(most int) {
	for range most {
		t, ok := s.timers.Due(s.now)
		if !ok {
			return
		}
		switch t.Kind {
		case timer.CloseMarket:
			id := exchange.MarketID(t.ID)
			m := s.market(id)
			if m.Timer = 0; m.Trading() && !m.Halted && m.Stage == market.Here {
				s.closeMarket(id, m)
			}
		case timer.PayMarket:
			id := exchange.MarketID(t.ID)
			m := s.market(id)
			if m.Timer = 0; m.Stage == market.Here {
				s.queueMarket(id, m)
			}
		case timer.DeadMan:
			id := exchange.AccountID(t.ID)
			acct := s.ledger.Account(id)
			acct.DeadMan = 0
			s.cancelAccount(id, acct, exchange.CancelDeadMan)
		case timer.ExpireOrder:
			s.expire(exchange.OrderID(t.ID))
		case timer.LapseProposal:
			s.lapse(exchange.ProposalID(t.ID))
		}
	}
}

// expire removes the order in a slot that an id names and whose time has come. Its timer was taken out already.
func (s *Shard) expire(id exchange.OrderID) {
	x := s.open(id.Slot())
	s.extras.At(x.o.Extra).timer = 0
	if x.m.Stage != market.Here || x.m.Halted { // once it trades again
		if moving := x.m.Moving(); x.m.Stage == market.Arriving && !moving.Doomed {
			moving.Doomed = true
			x.m.SetMoving(moving)
		}
		return
	}
	s.sign = 0
	s.removeDoomed(&x)
	s.verify(x.bk, x.m)
}

// fireDeadMan fires an account's dead-man's switch, whose time has come, ahead of its timer.
func (s *Shard) fireDeadMan(id exchange.AccountID, acct *ledger.Account) {
	s.timers.Remove(acct.DeadMan)
	acct.DeadMan = 0
	s.cancelAccount(id, acct, exchange.CancelDeadMan)
}

// setDeadMan executes a SetDeadMan command.
func (s *Shard) setDeadMan(c *exchange.SetDeadMan, r *exchange.Reply) exchange.Reject {
	const least, most = exchange.Duration(1e9), exchange.Duration(24 * 3600e9)
	acct := s.ledger.Account(c.Account)
	if acct == nil {
		return exchange.RejectAccountNotFound
	}
	if c.Timeout != 0 && (c.Timeout < least || c.Timeout > most) {
		return exchange.RejectTermsInvalid
	}
	if acct.DeadMan != 0 {
		if s.deadManPassed(acct) {
			s.fireDeadMan(c.Account, acct)
		} else {
			s.timers.Remove(acct.DeadMan)
			acct.DeadMan = 0
		}
	}
	deadline := exchange.Time(0)
	if c.Timeout != 0 {
		deadline = s.now + exchange.Time(c.Timeout)
		acct.DeadMan = s.timers.Add(deadline, timer.DeadMan, uint64(c.Account))
	}
	r.ID = uint64(c.Account)
	s.emit(&exchange.DeadManSet{Account: c.Account, Deadline: deadline})
	return exchange.Accepted
}
