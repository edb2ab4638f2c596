package feed

import (
	"slices"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/feed/message"
)

// market is what the feed knows of a market. It belongs to the hub.
type market struct {
	id      exchange.MarketID
	in      *inlet // of the shard where it is
	epoch   uint32
	frozen  uint32 // number of the move for which it is frozen; 0: it is not
	began   exchange.Seq
	names   []string // of outcomes; nil for a binary market
	books   *message.Books
	tops    []message.Top
	state   exchange.MarketState
	halted  bool
	values  []exchange.Price
	streams []*stream
	rings   [2]ring // of books and of trades

	// The newest message of each channel, as one who gets all of them has it.
	points [message.Channels]message.Point
	times  [message.Channels]exchange.Time

	// What the record that is being folded has done.
	touched bool
	changes []message.Change
	deals   []message.Deal
	news    bool // its state has changed
	order   []uint64

	used time.Time // when somebody last watched it or, where somebody may come from another node, something happened in it
}

// track begins to follow a market as a read model has it. It returns nil where the market is not.
func (f *Feed) track(in *inlet, id exchange.MarketID) *market {
	if moving, holds := in.view.Holds(id); !holds || moving.Stage != projection.StageHere && moving.Stage != projection.StageFrozen {
		return nil
	}
	s, ok := in.view.Scene(id)
	if !ok || s.Moving.Stage != projection.StageHere && s.Moving.Stage != projection.StageFrozen {
		return nil
	}
	m := f.markets[id]
	if m == nil {
		m = &market{id: id}
		f.markets[id] = m
	}
	m.in, m.began, m.epoch, m.frozen = in, s.Seq, s.Moving.Move, 0
	if s.Moving.Stage == projection.StageFrozen {
		m.epoch, m.frozen = s.Moving.Move-1, s.Moving.Move
	}
	m.names, m.state, m.halted, m.values = s.Spec.Outcomes, s.State, s.Halted, nil
	m.books, m.tops = message.NewBooks(len(s.Depths)), make([]message.Top, len(s.Depths))
	for i, d := range s.Depths {
		book := exchange.Outcome(i)
		m.books.Fill(book, exchange.Buy, levels(d.Bids))
		m.books.Fill(book, exchange.Sell, levels(d.Asks))
		m.tops[i] = message.Top{Book: book, Last: s.Books[i].Last, Volume: s.Books[i].Volume}
		m.top(book)
		if s.State == exchange.StateResolved || s.State == exchange.StateSettled {
			m.values = append(m.values, s.Books[i].Value)
		}
	}
	for c := range message.Channels {
		m.points[c] = message.Point{Epoch: m.epoch, Seq: joinSeq(in.shard, s.Seq)}
		m.times[c] = message.Micros(s.Now)
	}
	for i := range m.rings {
		m.rings[i] = ring{most: f.config.Ring}
	}
	m.changes, m.deals, m.news = m.changes[:0], m.deals[:0], false
	m.used = f.config.Now()
	return m
}

func levels(from []projection.Level) []message.Level {
	to := make([]message.Level, len(from))
	for i, l := range from {
		to[i] = message.Level{Price: l.Price, Quantity: l.Quantity}
	}
	return to
}

// find returns a market, which is followed from now on if it was not before; or why there is none.
func (f *Feed) find(id exchange.MarketID) (*market, *api.Problem) {
	if m := f.markets[id]; m != nil {
		return m, nil
	}
	known := false
	for _, in := range f.inlets {
		if m := f.track(in, id); m != nil {
			return m, nil
		}
		known = known || in.view.Moving(id).Move > 0
	}
	if known {
		return nil, api.RejectProblem(exchange.RejectMarketMoving, 0, "markets")
	}
	return nil, api.RejectProblem(exchange.RejectMarketNotFound, 0, "markets")
}

// reset follows a market anew after records were lost, and has everybody who watches it begin anew. One that is on its way
// is followed anew where it comes to.
func (f *Feed) reset(m *market) {
	m.in = nil
	for _, in := range f.inlets {
		if f.track(in, m.id) != nil {
			break
		}
	}
	if m.in == nil {
		return
	}
	for _, s := range m.streams {
		s.restart(m)
		f.lapse(s)
	}
}

// restart has a stream go on from where its market is.
func (s *stream) restart(m *market) {
	h := message.Head{Market: m.id, Point: m.points[s.channel], Time: m.times[s.channel]}
	s.base, s.begin = message.NewBase(h, m.tops), [encodings][][]byte{}
	s.changes, s.deals, s.news = s.changes[:0], s.deals[:0], false
}

// lapse has all who get a stream begin anew.
func (f *Feed) lapse(s *stream) {
	for i, l := range f.lanes {
		group := s.groups[i]
		l.add(item{do: func() {
			for e := range group.members {
				for _, sub := range group.members[e] {
					l.lapse(sub)
				}
			}
		}})
	}
}

// image returns the books of a market.
func (m *market) image(h message.Head) *message.Image {
	image := &message.Image{Head: h, Checksum: m.books.Checksum()}
	for i := range m.books.Len() {
		book := exchange.Outcome(i)
		l := message.Levels{Outcome: api.Yes, Bids: m.books.Levels(book, exchange.Buy), Asks: m.books.Levels(book, exchange.Sell)}
		if m.names != nil {
			l.Outcome = m.names[i]
		}
		image.Books = append(image.Books, l)
	}
	return image
}

func (m *market) status(l message.Link) *message.State {
	return &message.State{Link: l, State: m.state, Halted: m.halted, Values: m.values}
}

// top brings the best prices of a book up to date.
func (m *market) top(book exchange.Outcome) {
	t := &m.tops[book]
	bid, ask := m.books.Best(book, exchange.Buy), m.books.Best(book, exchange.Sell)
	t.Bid, t.BidQuantity, t.Ask, t.AskQuantity = bid.Price, bid.Quantity, ask.Price, ask.Quantity
}

// topsSince returns the tops that are not as a chain has said last.
func (m *market) topsSince(base *message.Base) (all []message.Top) {
	was := base.Tops()
	for i, t := range m.tops {
		if i >= len(was) || was[i] != t {
			all = append(all, t)
		}
	}
	return all
}

// settle turns levels as they were, one after the other, into what has changed since the first of each, sorted by book, side
// and price. With touched it has those too that have come to be as they were.
func (m *market) settle(were []message.Change, touched bool) (changed []message.Change) {
	m.order = m.order[:0]
	for i := range were {
		w := &were[i]
		m.order = append(m.order, uint64(w.Book)<<56|uint64(w.Side)<<48|uint64(w.Price)<<32|uint64(i))
	}
	slices.Sort(m.order)
	last := ^uint64(0)
	for _, o := range m.order {
		if o>>32 == last {
			continue
		}
		last = o >> 32
		c := were[uint32(o)]
		if now := m.books.Quantity(c.Book, c.Side, c.Price); touched || now != c.Quantity {
			c.Quantity = now
			changed = append(changed, c)
		}
	}
	return changed
}
