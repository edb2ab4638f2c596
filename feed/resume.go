package feed

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// missed returns the frames with which somebody who has seen a chain up to a point goes on; nil if what lies between is not
// kept any more.
func (f *Feed) missed(m *market, s *stream, channel message.Channel, from message.Point, e encoding) [][]byte {
	if channel > message.Trade || m.in == nil {
		return nil
	}
	if s.pending() {
		f.emit(s)
	}
	entries, ok := m.rings[channel].since(from, m.points[channel])
	if !ok {
		return nil
	}
	return append(replay(m.id, channel, entries, e), encodeOne(e, &message.Chain{Head: s.head(), Channel: channel}))
}

// replay encodes messages that are kept, with the place from which they go on before them.
func replay(id exchange.MarketID, channel message.Channel, entries []*entry, e encoding) (frames [][]byte) {
	if len(entries) == 0 {
		return nil
	}
	h := message.Head{Market: id, Point: entries[0].prev, Time: entries[0].prevAt}
	base := message.NewBase(h, nil)
	frames = append(frames, encodeOne(e, &message.Chain{Head: h, Channel: channel}))
	for _, entry := range entries {
		frames = append(frames, encode(e, entry.message, &base))
	}
	return frames
}

// retransmit sends messages of a chain once more.
func (f *Feed) retransmit(c *conn, r *request, channel message.Channel) {
	id, ok := marketID(r.Market)
	m := f.markets[id]
	if !ok || m == nil {
		c.problem(r.ID, api.RejectProblem(exchange.RejectMarketNotFound, 0, "market"))
		return
	}
	entries, ok := m.rings[channel].since(r.After.point(), m.points[channel])
	if !ok {
		c.problem(r.ID, api.CodeNotKept.Problem("after", ""))
		return
	}
	if r.UpTo != nil {
		upTo := r.UpTo.point()
		for len(entries) > 0 && upTo.Before(link(entries[len(entries)-1].message).Point) {
			entries = entries[:len(entries)-1]
		}
	}
	frames := replay(m.id, channel, entries, c.encoding)
	if sub := c.subscriptions[subscriptionKey{m.id, channel}]; sub != nil && len(frames) > 0 {
		frames = append(frames, encodeOne(c.encoding, &message.Chain{Head: sub.stream.head(), Channel: channel}))
	}
	c.lane.add(item{do: func() {
		c.lane.answer(c, ackFrame(r, len(entries)))
		for _, frame := range frames {
			c.lane.answer(c, frame)
		}
	}})
}
