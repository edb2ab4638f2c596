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
	case e.looking:
		return exchange.Reply{}
	case !e.alone(c):
		return refuse(exchange.RejectApprovalNeeded)
	}
	m.Source, m.Evidence = c.Source, c.Evidence
	m.Source, m.Evidence = c.Source, c.Evidence
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
	case e.looking:
		return exchange.Reply{}
	case !e.alone(c):
		return refuse(exchange.RejectApprovalNeeded)
	}
	m.enter(exchange.StateVoiding)
	e.emit(&exchange.MarketVoided{MarketChanged: m.changed(), Reason: c.Reason})
	e.doomMarket(m, exchange.CancelMarketClosed)
	return m.reply()
}

// pay pays one position of a resolved market out, and closes it.
func (e *Engine) pay(m *Market, outcome exchange.Outcome, id exchange.AccountID) {
	at := e.placeIn(m, outcome, id)
	p := at.position
	value := m.Values[outcome]
	amount := cost(value, p.Yes) + cost(value.Complement(), p.No)
	at.receive(amount)
	e.emit(&exchange.PayoutIssued{Account: id, Market: m.ID, Outcome: outcome, Yes: exchange.Quantity(p.Yes),
		No: exchange.Quantity(p.No), Amount: amount, Cash: at.account.Cash})
	p.Yes, p.No = 0, 0
	e.emit(at.positionEvent(false))
}

// settle ends a market whose positions are all paid out.
func (e *Engine) settle(m *Market) {
	for _, b := range m.Books {
		clear(b.Positions)
	}
	m.enter(exchange.StateSettled)
	e.emit(&exchange.MarketSettled{MarketChanged: m.changed(), Fees: m.Fees})
	e.House += m.Fees
	m.Fees = 0
}

// refund gives an account of a voided market back what it paid. One that received more than it paid pays that back, as
// far as it can, and owes the rest to the house. Where both are equal only its contracts go.
func (e *Engine) refund(m *Market, id exchange.AccountID) {
	a := e.account(id)
	net := m.net(id)
	event := &exchange.RefundIssued{Account: id, Market: m.ID, Amount: net}
	if net <= 0 {
		paid := min(-net, a.Cash)
		a.Cash -= paid
		event.Receivable = -net - paid
		a.Receivable += event.Receivable
	} else {
		event.Fees = min(net, m.Fees)
		m.Fees -= event.Fees
		a.Cash += net
	}
	m.Escrow -= net - event.Fees
	event.Cash = a.Cash
	if net != 0 {
		e.emit(event)
	}
	for i, b := range m.Books {
		if p := b.Positions[id]; p != nil && !p.empty() {
			e.emit(&exchange.PositionClosed{Account: id, Market: m.ID, Outcome: exchange.Outcome(i)})
		}
		delete(b.Positions, id)
	}
}

// endVoid ends a market that everybody was refunded for.
func (e *Engine) endVoid(m *Market) {
	for _, b := range m.Books {
		clear(b.Positions)
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
