package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
)

// verify checks what a command may have broken: the balances it touched, the book it was about, the sum of all money.
// A broken invariant halts the market; the exchange goes on.
func (s *Shard) verify(bk *outcomeBook, m *market.Market) {
	if s.sign >= 0 && bk.Balanced() && !bk.Crossed() && s.conserved() {
		return
	}
	broken := exchange.InvariantConservation
	switch {
	case s.sign < 0:
		broken = exchange.InvariantNonNegative
	case !bk.Balanced():
		broken = exchange.InvariantPairs
	case bk.Crossed():
		broken = exchange.InvariantUncrossed
	}
	s.halt(bk.market, m, broken)
}

// conserved reports whether all money is accounted for, but for what was off when a market was halted for it.
func (s *Shard) conserved() bool {
	return s.ledger.Totals.Drift() == s.drift
}

// halt stops a market in which an invariant is broken. Nothing in it changes any more.
func (s *Shard) halt(id exchange.MarketID, m *market.Market, broken exchange.Invariant) {
	if m.Halted {
		return
	}
	m.Halted = true
	s.drift = s.ledger.Totals.Drift()
	s.emit(&exchange.MarketHalted{MarketChanged: changed(id, m), Invariant: uint8(broken), Detail: broken.String()})
}
