package ledger

import (
	"math"

	"github.com/hustings/hustings/exchange"
)

// MayAdopt reports whether so much can come with a market without a sum getting too large.
func (t *Totals) MayAdopt(m exchange.Money) bool {
	return m >= 0 && m <= t.Room() && m <= math.MaxInt64-t.MovedIn
}

// AdoptPool brings in, or with negative amounts takes out, what a market has beside its orders.
func (l *Ledger) AdoptPool(pool *Pool, fees *exchange.Money, escrow, kept exchange.Money) {
	pool.Escrow += escrow
	*fees += kept
	l.Totals.Escrow += escrow
	l.Totals.MarketFees += kept
	l.moved(escrow + kept)
}

// AdoptHold brings in, or with a negative amount takes out, what an order holds.
func (l *Ledger) AdoptHold(a *Account, m exchange.Money) {
	a.Held += m
	l.Totals.Held += m
	l.moved(m)
}

func (l *Ledger) moved(m exchange.Money) {
	if m > 0 {
		l.Totals.MovedIn += m
	} else {
		l.Totals.MovedOut -= m
	}
}
