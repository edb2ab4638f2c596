package ledger

import (
	"math"

	"github.com/hustings/hustings/exchange"
)

// MaySend reports whether so much can be sent without a sum getting too large.
func (t *Totals) MaySend(m exchange.Money) bool { return m <= math.MaxInt64-t.Released-t.Outbox }

// MayReceive reports whether so much can be received without a sum getting too large.
func (t *Totals) MayReceive(m exchange.Money) bool {
	return m <= t.Room() && m <= math.MaxInt64-t.Received
}

// Send moves cash into the outbox.
func (l *Ledger) Send(a *Account, m exchange.Money) {
	a.Cash -= m
	l.Totals.Cash -= m
	l.Totals.Outbox += m
}

// Receive credits what another shard has sent. As with a deposit, what the account owes the house is repaid first.
func (l *Ledger) Receive(a *Account, m exchange.Money) (repaid exchange.Money) {
	l.Totals.Received += m
	return l.credit(a, m)
}

// ReleaseSent takes out of the outbox what another shard has got.
func (l *Ledger) ReleaseSent(m exchange.Money) {
	l.Totals.Outbox -= m
	l.Totals.Released += m
}
