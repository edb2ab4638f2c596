package shape

import (
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// The book knows of one contract. Whoever buys No at 30 cents sells Yes at 70 there, and is shown what he did.
func TestWhatWasPlacedOnNoIsShownOnNo(t *testing.T) {
	names := []string{"red", "blue"}
	book := projection.Order{ID: 7, Market: 3, Outcome: 1, Side: exchange.Sell, Price: 7000, Quantity: 5, Remaining: 5}
	trade := projection.Fill{Order: 7, Market: 3, Outcome: 1, Side: exchange.Sell, Price: 7000, Quantity: 5, Maker: true}
	for _, c := range []struct {
		outcomes          []string
		no                bool
		outcome, contract string
		side              string
		price             api.Price
	}{
		{names, false, "blue", "yes", "sell", 7000},
		{names, true, "blue", "no", "buy", 3000},
		{nil, false, "yes", "", "sell", 7000},
		{nil, true, "no", "", "buy", 3000},
	} {
		o, f := book, trade
		if c.no {
			o.Flags |= exchange.NoTerms
		}
		if c.outcomes == nil {
			o.Outcome, f.Outcome = 0, 0
		}
		order := Order(c.outcomes, &o, api.StatusOpen, 0)
		if order.Outcome != c.outcome || order.Contract != c.contract || order.Side != c.side || order.Price != c.price {
			t.Errorf("an order is shown as %+v, want %+v", order, c)
		}
		fill := Fill(c.outcomes, &f, c.no)
		if fill.Outcome != c.outcome || fill.Contract != c.contract || fill.Side != c.side || fill.Price != c.price || fill.Role != api.RoleMaker {
			t.Errorf("a fill is shown as %+v, want %+v", fill, c)
		}
	}
}

// A reason is told of what was cancelled, and of nothing else.
func TestReasonOfACancel(t *testing.T) {
	for _, status := range api.StatusWords {
		o := Order(nil, &projection.Order{}, status, exchange.CancelMass)
		if told := o.Reason != ""; told != (status == api.StatusCancelled) {
			t.Errorf("an order that is %s has the reason %q", status, o.Reason)
		}
	}
}
