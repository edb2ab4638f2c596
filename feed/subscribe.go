package feed

import (
	"cmp"
	"slices"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/feed/message"
)

// everything is the part of a connection in all markets, those to come included.
type everything struct {
	conn     *conn
	channels []message.Channel
	class    time.Duration
}

// subscribe has a connection get what it asks for, all of it or nothing.
func (f *Feed) subscribe(c *conn, r *request, w wanted) {
	if c.ended.Load() {
		return
	}
	f.deaf.Store(false) // before anything is read
	markets, p := f.marketsOf(r, f.config.MaxSubscriptions/max(1, len(w.channels)))
	if p == nil && w.account && c.who.Account == 0 {
		p = api.CodeUnauthenticated.Problem("channels", `The channel account needs a credential: send {"op":"auth","secret":"pm_…"} first.`)
	}
	if p == nil && len(c.subscriptions)+len(markets)*len(w.channels) > f.config.MaxSubscriptions {
		p = api.CodeTooManySubscriptions.Problem("markets", "")
	}
	if p != nil {
		c.problem(r.ID, p)
		return
	}
	f.conns[c] = struct{}{}
	if r.All {
		f.watchEverything(c, w)
	}
	count := len(markets) * len(w.channels)
	if w.account {
		count++
	}
	c.lane.add(item{do: func() { c.lane.answer(c, ackFrame(r, count)) }})
	if w.account {
		f.join(c, f.accountStream(f.accountOf(c.who.Account)), subscriptionKey{channel: message.Channels}, nil)
	}
	for _, m := range markets {
		for _, channel := range w.channels {
			f.follow(c, m, channel, &w)
		}
	}
}

// follow has a connection get a channel of a market.
func (f *Feed) follow(c *conn, m *market, channel message.Channel, w *wanted) {
	key := subscriptionKey{m.id, channel}
	s := f.stream(m, channel, w.class)
	var missed [][]byte
	if from, resumes := w.resume[key]; resumes {
		missed = f.missed(m, s, channel, from, c.encoding)
	}
	f.join(c, s, key, missed)
}

// marketsOf returns the markets that a request names, if they are not more than so many.
func (f *Feed) marketsOf(r *request, most int) (all []*market, p *api.Problem) {
	ids := r.Markets
	if r.All {
		ids = f.living()
	}
	if len(ids) > most {
		return nil, api.CodeTooManySubscriptions.Problem("markets", "")
	}
	for _, id := range ids {
		market, ok := marketID(id)
		if !ok {
			return nil, api.RejectProblem(exchange.RejectMarketNotFound, 0, "markets")
		}
		m, p := f.find(market)
		switch {
		case p == nil:
			all = append(all, m)
		case !r.All:
			return nil, p
		}
	}
	slices.SortFunc(all, func(a, b *market) int { return cmp.Compare(a.id, b.id) })
	return slices.Compact(all), nil
}

// marketID returns the market that an identifier names, if it can name one.
func marketID(id api.ID) (exchange.MarketID, bool) {
	return exchange.MarketID(id), uint64(id) <= uint64(^exchange.MarketID(0))
}

// living returns the markets in which something may still happen.
func (f *Feed) living() (all []api.ID) {
	for _, in := range f.inlets {
		var here []exchange.MarketID
		in.view.Here(0, func(id exchange.MarketID, _ projection.Moving) bool {
			here = append(here, id)
			return true
		})
		for _, id := range here {
			if state, _, ok := in.view.State(id); ok && !over(state) {
				all = append(all, api.ID(id))
			}
		}
	}
	return all
}

// over reports whether nothing more happens in a market.
func over(s exchange.MarketState) bool {
	return s == exchange.StateSettled || s == exchange.StateVoided
}

func (f *Feed) watchEverything(c *conn, w wanted) {
	if c.everything == nil {
		c.everything = &everything{conn: c}
		f.everyone = append(f.everyone, c.everything)
	}
	c.everything.class = w.class
	for _, channel := range w.channels {
		if !slices.Contains(c.everything.channels, channel) {
			c.everything.channels = append(c.everything.channels, channel)
		}
	}
}

// addToEveryone has those who watch everything watch a new market.
func (f *Feed) addToEveryone(m *market) {
	for _, e := range f.everyone {
		if len(e.conn.subscriptions)+len(e.channels) > f.config.MaxSubscriptions {
			continue
		}
		for _, channel := range e.channels {
			f.follow(e.conn, m, channel, &wanted{class: e.class})
		}
	}
}

// join makes a connection part of a stream. With frames that it missed it goes on behind them; otherwise it begins.
func (f *Feed) join(c *conn, s *stream, key subscriptionKey, missed [][]byte) {
	s.count[c.encoding]++ // first, since a stream that nobody gets is dropped
	if old := c.subscriptions[key]; old != nil {
		f.part(old)
	}
	if c.subscriptions == nil {
		c.subscriptions = map[subscriptionKey]*subscription{}
	}
	sub := &subscription{conn: c, stream: s, key: key}
	c.subscriptions[key] = sub
	l, group := c.lane, s.groups[c.lane.index]
	l.add(item{do: func() {
		sub.at = len(group.members[c.encoding])
		group.members[c.encoding] = append(group.members[c.encoding], sub)
		if missed == nil {
			l.await(sub)
			return
		}
		sub.state = following
		for _, frame := range missed {
			l.push(c, frame)
		}
	}})
	f.metrics.subscriptions.Inc()
}

// part ends a subscription.
func (f *Feed) part(sub *subscription) {
	c, s := sub.conn, sub.stream
	delete(c.subscriptions, sub.key)
	s.count[c.encoding]--
	group := s.groups[c.lane.index]
	c.lane.add(item{do: func() {
		sub.gone = true
		members := group.members[c.encoding]
		last := members[len(members)-1]
		members[sub.at], last.at = last, sub.at
		members[len(members)-1] = nil
		group.members[c.encoding] = members[:len(members)-1]
	}})
	f.metrics.subscriptions.Dec()
	if !s.wanted() {
		f.drop(s)
	}
}

// begin sends the beginning of a subscription whose lane has asked for it.
func (f *Feed) begin(sub *subscription, gap bool) {
	c := sub.conn
	var frames [][]byte
	if c.subscriptions[sub.key] == sub {
		if a := sub.stream.account; a != nil {
			frames = [][]byte{f.accountBeginning(a, c.encoding, gap)}
		} else {
			frames = f.beginning(sub.stream, c.encoding, gap)
		}
	}
	c.lane.add(item{do: func() { c.lane.begin(sub, frames) }})
}

// unsubscribe ends subscriptions. Those that there are not are passed over.
func (f *Feed) unsubscribe(c *conn, r *request, w wanted) {
	count := 0
	end := func(key subscriptionKey) {
		if sub := c.subscriptions[key]; sub != nil {
			f.part(sub)
			count++
		}
	}
	if w.account {
		end(subscriptionKey{channel: message.Channels})
	}
	for _, channel := range w.channels {
		for _, id := range r.Markets {
			if market, ok := marketID(id); ok {
				end(subscriptionKey{market, channel})
			}
		}
		if !r.All {
			continue
		}
		for key := range c.subscriptions {
			if key.channel == channel {
				end(key)
			}
		}
		if e := c.everything; e != nil {
			e.channels = slices.DeleteFunc(e.channels, func(ch message.Channel) bool { return ch == channel })
		}
	}
	c.lane.add(item{do: func() { c.lane.answer(c, ackFrame(r, count)) }})
}

// stream returns a channel of a market for those who want it so often.
func (f *Feed) stream(m *market, channel message.Channel, class time.Duration) *stream {
	for _, s := range m.streams {
		if s.channel == channel && s.class == class {
			return s
		}
	}
	s := f.newStream()
	s.market, s.channel, s.class, s.sent = m, channel, class, f.config.Now()
	s.restart(m)
	m.streams = append(m.streams, s)
	return s
}

func (f *Feed) accountStream(a *account) *stream {
	if a.stream == nil {
		a.stream = f.newStream()
		a.stream.account, a.stream.channel = a, message.Channels
	}
	return a.stream
}

func (f *Feed) newStream() *stream {
	s := &stream{at: len(f.streams)}
	f.streams = append(f.streams, s)
	for range f.lanes {
		s.groups = append(s.groups, new(audience))
	}
	return s
}

// drop forgets a stream that nobody gets.
func (f *Feed) drop(s *stream) {
	last := f.streams[len(f.streams)-1]
	f.streams[s.at], last.at = last, s.at
	f.streams[len(f.streams)-1] = nil
	f.streams = f.streams[:len(f.streams)-1]
	if s.account != nil {
		delete(f.accounts, s.account.id)
		return
	}
	s.market.used = f.config.Now()
	s.market.streams = slices.DeleteFunc(s.market.streams, func(o *stream) bool { return o == s })
}

// leave ends everything that a connection is part of.
func (f *Feed) leave(c *conn) {
	for _, sub := range c.subscriptions {
		f.part(sub)
	}
	if c.everything != nil {
		f.everyone = slices.DeleteFunc(f.everyone, func(e *everything) bool { return e == c.everything })
	}
	delete(f.conns, c)
}
