package gateway

import (
	"cmp"
	"slices"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// To see a past instant all of a market's events up to it are folded. That can take seconds and anybody may ask for it,
// so moments says how many are under way at once, and each of them rests as long as it worked, every so many events.
const (
	moments     = 2
	sliceEvents = 4_096
)

// marketAt returns a market as it was at an instant, without any other market.
func (c *call) marketAt(market exchange.MarketID, at exchange.Time) (Reader, *api.Problem) {
	if int64(at) > c.s.now().UnixNano() {
		return nil, api.CodeTimeOutOfRange.Problem("", "")
	}
	if p := c.catchUp(); p != nil { // the instant may be that of an answer a moment ago
		return nil, p
	}
	last, err := c.stayAt(market, at)
	if err != nil {
		return nil, c.unreadable(err)
	}
	if last == 0 {
		return nil, api.CodeTimeOutOfRange.Problem("", "")
	}
	return c.marketUpTo(market, last)
}

// stayAt returns the last event at or before an instant of the shard on which a market was then, 0 if there is none.
func (c *call) stayAt(market exchange.MarketID, at exchange.Time) (until exchange.Seq, err error) {
	best := -1
	var since exchange.Time
	for _, stay := range c.s.history.Of(market) {
		last, found, err := stay.LastAt(at)
		if err != nil {
			return 0, err
		}
		if !found {
			continue
		}
		w := c.past(pageEvents)
		w.from = stay.History
		had, when := w.had(market, last+1)
		if w.failed != nil {
			return 0, w.failed
		}
		if had > best || had == best && when > since {
			best, since, until = had, when, last
		}
	}
	return until, nil
}

// had says how much of a market a shard had, by its newest event below a Seq, and when that was: 2 for all of it, 1 while it was
// frozen to move to another shard or there already, 0 for nothing or a part.
func (w *past) had(market exchange.MarketID, below exchange.Seq) (had int, since exchange.Time) {
	w.newest(projection.MarketKey(market), below, func(_ exchange.Seq, at exchange.Time, event exchange.Event) bool {
		switch e := event.(type) {
		case *exchange.MarketPartDropped: // what it was before decides
			return true
		case *exchange.MarketFrozen:
			had = 1
		case *exchange.MarketPartAdopted:
			if e.Last {
				had = 2
			}
		default:
			had = 2
		}
		since = at
		return false
	})
	return had, since
}

func (c *call) marketUpTo(market exchange.MarketID, until exchange.Seq) (Reader, *api.Problem) {
	select {
	case c.s.moments <- struct{}{}:
		defer func() { <-c.s.moments }()
	case <-c.r.Context().Done():
		return nil, api.CodeOverloaded.Problem("", "")
	}
	past := projection.NewMarketAt(market)
	var failed error
	count, begun := 0, time.Now()
	stays := c.s.history.Of(market)
	i := slices.IndexFunc(stays, func(s Stay) bool { return s.End>>seqBits == until>>seqBits })
	err := stays[max(i, 0)].Oldest(projection.MarketKey(market), 0, until, func(seq exchange.Seq, now exchange.Time, frame []byte) bool {
		if count++; count%sliceEvents == 0 {
			time.Sleep(time.Since(begun))
			begun = time.Now()
		}
		if failed = past.Apply(now, seq, frame); failed == nil {
			failed = c.r.Context().Err()
		}
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, c.unreadable(err)
	}
	if _, found := past.View().Market(market); !found {
		return nil, api.RejectProblem(exchange.RejectMarketNotFound, 0, "market")
	}
	return past.View(), nil
}

func (c *call) unreadable(err error) *api.Problem {
	c.s.log.Error("read the journal", "route", c.endpoint.Name, "error", err)
	return api.CodeHistoryUnavailable.Problem("", "")
}

func (c *call) getMarketAt() *api.Problem {
	q := c.query()
	at, levels := q.time("time"), q.number("depth", api.MaxLevels, api.BookLevels)
	if q.problem == nil && at == 0 {
		q.fail("time", "time is missing.")
	}
	if q.problem != nil {
		return q.problem
	}
	id, p := c.marketID()
	if p != nil {
		return p
	}
	past, p := c.marketAt(id, at)
	if p != nil {
		return p
	}
	m, _ := past.Market(id)
	return c.answer(&api.MarketAt{
		Market: api.ID(id), Time: api.Time(at), Seq: api.ID(past.Seq()), Status: m.State.String(),
		Outcomes: outcomeInfos(&m), Books: readBooks(past, &m, levels),
	})
}

// listMarketPositions lists everybody's positions in a market, by account and outcome, now or at a past instant. The
// cursor holds the Seq of the first page of a past instant, so that all its pages are of that one.
func (c *call) listMarketPositions() *api.Problem {
	id, p := c.marketID()
	if p != nil {
		return p
	}
	q := c.query()
	limit, at, cursor := q.limit(), q.time("at"), q.cursor(3)
	if q.problem != nil {
		return q.problem
	}
	reader, pinned := c.s.reader, exchange.Seq(cursor[0])
	switch {
	case pinned != 0:
		reader, p = c.marketUpTo(id, pinned)
	case at != 0:
		if reader, p = c.marketAt(id, at); p == nil {
			pinned = reader.Seq()
		}
	}
	if p != nil {
		return p
	}
	m, found := reader.Market(id)
	if !found {
		return api.RejectProblem(exchange.RejectMarketNotFound, 0, "market")
	}
	answer := api.Positions{Positions: []api.Position{}, Time: api.Time(at), Page: api.Page{Seq: api.ID(reader.Seq())}}
	holders := reader.Holders(id)
	first, _ := slices.BinarySearchFunc(holders, cursor[1:], func(p projection.Position, after []uint64) int {
		return cmp.Or(cmp.Compare(uint64(p.Account), after[0]), cmp.Compare(uint64(p.Outcome), after[1]))
	})
	holders = holders[first:]
	if len(holders) > limit {
		next := &holders[limit]
		answer.NextCursor = writeCursor(uint64(pinned), uint64(next.Account), uint64(next.Outcome))
		holders = holders[:limit]
	}
	for i := range holders {
		from := len(answer.Positions)
		answer.Positions = appendPosition(answer.Positions, &m, &holders[i])
		for j := range answer.Positions[from:] {
			answer.Positions[from+j].Account = api.ID(holders[i].Account)
		}
	}
	return c.answer(&answer)
}
