package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
)

// voidMarket executes a VoidMarket command. Refunds follow in steps, once the orders are gone: first what accounts with a
// gain owe, so that the escrow covers what accounts with a loss get back.
func (s *Shard) voidMarket(id exchange.MarketID, m *market.Market, c *exchange.VoidMarket) exchange.Reject {
	if !m.CanVoid() {
		return exchange.RejectMarketState
	}
	if !market.CheckReason(c.Reason) {
		return exchange.RejectTextInvalid
	}
	if code := s.approval.agreed(s.approval.asked.Reversals && m.State == exchange.StateResolved); code != exchange.Accepted {
		return code
	}
	m.State = exchange.StateVoiding
	s.setTimer(id, m)
	s.emit(&exchange.MarketVoided{MarketChanged: changed(id, m), Reason: c.Reason})
	s.cancelMarket(id, m, exchange.CancelMarketClosed)
	return exchange.Accepted
}

// poolEscrow gathers the escrow of a market's books in its first one, because an account's gains in one book make up
// for its losses in another.
func (s *Shard) poolEscrow(m *market.Market) {
	first := s.books.At(m.Books)
	for i := uint32(1); i < uint32(m.Count); i++ {
		bk := s.books.At(m.Books + i)
		first.Escrow += bk.Escrow
		bk.Escrow = 0
	}
}

// refundSome reverses what accounts did in a voided market. Each account is dealt with once, at the first of its
// positions that the pass comes to.
func (s *Shard) refundSome(id exchange.MarketID, m *market.Market, used *int, most int) bool {
	for *used < most {
		slot, _ := s.nextPosition(m)
		if slot == 0 {
			return true
		}
		*used += int(m.Count)
		account := s.ledger.Positions.At(slot).Account
		net := s.netPaid(account, m)
		if taking := m.Work.Phase == market.TakingBack; taking && net > 0 {
			continue
		}
		s.reverse(id, m, account, net)
	}
	return false
}

// netPaid is what an account paid in a market, fees included, less what it received.
func (s *Shard) netPaid(account exchange.AccountID, m *market.Market) (net exchange.Money) {
	for i := range uint32(m.Count) {
		if slot := s.ledger.Position(account, m.Books+i); slot != 0 {
			net += s.ledger.Positions.At(slot).Paid
		}
	}
	return net
}

// reverse takes an account's contracts in a market in and gives it back what it paid, or takes from it what it gained.
func (s *Shard) reverse(id exchange.MarketID, m *market.Market, account exchange.AccountID, net exchange.Money) {
	acct, pool := s.ledger.Account(account), &s.books.At(m.Books).Pool
	e := exchange.RefundIssued{Account: account, Market: id, Amount: net}
	if net > 0 {
		e.Fees = min(net, m.Fees)
		s.ledger.Refund(acct, pool, &m.Fees, e.Fees, net)
	} else {
		e.Receivable = s.ledger.TakeBack(acct, pool, -net)
	}
	e.Cash = acct.Cash
	if net != 0 {
		s.emit(&e)
	}
	for i := range uint32(m.Count) {
		bk := s.books.At(m.Books + i)
		if slot := s.ledger.Position(account, m.Books+i); slot != 0 {
			pos := s.ledger.Positions.At(slot)
			wasFlat := pos.Flat()
			s.ledger.Forfeit(pos, &bk.Pool)
			pos.Paid = 0
			s.notePosition(wasFlat, pos, bk)
		}
	}
}
