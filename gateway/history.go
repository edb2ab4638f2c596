package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/shape"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// What is past is read from the journal. A request looks at so many events and no more, so that nobody can make the
// exchange read all of it: a list then ends its page early, and a search gives up.
const (
	pageEvents   = 5_000
	searchEvents = 100_000
)

// past walks through the journal for one request.
type past struct {
	c      *call
	from   History
	budget int // events that may still be looked at
	failed error
}

func (c *call) past(budget int) *past { return &past{c: c, from: c.s.history, budget: budget} }

// newest decodes the events of a key below before, newest first, until visit returns false.
func (w *past) newest(key uint64, before exchange.Seq, visit func(exchange.Seq, exchange.Time, exchange.Event) bool) {
	w.failed = w.from.Newest(key, before, w.decode(visit))
}

// oldest decodes the events of a key above after and up to until, oldest first, until visit returns false.
func (w *past) oldest(key uint64, after, until exchange.Seq, visit func(exchange.Seq, exchange.Time, exchange.Event) bool) {
	w.failed = w.from.Oldest(key, after, until, w.decode(visit))
}

func (w *past) decode(visit func(exchange.Seq, exchange.Time, exchange.Event) bool) Visit {
	return func(seq exchange.Seq, at exchange.Time, frame []byte) bool {
		if w.budget == 0 || w.c.r.Context().Err() != nil {
			w.budget = 0
			return false
		}
		w.budget--
		event, err := w.c.events.Event(frame)
		if err != nil {
			w.c.s.log.Error("read an event of the journal", "seq", seq, "error", err)
			w.budget = 0
			return false
		}
		return visit(seq, at, event)
	}
}

// problem says why the journal could not be read, nil if it could.
func (w *past) problem() *api.Problem {
	if w.failed == nil {
		return nil
	}
	w.c.s.log.Error("read the journal", "route", w.c.endpoint.Name, "error", w.failed)
	return api.CodeHistoryUnavailable.Problem("", "")
}

// searchProblem is problem for a search, which is useless when it gives up.
func (w *past) searchProblem() *api.Problem {
	if w.failed == nil && w.budget == 0 {
		return api.CodeHistoryUnavailable.Problem("", "This lies too deep in the journal to be found here.")
	}
	return w.problem()
}

// page collects one page of a list that is read from the journal, newest first.
type page[T any] struct {
	rows  []T
	limit int
	last  exchange.Seq // the oldest event that was looked at
	more  bool
}

// readPage reads a page of rows out of the events of a key. Rows of one event stay on one page, so a page may have one
// or two more than its limit.
func readPage[T any](c *call, key uint64, rows func(exchange.Seq, exchange.Time, exchange.Event) []T) (*page[T], *api.Problem) {
	q := c.query()
	p := &page[T]{rows: []T{}, limit: q.limit()}
	before := exchange.Seq(q.cursor(1)[0])
	if q.problem != nil {
		return nil, q.problem
	}
	w := c.past(pageEvents)
	w.newest(key, before, func(seq exchange.Seq, at exchange.Time, event exchange.Event) bool {
		if len(p.rows) >= p.limit {
			p.more = true
			return false
		}
		p.rows = append(p.rows, rows(seq, at, event)...)
		p.last = seq
		return true
	})
	p.more = p.more || w.budget == 0
	return p, w.problem()
}

// foot is the end of the page's answer.
func (p *page[T]) foot(c *call) api.Page {
	foot := api.Page{Seq: api.ID(c.seq)}
	if p.more {
		foot.NextCursor = writeCursor(uint64(p.last))
	}
	return foot
}

func (c *call) listTrades() *api.Problem {
	m, p := c.market()
	if p != nil {
		return p
	}
	page, p := readPage(c, projection.MarketKey(m.ID), func(seq exchange.Seq, at exchange.Time, event exchange.Event) []api.Trade {
		row, ok := projection.TradeRow(seq, at, event)
		if !ok {
			return nil
		}
		outcome, _ := shape.Name(m.Spec.Outcomes, row.Outcome, false)
		return []api.Trade{{
			Seq: api.ID(seq), Time: api.Time(at), Market: api.ID(row.Market), Outcome: outcome, Price: api.Price(row.Price),
			Quantity: uint32(row.Quantity), TakerSide: api.SideWords[row.TakerSide],
		}}
	})
	if p != nil {
		return p
	}
	return c.answer(&api.Trades{Trades: page.rows, Page: page.foot(c)})
}

func (c *call) listSettlements() *api.Problem {
	page, p := readPage(c, projection.AccountKey(c.who.Account), func(seq exchange.Seq, at exchange.Time, event exchange.Event) []api.Settlement {
		row, ok := projection.SettlementRow(seq, at, event)
		if !ok {
			return nil
		}
		s := api.Settlement{
			Seq: api.ID(seq), Time: api.Time(at), Kind: "payout", Market: api.ID(row.Market), Yes: uint32(row.Yes), No: uint32(row.No),
			Amount: api.Money(row.Amount), Owed: api.Money(row.Receivable),
		}
		if row.Void {
			s.Kind = "refund"
		} else if m, _ := c.s.reader.Market(row.Market); m.Spec.Outcomes != nil {
			s.Outcome = m.Spec.Outcomes[row.Outcome]
		}
		return []api.Settlement{s}
	})
	if p != nil {
		return p
	}
	return c.answer(&api.Settlements{Settlements: page.rows, Page: page.foot(c)})
}
