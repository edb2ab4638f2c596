package feed

import (
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/feed/message"
)

// fold folds a record of a shard, and sends what follows from it. It reports false, and has done nothing, if the record
// must wait for another shard.
func (f *Feed) fold(in *inlet, r *record) bool {
	if r.lost {
		f.lose(in, r.first)
		return true
	}
	if r.last() <= in.seen {
		return true
	}
	adopted := f.steps(in, r)
	if in.hold = f.wait(in.hold, adopted); in.hold != nil {
		return false
	}
	for i := range adopted {
		f.adopt(in, &adopted[i])
	}
	f.levels(in, r)
	f.events(in, r)
	in.seen = r.last()
	for _, m := range f.touched {
		f.tell(m, in, r)
	}
	f.touched = f.touched[:0]
	f.tellAccounts(in, r)
	return true
}

// lose goes on behind records that never came.
func (f *Feed) lose(in *inlet, seq exchange.Seq) {
	in.seen = max(in.seen, seq)
	f.config.Log.Warn("the feed could not keep up or the read model was replaced: every subscriber gets an image", "shard", in.shard, "seq", seq)
	for _, m := range f.markets {
		if m.in == in {
			f.reset(m)
		}
	}
	for _, a := range f.accounts {
		f.resetAccount(a)
	}
}

// levels takes the changed levels of a record into the books.
func (f *Feed) levels(in *inlet, r *record) {
	for i := range r.changes {
		c := &r.changes[i]
		m := f.here(in, r, c.Market)
		if m == nil {
			continue
		}
		if m.frozen != 0 { // nothing happens in it: what goes here has come elsewhere
			continue
		}
		was := message.Change{Book: c.Outcome, Side: c.Side, Price: c.Price}
		was.Quantity = m.books.Quantity(c.Outcome, c.Side, c.Price)
		m.books.Set(message.Change{Book: c.Outcome, Side: c.Side, Price: c.Price, Quantity: c.Quantity})
		m.changes = append(m.changes, was)
	}
}

// here returns a market if what a record of a shard says of it is new, and notes that it is touched.
func (f *Feed) here(in *inlet, r *record, id exchange.MarketID) *market {
	m := f.markets[id]
	if m == nil && !f.config.Alone {
		m = f.track(in, id) // from now on, for those who come from another node
	}
	if m == nil || m.in != in || r.last() <= m.began {
		return nil
	}
	if !m.touched {
		m.touched = true
		f.touched = append(f.touched, m)
	}
	return m
}

// events takes the events of a record in.
func (f *Feed) events(in *inlet, r *record) {
	seq, events := r.first, r.events
	for range r.count {
		frame, rest, err := wire.Next(events)
		if err != nil {
			return // the read model has read them
		}
		events = rest
		switch kind := wire.EventKind(frame); {
		case public[kind]:
			if event, err := f.decoder.Event(frame); err == nil {
				f.event(in, r, seq, event)
			}
		case len(f.accounts) > 0 && private[kind]:
			if event, err := f.decoder.Event(frame); err == nil {
				f.accountEvent(in, r, seq, event)
			}
		}
		seq++
	}
}

// public are the events that everybody may know of.
var public = [256]bool{
	exchange.KindOrderMatched: true, exchange.KindMarketCreated: true, exchange.KindMarketSuspended: true, exchange.KindMarketResumed: true,
	exchange.KindMarketClosed: true, exchange.KindMarketResolved: true, exchange.KindMarketVoided: true, exchange.KindMarketSettled: true,
	exchange.KindMarketHalted: true, exchange.KindMarketFrozen: true,
	exchange.KindCredentialRevoked: true, exchange.KindSessionsEnded: true,
}

// event takes in an event that everybody may know of.
func (f *Feed) event(in *inlet, r *record, seq exchange.Seq, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderMatched:
		f.matched(in, r, seq, e)
		if len(f.accounts) > 0 {
			f.accountEvent(in, r, seq, e)
		}
	case *exchange.MarketCreated:
		f.created(in, e.Market)
	case *exchange.MarketFrozen:
		if m := f.here(in, r, e.Market); m != nil {
			m.frozen = e.Move
		}
	case *exchange.CredentialRevoked:
		f.revoked(e.Account, e.Credential)
	case *exchange.SessionsEnded:
		f.sessionsEnded(e.Account, e.Keep)
	default:
		f.lived(in, r, event)
	}
}

func (f *Feed) matched(in *inlet, r *record, seq exchange.Seq, e *exchange.OrderMatched) {
	m := f.here(in, r, e.Market)
	if m == nil || int(e.Outcome) >= len(m.tops) {
		return
	}
	m.deals = append(m.deals, message.Deal{Seq: joinSeq(in.shard, seq), Book: e.Outcome, TakerSide: e.TakerSide, Price: e.Price, Quantity: e.Quantity})
	t := &m.tops[e.Outcome]
	t.Last = e.Price
	t.Volume += uint64(e.Quantity)
}

// lived takes in an event of a market's life.
func (f *Feed) lived(in *inlet, r *record, event exchange.Event) {
	id, state := lifeOf(event)
	m := f.here(in, r, id)
	if m == nil {
		return
	}
	m.news = true
	switch e := event.(type) {
	case *exchange.MarketHalted:
		m.halted = true
		return
	case *exchange.MarketResolved:
		m.values = slices.Clone(e.Values)
	}
	m.state = state
}

// lifeOf returns the market of an event of its life, and what the market is doing from then on.
func lifeOf(event exchange.Event) (exchange.MarketID, exchange.MarketState) {
	switch e := event.(type) {
	case *exchange.MarketSuspended:
		return e.Market, exchange.StateSuspended
	case *exchange.MarketResumed:
		return e.Market, exchange.StateOpen
	case *exchange.MarketClosed:
		return e.Market, exchange.StateClosed
	case *exchange.MarketResolved:
		return e.Market, exchange.StateResolved
	case *exchange.MarketVoided:
		return e.Market, exchange.StateVoiding
	case *exchange.MarketSettled:
		if e.Void {
			return e.Market, exchange.StateVoided
		}
		return e.Market, exchange.StateSettled
	case *exchange.MarketHalted:
		return e.Market, 0
	}
	return 0, 0
}

// tell sends what a record has done in a market.
func (f *Feed) tell(m *market, in *inlet, r *record) {
	head := message.Head{Market: m.id, Point: message.Point{Epoch: m.epoch, Seq: joinSeq(in.shard, r.last())}, Time: message.Micros(r.now)}
	m.touched = false
	if len(m.streams) > 0 || !f.config.Alone {
		m.used = f.config.Now()
	}
	raw := m.changes
	m.changes = m.settle(raw, false)
	moved := [message.Channels]bool{message.Book: len(m.changes) > 0, message.Trade: len(m.deals) > 0, message.Status: m.news}
	if moved[message.Book] {
		m.rings[0].add(m.points[message.Book], m.times[message.Book], &message.Delta{
			Link:     message.Link{Head: head, Prev: m.points[message.Book]},
			Checksum: m.books.Checksum(), Changes: m.changes,
		})
		for _, c := range m.changes {
			m.top(c.Book)
		}
	}
	if moved[message.Trade] {
		m.rings[1].add(m.points[message.Trade], m.times[message.Trade], &message.Trades{
			Link: message.Link{Head: head, Prev: m.points[message.Trade]}, Trades: slices.Clone(m.deals),
		})
	}
	moved[message.Ticker] = moved[message.Book] || moved[message.Trade]
	for c, has := range moved {
		if has {
			m.points[c], m.times[c] = head.Point, head.Time
		}
	}
	for _, s := range m.streams {
		if moved[s.channel] {
			s.note(m, raw)
			if s.class == 0 || f.config.Now().Sub(s.sent) >= s.class {
				f.emit(s)
			}
		}
	}
	m.changes, m.deals, m.news = raw[:0], m.deals[:0], false
}

// note has a stream take in what a record has done in its market, to be sent. Levels come as they were before.
func (s *stream) note(m *market, were []message.Change) {
	switch s.channel {
	case message.Book:
		s.changes = append(s.changes, were...)
	case message.Trade:
		s.deals = append(s.deals, m.deals...)
	default:
		s.news = true
	}
}

// forget forgets markets that nobody has watched for long.
func (f *Feed) forget(now time.Time) {
	for id, m := range f.markets {
		if len(m.streams) == 0 && now.Sub(m.used) > f.config.Rest {
			delete(f.markets, id)
		}
	}
}

// created has those who watch everything watch a new market.
func (f *Feed) created(in *inlet, id exchange.MarketID) {
	if len(f.everyone) == 0 || f.markets[id] != nil {
		return
	}
	if m := f.track(in, id); m != nil {
		f.addToEveryone(m)
	}
}

var _ projection.Follower = (*inlet)(nil)
