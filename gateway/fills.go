package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/shape"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// listFills lists the caller's halves of trades, newest first, each in the terms in which its order was placed.
func (c *call) listFills() *api.Problem {
	q := c.query()
	market, order := exchange.MarketID(q.id("market", 1<<32-1)), exchange.OrderID(q.id("order", 1<<64-1))
	if q.problem != nil {
		return q.problem
	}
	key := projection.AccountKey(c.who.Account)
	page, p := readPage(c, key, func(seq exchange.Seq, at exchange.Time, event exchange.Event) []projection.Fill {
		fills := projection.Fills(seq, at, event, c.who.Account)
		kept := fills[:0]
		for _, f := range fills {
			if (market == 0 || f.Market == market) && (order == 0 || f.Order == order) {
				kept = append(kept, f)
			}
		}
		return kept
	})
	if p != nil {
		return p
	}
	answer := api.Fills{Fills: []api.Fill{}, Page: page.foot(c)}
	inNo := map[exchange.OrderID]bool{}
	for i := range page.rows {
		f := &page.rows[i]
		no, known := inNo[f.Order]
		if !known {
			if no, p = c.inNoTerms(f); p != nil {
				return p
			}
			inNo[f.Order] = no
		}
		m, _ := c.s.reader.Market(f.Market)
		answer.Fills = append(answer.Fills, shape.Fill(m.Spec.Outcomes, f, no))
	}
	return c.answer(&answer)
}

// inNoTerms reports whether a fill's order was placed on the No contract.
func (c *call) inNoTerms(f *projection.Fill) (bool, *api.Problem) {
	if o, open := c.s.reader.Order(f.Market, f.Order); open {
		return o.Flags&exchange.NoTerms != 0, nil
	}
	o, _, p := c.findPlacing(f.Account, f.Market, f.Order)
	return o.Flags&exchange.NoTerms != 0, p
}
