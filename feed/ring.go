package feed

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// ring keeps the newest messages of a chain, as one who gets all of them has them.
type ring struct {
	most    int
	entries []entry
	next    int // where the oldest is, once it is full
}

type entry struct {
	prev    message.Point
	prevAt  exchange.Time
	message message.Message
}

func (r *ring) add(prev message.Point, prevAt exchange.Time, m message.Message) {
	e := entry{prev, prevAt, m}
	if len(r.entries) < r.most {
		r.entries = append(r.entries, e)
		return
	}
	r.entries[r.next] = e
	r.next = (r.next + 1) % len(r.entries)
}

// at returns an entry, the oldest being 0.
func (r *ring) at(i int) *entry { return &r.entries[(r.next+i)%len(r.entries)] }

// since returns the messages behind a point; ok is false if some of them are not kept.
func (r *ring) since(p, newest message.Point) (all []*entry, ok bool) {
	if !p.Before(newest) {
		return nil, true
	}
	for i := len(r.entries) - 1; i >= 0; i-- {
		e := r.at(i)
		all = append(all, e)
		if !p.Before(e.prev) {
			slices.Reverse(all)
			return all, true
		}
	}
	return nil, false
}

// link returns the link of a message that the ring keeps.
func link(m message.Message) *message.Link {
	switch m := m.(type) {
	case *message.Delta:
		return &m.Link
	case *message.Trades:
		return &m.Link
	}
	return nil
}
