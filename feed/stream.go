package feed

import (
	"time"

	"github.com/gobwas/ws"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// encoding is how a connection wants its market data.
type encoding uint8

const (
	inJSON encoding = iota
	inBinary
	encodings
)

// stream is one channel of a market, or an account, for those who want it equally often. It belongs to the hub.
type stream struct {
	market  *market  // or
	account *account // whose orders, fills and balances
	channel message.Channel
	class   time.Duration // at most one message in this time; 0: every one
	at      int           // in hub.streams
	groups  []*audience   // those who get it, for each lane
	count   [encodings]int

	base  message.Base // of the newest message
	sent  time.Time    // when it was sent
	begin [encodings][][]byte

	// What has come since, where class is not 0.
	changes []message.Change
	deals   []message.Deal
	news    bool
}

// audience is those of one lane who get a stream. It belongs to the lane.
type audience struct {
	members [encodings][]*subscription
}

// subscription is one connection's part in a stream.
type subscription struct {
	conn   *conn
	stream *stream
	key    subscriptionKey

	// What follows belongs to the lane.
	at    int // among the members of its audience
	state subscriptionState
	gap   bool // messages were left out
	gone  bool
}

type subscriptionKey struct {
	market  exchange.MarketID // 0: the account
	channel message.Channel
}

type subscriptionState uint8

const (
	waiting   subscriptionState = iota // for room in its connection's queue, and then
	asked                              // for a beginning from the hub
	following                          // everything that comes
)

// pending reports whether something has come that was not sent.
func (s *stream) pending() bool { return len(s.changes) > 0 || len(s.deals) > 0 || s.news }

// wanted reports whether anybody gets the stream.
func (s *stream) wanted() bool { return s.count[inJSON]+s.count[inBinary] > 0 }

// send encodes a message of a stream and gives it to all who get it. It moves the base on.
func (f *Feed) send(s *stream, m message.Message, since exchange.Time) {
	s.begin = [encodings][][]byte{}
	frames := f.encode(s, m)
	s.sent = f.config.Now()
	f.pass(s, item{frames: frames, since: since, market: true})
	f.metrics.messages.Inc()
}

// pass gives an item to all who get a stream.
func (f *Feed) pass(s *stream, it item) {
	for i, l := range f.lanes {
		it.to = s.groups[i]
		l.add(it)
	}
}

// frames encodes a message in the forms that are asked for.
func (s *stream) frames(m message.Message) (frames [encodings][]byte) {
	for e := range encodings {
		if s.count[e] > 0 {
			frames[e] = encodeOne(e, m)
		}
	}
	return frames
}

// encode is frames for a message of a chain. It moves the base on.
func (f *Feed) encode(s *stream, m message.Message) (frames [encodings][]byte) {
	if s.count[inJSON] > 0 {
		f.buf = message.AppendJSON(f.buf[:0], m)
		frames[inJSON] = frame(ws.OpText, f.buf)
	}
	f.buf = message.AppendBinary(f.buf[:0], m, &s.base)
	if s.count[inBinary] > 0 {
		frames[inBinary] = frame(ws.OpBinary, f.buf)
	}
	return frames
}

// frame returns a WebSocket frame with a payload.
func frame(op ws.OpCode, payload []byte) []byte {
	out := make([]byte, 0, len(payload)+4)
	const short, long = 126, 1 << 16
	out = append(out, 0x80|byte(op))
	switch n := len(payload); {
	case n < short:
		out = append(out, byte(n))
	case n < long:
		out = append(out, short, byte(n>>8), byte(n))
	default:
		out = append(out, short+1, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, payload...)
}

// beginning returns the frames with which a subscription begins.
func (f *Feed) beginning(s *stream, e encoding, gap bool) [][]byte {
	if s.pending() {
		f.emit(s)
	}
	if s.begin[e] == nil {
		s.begin[e] = [][]byte{encodeOne(e, &message.Gap{Head: s.head(), Channel: s.channel}), encodeOne(e, s.first())}
	}
	f.metrics.images.Inc()
	if gap {
		return s.begin[e]
	}
	return s.begin[e][1:]
}

// encodeOne encodes a message whose place is written in full.
func encodeOne(e encoding, m message.Message) []byte { return encode(e, m, new(message.Base)) }

func encode(e encoding, m message.Message, base *message.Base) []byte {
	if e == inJSON {
		return frame(ws.OpText, message.AppendJSON(nil, m))
	}
	return frame(ws.OpBinary, message.AppendBinary(nil, m, base))
}

// head is where the stream is.
func (s *stream) head() message.Head {
	return message.Head{Market: s.market.id, Point: s.base.Point, Time: s.base.Time}
}

// first returns the message with which a subscription begins now.
func (s *stream) first() message.Message {
	h, m := s.head(), s.market
	link := message.Link{Head: h, Prev: h.Point}
	switch s.channel {
	case message.Book:
		return m.image(h)
	case message.Ticker:
		return &message.Tickers{Link: link, Tops: m.tops}
	case message.Status:
		return m.status(link)
	}
	return &message.Chain{Head: h, Channel: s.channel}
}

// heartbeat tells that a stream is quiet.
func (f *Feed) heartbeat(s *stream, now time.Time) {
	s.sent = now
	if s.market == nil || s.market.in == nil {
		return
	}
	h := &message.Heartbeat{Head: s.head(), Channel: s.channel, Next: joinSeq(s.market.in.shard, s.market.in.seen) + 1}
	f.pass(s, item{frames: s.frames(h)})
}

// emit sends what has come since the last message of a stream.
func (f *Feed) emit(s *stream) {
	m := s.market
	link := message.Link{Head: message.Head{Market: m.id, Point: m.points[s.channel], Time: m.times[s.channel]}, Prev: s.base.Point}
	switch s.channel {
	case message.Book:
		// Whoever resumes may have seen more than the message before: a level that has come to be as it was is another one to them.
		if changes := m.settle(s.changes, s.class > 0); len(changes) > 0 {
			f.send(s, &message.Delta{Link: link, Checksum: m.books.Checksum(), Changes: changes}, link.Time)
		}
		s.changes = s.changes[:0]
	case message.Trade:
		f.send(s, &message.Trades{Link: link, Trades: s.deals}, link.Time)
		s.deals = s.deals[:0]
	case message.Ticker:
		s.news = false
		if tops := m.topsSince(&s.base); len(tops) > 0 {
			f.send(s, &message.Tickers{Link: link, Tops: tops}, link.Time)
		}
	case message.Status:
		s.news = false
		f.send(s, m.status(link), link.Time)
	}
}
