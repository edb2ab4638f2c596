package model

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// passTime lets log time pass: markets close, dead-man's switches go off, and proposals lapse.
func (e *Engine) passTime(now exchange.Time) {
	if now < e.Now {
		panic(fmt.Sprintf("model: time went back from %d to %d", e.Now, now))
	}
	e.Now = now
	for _, m := range e.Markets {
		trades := m.State == exchange.StateOpen || m.State == exchange.StateSuspended
		if m.here() && trades && m.Spec.CloseAt != 0 && m.Spec.CloseAt <= now {
			e.close(m)
		}
	}
	for _, a := range e.Accounts {
		if a.Deadline != 0 && a.Deadline <= now {
			a.Deadline = 0
			e.cancelAll(a.ID, 0, 0, exchange.CancelDeadMan)
		}
	}
	e.lapse()
}

// Drain lets time pass and does at once everything that the exchange does in bounded steps: orders that can no longer
// trade are removed, resolved markets are paid out once their dispute window is over, voided markets are refunded.
// It returns the events.
func (e *Engine) Drain(now exchange.Time) []exchange.Event {
	e.events = nil
	e.passTime(now)
	for _, o := range e.AllOrders() {
		if e.dead(o) && e.market(o.Market).here() {
			e.removeDead(o)
		}
	}
	for _, m := range e.Markets {
		switch {
		case !m.here():
		case m.State == exchange.StateResolved && m.PayAfter <= now:
			for i, b := range m.Books {
				for _, id := range sortedKeys(b.Positions) {
					if !b.Positions[id].empty() {
						e.pay(m, exchange.Outcome(i), id)
					}
				}
			}
			e.settle(m)
		case m.State == exchange.StateVoiding:
			e.refundAll(m)
		}
	}
	return e.events
}

// refundAll lets those pay first who have to pay back.
func (e *Engine) refundAll(m *Market) {
	for _, id := range m.participants() {
		if m.net(id) <= 0 {
			e.refund(m, id)
		}
	}
	for _, id := range m.participants() {
		if m.net(id) > 0 {
			e.refund(m, id)
		}
	}
	e.endVoid(m)
}
