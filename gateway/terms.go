package gateway

import (
	"sync"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// terms are what an order needs to know of its market. They never change, so they are looked up once.
type terms struct {
	outcomes []string // nil in a binary market
}

// termsOf remembers the terms of the markets that orders have asked for.
type termsOf struct{ known sync.Map } // of exchange.MarketID to *terms

// terms finds the terms of a market. One that was made a moment ago is waited for.
func (c *call) terms(market exchange.MarketID) (*terms, *api.Problem) {
	if t, ok := c.s.terms.known.Load(market); ok {
		return t.(*terms), nil
	}
	m, found := c.s.reader.Market(market)
	if !found {
		if p := c.catchUp(); p != nil {
			return nil, p
		}
		if m, found = c.s.reader.Market(market); !found {
			return nil, api.RejectProblem(exchange.RejectMarketNotFound, 0, "market")
		}
	}
	t := &terms{outcomes: m.Spec.Outcomes}
	c.s.terms.known.Store(market, t)
	return t, nil
}

// find finds an outcome by its name; in a binary market by either name of its one book.
func (t *terms) find(name []byte) (exchange.Outcome, bool) {
	if t.outcomes == nil {
		return 0, string(name) == api.Yes || string(name) == api.No
	}
	for i, known := range t.outcomes {
		if string(name) == known {
			return exchange.Outcome(i), true
		}
	}
	return 0, false
}
