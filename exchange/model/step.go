package model

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// PassTime lets log time pass without working anything off: markets close and dead-man's switches go off.
func (e *Engine) PassTime(now exchange.Time) []exchange.Event {
	e.events = nil
	e.passTime(now)
	return e.events
}

// Step does one thing of those that Drain does all at once: the one that led to an event. So the model can follow an
// exchange that works things off in an order and at a pace of its own. It returns its own events for the step, and an
// error if the step is not one that may be done now.
func (e *Engine) Step(event exchange.Event) ([]exchange.Event, error) {
	e.events = nil
	switch ev := event.(type) {
	case *exchange.OrderCancelled:
		return e.stepRemove(ev.Market, ev.Order)
	case *exchange.OrderExpired:
		return e.stepRemove(ev.Market, ev.Order)
	case *exchange.PayoutIssued:
		m := e.market(ev.Market)
		if err := e.mayPay(m); err != nil {
			return nil, err
		}
		p := m.Books[ev.Outcome].Positions[ev.Account]
		if p == nil || p.empty() {
			return nil, fmt.Errorf("account %d has nothing in market %d to be paid for", ev.Account, m.ID)
		}
		e.pay(m, ev.Outcome, ev.Account)
	case *exchange.RefundIssued:
		return e.stepRefund(e.market(ev.Market), ev.Account)
	case *exchange.PositionClosed: // alone it means that an account of a voided market neither gets nor pays anything
		return e.stepRefund(e.market(ev.Market), ev.Account)
	case *exchange.MarketSettled:
		return e.stepSettle(e.market(ev.Market))
	default:
		return nil, fmt.Errorf("%T is not a step", event)
	}
	return e.events, nil
}

func (e *Engine) stepRemove(market exchange.MarketID, id exchange.OrderID) ([]exchange.Event, error) {
	o := e.order(market, id)
	if o == nil || !e.dead(o) || !e.market(market).here() {
		return nil, fmt.Errorf("order %d may still trade, or is gone", id.Number())
	}
	e.removeDead(o)
	return e.events, nil
}

// mayPay reports whether a resolved market's positions may be paid out: after the dispute window, with no order left.
func (e *Engine) mayPay(m *Market) error {
	if m.State != exchange.StateResolved || m.PayAfter > e.Now || m.hasOrders() {
		return fmt.Errorf("market %d, %v, pays after %d and not at %d, with orders %v", m.ID, m.State, m.PayAfter, e.Now, m.hasOrders())
	}
	return nil
}

func (m *Market) hasOrders() bool {
	for _, b := range m.Books {
		if len(b.Sides[exchange.Buy])+len(b.Sides[exchange.Sell]) > 0 {
			return true
		}
	}
	return false
}

// stepRefund refunds an account. Those who have to pay back come before those who get something.
func (e *Engine) stepRefund(m *Market, id exchange.AccountID) ([]exchange.Event, error) {
	if m.State != exchange.StateVoiding || m.hasOrders() {
		return nil, fmt.Errorf("market %d, %v, has no refund for account %d now", m.ID, m.State, id)
	}
	if m.net(id) > 0 && m.anyNet(func(net exchange.Money) bool { return net < 0 }) {
		return nil, fmt.Errorf("account %d of market %d gets a refund before everybody paid back", id, m.ID)
	}
	e.refund(m, id)
	return e.events, nil
}

func (m *Market) anyNet(is func(exchange.Money) bool) bool {
	for _, id := range m.participants() {
		if is(m.net(id)) {
			return true
		}
	}
	return false
}

// stepSettle ends a market when nothing is left to be paid.
func (e *Engine) stepSettle(m *Market) ([]exchange.Event, error) {
	if m.State == exchange.StateVoiding {
		if m.hasOrders() || m.anyNet(func(net exchange.Money) bool { return net != 0 }) {
			return nil, fmt.Errorf("market %d is voided before everybody was refunded", m.ID)
		}
		e.endVoid(m)
		return e.events, nil
	}
	if err := e.mayPay(m); err != nil {
		return nil, err
	}
	for _, b := range m.Books {
		for _, id := range sortedKeys(b.Positions) {
			if !b.Positions[id].empty() {
				return nil, fmt.Errorf("market %d is settled before account %d was paid", m.ID, id)
			}
		}
	}
	e.settle(m)
	return e.events, nil
}

// Idle reports whether nothing is left to be worked off.
func (e *Engine) Idle() bool {
	idle := true
	e.eachOrder(func(o *Order) { idle = idle && !(e.dead(o) && e.market(o.Market).here()) })
	for _, m := range e.Markets {
		if !m.here() {
			continue
		}
		if m.State == exchange.StateVoiding || m.State == exchange.StateResolved && m.PayAfter <= e.Now {
			return false
		}
	}
	return idle
}
