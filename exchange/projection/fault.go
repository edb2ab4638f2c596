package projection

import (
	"fmt"
	"strings"

	"github.com/hustings/hustings/exchange"
)

// An InconsistencyError says that an event contradicts those before it: the journal is damaged, or whoever wrote it
// has an error. It is final: the View that returned it stands between two states and must be thrown away.
type InconsistencyError struct {
	Seq     exchange.Seq // of the event; 0 where a whole View was checked
	What    string
	Account exchange.AccountID // 0: not about one account; the same for the other two
	Market  exchange.MarketID
	Order   exchange.OrderID
}

func (e *InconsistencyError) Error() string {
	var b strings.Builder
	b.WriteString("inconsistent")
	if e.Seq != 0 {
		fmt.Fprintf(&b, " event %d", e.Seq)
	}
	if e.Account != 0 {
		fmt.Fprintf(&b, ", account %d", e.Account)
	}
	if e.Market != 0 {
		fmt.Fprintf(&b, ", market %d", e.Market)
	}
	if e.Order != 0 {
		fmt.Fprintf(&b, ", order %d", e.Order)
	}
	return b.String() + ": " + e.What
}

// broken makes an error that Apply completes with the Seq and, where the With functions did not, with whom the
// event is about.
func broken(format string, args ...any) *InconsistencyError {
	return &InconsistencyError{What: fmt.Sprintf(format, args...)}
}

func (e *InconsistencyError) withAccount(id exchange.AccountID) *InconsistencyError {
	e.Account = id
	return e
}

func (e *InconsistencyError) withMarket(id exchange.MarketID) *InconsistencyError {
	e.Market = id
	return e
}

func (e *InconsistencyError) withOrder(id exchange.OrderID) *InconsistencyError {
	e.Order = id
	return e
}

// complete fills in what the event says and the error does not.
func (e *InconsistencyError) complete(seq exchange.Seq, event exchange.Event) {
	e.Seq = seq
	account, market, order := subject(event)
	if e.Account == 0 {
		e.Account = account
	}
	if e.Market == 0 {
		e.Market = market
	}
	if e.Order == 0 {
		e.Order = order
	}
}
