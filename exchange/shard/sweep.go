package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
)

// sweepAccount queues the removal of an account's doomed orders, from the oldest on. A sweep under way starts over.
func (s *Shard) sweepAccount(id exchange.AccountID, acct *ledger.Account) {
	acct.Sweep = acct.OrdersTail
	if acct.Flags&ledger.Sweeping == 0 && acct.Sweep != 0 {
		acct.Flags |= ledger.Sweeping
		s.sweeps.push(id)
	}
}

// queueMarket queues the steps of a market.
func (s *Shard) queueMarket(id exchange.MarketID, m *market.Market) {
	if !m.Queued {
		m.Queued = true
		s.work.push(id)
	}
}

// step works off up to most steps: first of accounts, then of markets, each queue in turn.
func (s *Shard) step(most int) {
	for most > 0 && s.sweeps.len() > 0 {
		id := s.sweeps.first()
		acct := s.ledger.Account(id)
		most -= s.sweepSome(acct, most)
		if acct.Sweep == 0 {
			acct.Flags &^= ledger.Sweeping
			s.sweeps.pop()
		}
	}
	for most > 0 && s.work.len() > 0 {
		id := s.work.first()
		m := s.market(id)
		s.sign = 0
		used, done := s.workOn(id, m, most)
		most -= max(1, used)
		if done {
			m.Queued = false
			s.work.pop()
		}
	}
}

// sweepSome looks at up to most orders of an account, removes the doomed ones and returns how many it looked at.
func (s *Shard) sweepSome(acct *ledger.Account, most int) (looked int) {
	for ; looked < most && acct.Sweep != 0; looked++ {
		slot := acct.Sweep
		x := s.open(slot)
		acct.Sweep = x.o.OwnerPrev
		if s.doomed(&x) && !x.m.Halted && x.m.Stage == market.Here {
			s.sign = 0
			s.removeDoomed(&x)
			s.verify(x.bk, x.m)
		}
	}
	return max(1, looked)
}

// workOn does up to most steps of a market, and says how many it did and whether nothing is left for now.
func (s *Shard) workOn(id exchange.MarketID, m *market.Market, most int) (used int, done bool) {
	for used < most && !m.Halted {
		var ended bool
		switch m.Work.Phase {
		case market.Idle:
			if !s.nextPhase(id, m) {
				return used, true
			}
			continue
		case market.Cancelling:
			ended = s.cancelSome(m, &used, most)
		case market.Paying:
			ended = s.paySome(id, m, &used, most)
		case market.TakingBack, market.GivingBack:
			ended = s.refundSome(id, m, &used, most)
		case market.Forgetting:
			ended = s.forgetSome(m, &used, most)
		}
		if ended {
			s.endPhase(id, m)
		}
	}
	return used, m.Halted
}

// begin starts a phase at the market's first book.
func begin(m *market.Market, phase market.Phase) {
	m.Work = market.Work{Phase: phase}
}

// nextPhase begins what an idle market has to do, if anything.
func (s *Shard) nextPhase(id exchange.MarketID, m *market.Market) bool {
	switch {
	case m.Due(s.now) && m.Timer == 0:
		begin(m, market.Paying)
		s.firstPosition(m)
	case m.State == exchange.StateVoiding:
		s.poolEscrow(m)
		begin(m, market.TakingBack)
		s.firstPosition(m)
	default:
		return false
	}
	return true
}

// endPhase goes on to what follows a phase.
func (s *Shard) endPhase(id exchange.MarketID, m *market.Market) {
	switch m.Work.Phase {
	case market.Paying:
		s.settle(id, m, exchange.StateSettled)
	case market.TakingBack:
		begin(m, market.GivingBack)
		s.firstPosition(m)
	case market.GivingBack:
		s.settle(id, m, exchange.StateVoided)
	default:
		begin(m, market.Idle)
	}
}

// cancelMarket dooms all orders of a market.
func (s *Shard) cancelMarket(id exchange.MarketID, m *market.Market, reason exchange.CancelReason) {
	m.CancelBelow, m.CancelReason = s.fence(), reason
	begin(m, market.Cancelling)
	s.queueMarket(id, m)
}

// cancelSome removes doomed orders price by price, book by book, and reports whether it came to the end.
func (s *Shard) cancelSome(m *market.Market, used *int, most int) bool {
	for ; m.Work.Book < m.Count; m.Work.Book, m.Work.Tick = m.Work.Book+1, 0 {
		bk := s.books.At(m.Books + uint32(m.Work.Book))
		for {
			if m.Work.Tick = bk.NextPrice(m.Work.Tick); m.Work.Tick == 0 {
				break
			}
			for slot := bk.Queue(m.Work.Tick); slot != 0; slot = bk.Queue(m.Work.Tick) {
				if *used >= most {
					m.Work.Tick-- // look at this price again
					return false
				}
				x := s.open(slot)
				if !s.doomed(&x) {
					break
				}
				*used++
				s.removeDoomed(&x)
				s.verify(bk, m)
			}
		}
		*used++
		bk.Shrink()
	}
	return true
}
