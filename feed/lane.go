package feed

import (
	"runtime"
	"time"

	"github.com/gobwas/ws"

	"github.com/hustings/hustings/exchange"
)

// lane owns some of the connections: what waits for them, and who of them gets which stream.
type lane struct {
	feed  *Feed
	index int
	box   mailbox[item]
	conns []*conn

	ahead   []item  // from the hub, not handed over yet
	dirty   []*conn // for which something waits
	rested  []*conn // room for the next dirty
	untold  span    // of what was taken and is not written to everybody yet
	scratch []byte
	spare   []item

	sent, writes int // that are not in the metrics yet
}

// item is something for a lane to do: a message for all who get a stream, or anything else.
type item struct {
	to     *audience
	frames [encodings][]byte
	since  exchange.Time // when what the message tells of was committed; 0: it is not measured
	market bool

	do func()
}

func newLane(f *Feed, index int) *lane {
	return &lane{feed: f, index: index, box: newMailbox[item](), scratch: make([]byte, 0, most)}
}

// add is for the hub: what it adds is handed over at once when it has done what there is.
func (l *lane) add(it item) { l.ahead = append(l.ahead, it) }

// hand hands over what the hub has added.
func (l *lane) hand() {
	if len(l.ahead) > 0 {
		l.box.put(l.ahead...)
		clear(l.ahead)
		l.ahead = l.ahead[:0]
	}
}

func (l *lane) run() {
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	for {
		select {
		case <-l.feed.quit:
			return
		case <-l.box.wake:
			l.take()
		case <-clock.C:
			l.watch(l.feed.config.Now())
		}
		l.flush()
	}
}

// take does what there is to do; what it leads to is left for flush to write.
func (l *lane) take() {
	items := l.box.take(l.spare)
	for i := range items {
		it := &items[i]
		if it.do != nil {
			it.do()
			continue
		}
		for e, members := range it.to.members {
			for _, s := range members {
				l.deliver(s, it.frames[e])
			}
		}
		l.untold.add(it.since)
	}
	l.spare = items
}

// span is the oldest and the newest of some messages, by when what they tell of was committed; 0: there are none.
type span struct{ oldest, newest exchange.Time }

func (s *span) add(since exchange.Time) {
	if since == 0 {
		return
	}
	if s.oldest == 0 {
		s.oldest = since
	}
	s.newest = since
}

// told measures how long messages took that have been written now.
func (l *lane) told(s span) {
	if s.oldest == 0 {
		return
	}
	now := exchange.Time(l.feed.config.Now().UnixNano())
	l.feed.metrics.latency.Observe(time.Duration(now - s.oldest).Seconds())
	if s.newest != s.oldest {
		l.feed.metrics.latency.Observe(time.Duration(now - s.newest).Seconds())
	}
}

// deliver gives a subscription a message, or leaves it out if its connection has no room.
func (l *lane) deliver(s *subscription, frame []byte) {
	if s.state != following {
		return
	}
	c := s.conn
	if c.queued+len(frame) > l.feed.config.MaxQueue {
		l.feed.metrics.gaps.Inc()
		l.lapse(s)
		return
	}
	l.push(c, frame)
}

// lapse has a subscription begin anew once there is room.
func (l *lane) lapse(s *subscription) {
	if s.state != following {
		return
	}
	s.state, s.gap = waiting, true
	l.await(s)
}

// await lines a subscription up for a beginning.
func (l *lane) await(s *subscription) {
	s.conn.waiting = append(s.conn.waiting, s)
	l.mark(s.conn)
}

func (l *lane) push(c *conn, frame []byte) {
	c.queue = append(c.queue, frame)
	c.queued += len(frame)
	l.mark(c)
}

func (l *lane) mark(c *conn) {
	if !c.dirty {
		c.dirty = true
		l.dirty = append(l.dirty, c)
	}
}

// answer gives a connection something that may not be left out. One that takes none of it for long is ended.
func (l *lane) answer(c *conn, frame []byte) {
	if c.queued > 2*l.feed.config.MaxQueue+len(frame) {
		c.end()
		return
	}
	l.push(c, frame)
}

// Beginnings that are asked for at once by one connection.
const asksAtOnce = 16

// writesAtOnce is to how many connections is written before others get the processor, since orders do not wait until all have been
// told, and before what has come meanwhile is taken: whose turn it has not been gets it in the same write, and nobody waits for more
// than one round.
const writesAtOnce = 16

// flush writes to each connection for which something waits, once, and asks for beginnings where there is room for them.
func (l *lane) flush() {
	round, telling := l.dirty, l.untold
	l.dirty, l.rested, l.untold = l.rested, nil, span{}
	for i, c := range round {
		c.dirty = false
		if !c.writing {
			l.write(c)
		}
		l.ask(c)
		if i%writesAtOnce == writesAtOnce-1 {
			runtime.Gosched()
			l.take()
		}
	}
	clear(round)
	l.rested = round[:0]
	l.told(telling)
	if len(l.dirty) > 0 {
		l.box.ring() // the clock is not to be starved
	} else {
		l.told(l.untold)
		l.untold = span{}
	}
	if l.writes > 0 {
		l.feed.metrics.bytes.Add(float64(l.sent))
		l.feed.metrics.writes.Add(float64(l.writes))
		l.sent, l.writes = 0, 0
	}
}

// ask asks the hub for beginnings.
func (l *lane) ask(c *conn) {
	for c.asked < asksAtOnce && len(c.waiting) > 0 && c.queued < l.feed.config.MaxQueue/2 {
		s := c.waiting[0]
		c.waiting[0] = nil
		if c.waiting = c.waiting[1:]; len(c.waiting) == 0 {
			c.waiting = nil
		}
		if s.gone || s.state != waiting {
			continue
		}
		s.state = asked
		c.asked++
		gap := s.gap
		l.feed.tasks.put(func() { l.feed.begin(s, gap) })
	}
}

// begin has a subscription follow its stream, from these frames on.
func (l *lane) begin(s *subscription, frames [][]byte) {
	c := s.conn
	c.asked--
	l.mark(c)
	if s.gone || s.state != asked {
		return
	}
	s.state, s.gap = following, false
	for _, f := range frames {
		l.push(c, f)
	}
}

// watch looks after connections that are silent.
func (l *lane) watch(now time.Time) {
	ping := l.feed.config.Ping
	for _, c := range l.conns {
		silent := now.Sub(time.Unix(0, c.heard.Load()))
		switch {
		case silent > 2*ping:
			c.end()
		case silent > ping && !c.pinged:
			c.pinged = true
			l.push(c, pingFrame)
		case silent <= ping:
			c.pinged = false
		}
	}
}

var pingFrame = ws.MustCompileFrame(ws.NewPingFrame(nil))

// dismiss ends all connections, because the exchange goes away.
func (l *lane) dismiss() {
	for _, c := range l.conns {
		l.close(c, ws.StatusGoingAway, "the exchange is going away: connect again")
	}
}

// close ends a connection after what waits for it.
func (l *lane) close(c *conn, code ws.StatusCode, reason string) {
	l.push(c, ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(code, reason))))
	c.closing = true
}
