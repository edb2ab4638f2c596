package shard

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
)

// resolveMarket executes a ResolveMarket command: it ends trading and sets what each outcome pays. Payouts begin in
// steps once the dispute window is over.
func (s *Shard) resolveMarket(id exchange.MarketID, m *market.Market, c *exchange.ResolveMarket) exchange.Reject {
	switch {
	case !m.CanResolve(s.now):
		return exchange.RejectMarketState
	case !market.CheckReason(c.Source) || !market.CheckEvidence(c.Evidence):
		return exchange.RejectTextInvalid
	case !m.CheckValues(c.Values):
		return exchange.RejectValuesInvalid
	}
	reversal := m.State == exchange.StateResolved && !slices.Equal(c.Values, m.More().Values)
	if code := s.approval.agreed(s.approval.asked.Reversals && reversal); code != exchange.Accepted {
		return code
	}
	trading := m.Trading()
	payAfter := s.now + exchange.Time(m.DisputeWindow)
	m.Resolve(c.Values, c.Source, c.Evidence, payAfter)
	s.setTimer(id, m)
	s.emit(&exchange.MarketResolved{MarketChanged: changed(id, m), Values: c.Values, PayAfter: payAfter,
		Source: c.Source, Evidence: c.Evidence})
	if trading {
		s.cancelMarket(id, m, exchange.CancelMarketClosed)
	}
	s.queueMarket(id, m)
	return exchange.Accepted
}

// firstPosition points the work of a market at the first position of its current book.
func (s *Shard) firstPosition(m *market.Market) {
	m.Work.Position = 0
	if m.Work.Book < m.Count {
		m.Work.Position = s.books.At(m.Books + uint32(m.Work.Book)).positions
	}
}

// nextPosition returns the next position of the market's work and moves on; slot 0 means that all books are done.
func (s *Shard) nextPosition(m *market.Market) (slot uint32, bk *outcomeBook) {
	for m.Work.Book < m.Count {
		if slot = m.Work.Position; slot != 0 {
			m.Work.Position = s.ledger.Positions.At(slot).Next
			return slot, s.books.At(m.Books + uint32(m.Work.Book))
		}
		m.Work.Book++
		s.firstPosition(m)
	}
	return 0, nil
}

// paySome pays positions out, each once: what was paid has no contracts any more.
func (s *Shard) paySome(id exchange.MarketID, m *market.Market, used *int, most int) bool {
	for ; *used < most; *used++ {
		slot, bk := s.nextPosition(m)
		if slot == 0 {
			return true
		}
		pos := s.ledger.Positions.At(slot)
		if pos.Flat() {
			continue
		}
		acct := s.ledger.Account(pos.Account)
		e := exchange.PayoutIssued{Account: pos.Account, Market: id, Outcome: bk.outcome, Yes: pos.Have[0], No: pos.Have[1]}
		e.Amount = s.ledger.PayOut(acct, pos, &bk.Pool, m.Texts.More.Values[bk.outcome])
		e.Cash = acct.Cash
		s.emit(&e)
		s.notePosition(false, pos, bk)
	}
	return false
}

// settle ends a market whose payouts or refunds are done. Its escrow must be empty then.
func (s *Shard) settle(id exchange.MarketID, m *market.Market, state exchange.MarketState) {
	for i := range uint32(m.Count) {
		if bk := s.books.At(m.Books + i); bk.Escrow != 0 || bk.Have[0]|bk.Have[1] != 0 {
			s.halt(id, m, exchange.InvariantPairs)
			return
		}
	}
	m.State = state
	void := state == exchange.StateVoided
	e := exchange.MarketSettled{MarketChanged: changed(id, m), Void: void, Fees: s.ledger.CollectFees(&m.Fees)}
	s.emit(&e)
	begin(m, market.Forgetting)
	s.firstPosition(m)
}

// forgetSome drops the positions of an ended market.
func (s *Shard) forgetSome(m *market.Market, used *int, most int) bool {
	for ; *used < most; *used++ {
		slot, bk := s.nextPosition(m)
		if slot == 0 {
			return true
		}
		bk.positions = m.Work.Position
		s.ledger.DropPosition(slot)
	}
	return false
}
