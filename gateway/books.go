package gateway

import (
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func (c *call) getOrderBook() *api.Problem {
	q := c.query()
	levels := q.number("depth", api.MaxLevels, api.BookLevels)
	only, _ := q.text("outcome")
	if q.problem != nil {
		return q.problem
	}
	m, p := c.market()
	if p != nil {
		return p
	}
	books := readBooks(c.s.reader, &m, levels)
	if only != "" {
		books = slices.DeleteFunc(books, func(b api.Book) bool { return b.Outcome != only })
		if len(books) == 0 {
			return api.RejectProblem(exchange.RejectOutcomeNotFound, 0, "outcome")
		}
	}
	return c.answer(&api.OrderBook{Market: api.ID(m.ID), Books: books, Seq: api.ID(c.seq)})
}

// readBooks reads the depth of each outcome; the one book of a binary market from both sides.
func readBooks(reader Reader, m *projection.Market, levels int) []api.Book {
	var books []api.Book
	for i := range m.Books {
		d, _ := reader.Depth(m.ID, exchange.Outcome(i), levels)
		yes := api.Book{Outcome: api.Yes, Bids: apiLevels(d.Bids, false), Asks: apiLevels(d.Asks, false)}
		if m.Spec.Outcomes == nil {
			no := api.Book{Outcome: api.No, Bids: apiLevels(d.Asks, true), Asks: apiLevels(d.Bids, true)}
			return append(books, yes, no)
		}
		yes.Outcome = m.Spec.Outcomes[i]
		books = append(books, yes)
	}
	return books
}

func apiLevels(levels []projection.Level, no bool) []api.Level {
	out := make([]api.Level, len(levels))
	for i, l := range levels {
		price := l.Price
		if no {
			price = price.Complement()
		}
		out[i] = api.Level{Price: api.Price(price), Quantity: l.Quantity, Orders: l.Orders}
	}
	return out
}
