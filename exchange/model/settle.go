package model

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

func (e *Engine) resolveMarket(c *exchange.ResolveMarket) exchange.Reply {
	m, code := e.checkAct(c.Market, c.Version, exchange.StateOpen, exchange.StateSuspended, exchange.StateClosed,
		exchange.StateResolved)
	switch {
	case code != exchange.Accepted:
		return refuse(code)
	case m.State == exchange.StateResolved && e.Now >= m.PayAfter:
		return refuse(exchange.RejectMarketState)
	case !validText(c.Source, 1, 500) || !validText(c.Evidence, 0, 2_000):
		return refuse(exchange.RejectTextInvalid)
	case !validValues(c.Values, m):
		return refuse(exchange.RejectValuesInvalid)
	}
	m.enter(exchange.StateResolved)
	m.Values = slices.Clone(c.Values)
	m.PayAfter = e.Now + exchange.Time(m.Spec.DisputeWindow)
	e.emit(&exchange.MarketResolved{MarketChanged: m.changed(), Values: m.Values, PayAfter: m.PayAfter, Source: c.Source,
		Evidence: c.Evidence})
	e.doomMarket(m, exchange.CancelMarketClosed)
	return m.reply()
}

func validValues(values []exchange.Price, m *Market) bool {
	if len(values) != len(m.Books) {
		return false
	}
	sum := 0
	for _, v := range values {
		if v > exchange.One {
			return false
		}
		sum += int(v)
	}
	return len(m.Spec.Outcomes) == 0 || sum == int(exchange.One)
}

func (e *Engine) voidMarket(c *exchange.VoidMarket) exchange.Reply {
	m, code := e.checkAct(c.Market, c.Version, exchange.StateOpen, exchange.StateSuspended, exchange.StateClosed,
		exchange.StateResolved)
	switch {
	case code != exchange.Accepted:
		return refuse(code)
	case !validText(c.Reason, 1, 500):
		return refuse(exchange.RejectTextInvalid)
	}
	m.enter(exchange.StateVoiding)
	e.emit(&exchange.MarketVoided{MarketChanged: m.changed(), Reason: c.Reason})
	e.doomMarket(m, exchange.CancelMarketClosed)
	return m.reply()
}

// payOut pays every position of a resolved market, closes it, and settles the market.
func (e *Engine) payOut(m *Market) {
	for i, b := range m.Books {
		for _, id := range sortedKeys(b.Positions) {
			p := b.Positions[id]
			if p.empty() {
				continue
			}
			at := place{e.account(id), m, b, p}
			amount := cost(m.Values[i], p.Yes) + cost(m.Values[i].Complement(), p.No)
			at.receive(amount)
			e.emit(&exchange.PayoutIssued{Account: id, Market: m.ID, Outcome: exchange.Outcome(i),
				Yes: exchange.Quantity(p.Yes), No: exchange.Quantity(p.No), Amount: amount, Cash: at.account.Cash})
		}
		clear(b.Positions)
	}
	m.enter(exchange.StateSettled)
	e.emit(&exchange.MarketSettled{MarketChanged: m.changed(), Fees: m.Fees})
	e.House += m.Fees
	m.Fees = 0
}

// refund gives everybody back what they paid in a voided market: first those who received more than they paid pay it
// back, as far as they can, then the others get theirs.
func (e *Engine) refund(m *Market) {
	for _, id := range m.participants() {
		if net := m.net(id); net < 0 {
			a := e.account(id)
			paid := min(-net, a.Cash)
			a.Cash -= paid
			a.Receivable += -net - paid
			m.Escrow += -net
			m.forget(id)
			e.emit(&exchange.RefundIssued{Account: id, Market: m.ID, Amount: net, Receivable: -net - paid, Cash: a.Cash})
		}
	}
	for _, id := range m.participants() {
		if net := m.net(id); net > 0 {
			a := e.account(id)
			fees := min(net, m.Fees)
			m.Fees -= fees
			m.Escrow -= net - fees
			a.Cash += net
			e.emit(&exchange.RefundIssued{Account: id, Market: m.ID, Amount: net, Fees: fees, Cash: a.Cash})
		}
		m.forget(id)
	}
	m.enter(exchange.StateVoided)
	e.emit(&exchange.MarketSettled{MarketChanged: m.changed(), Void: true})
}

// participants lists the accounts that ever traded in the market.
func (m *Market) participants() []exchange.AccountID {
	all := map[exchange.AccountID]bool{}
	for _, b := range m.Books {
		for id := range b.Positions {
			all[id] = true
		}
	}
	return sortedKeys(all)
}

// net is what an account paid in all books of the market less what it received.
func (m *Market) net(id exchange.AccountID) exchange.Money {
	var net exchange.Money
	for _, b := range m.Books {
		if p := b.Positions[id]; p != nil {
			net += p.Paid
		}
	}
	return net
}

// forget closes an account's positions in a voided market.
func (m *Market) forget(id exchange.AccountID) {
	for _, b := range m.Books {
		delete(b.Positions, id)
	}
}
