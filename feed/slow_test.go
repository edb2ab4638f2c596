package feed

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// TestSlowConsumerBeginsAnew lets one of two subscribers read nothing while more happens than the bound of its queue and the
// kernel hold. The other one must not notice; the slow one must get a gap marker, then an image, and then be up to date.
func TestSlowConsumerBeginsAnew(t *testing.T) {
	t.Run("plain", func(t *testing.T) { slowConsumer(t, httptest.NewServer) })
	t.Run("TLS", func(t *testing.T) { slowConsumer(t, httptest.NewTLSServer) })
}

func slowConsumer(t *testing.T, serve func(http.Handler) *httptest.Server) {
	const queue = 16 << 10
	w := newWorldOver(serve, t, 1, 1, Config{Lanes: 1, MaxQueue: queue, SendBuffer: 8 << 10})
	w.create(1, 1)
	w.create(2, 1)
	fast, slow := w.dial(0, true, nil), w.dial(0, false, nil)
	narrow(t, slow.conn)
	for _, c := range []*testClient{fast, slow} {
		c.say(`{"op":"subscribe","channels":["book"],"markets":["1","2"]}`) // what lapses is the book, and not its trades alone
		c.until("the beginnings", func() bool { return len(c.places) == 2 })
	}
	f := w.nodes[0].feed
	gaps := func() int { return int(metricOf(f.metrics.gaps)) }
	for i := 0; !lapsed(f.lanes[0], subscriptionKey{1, message.Book}); i++ {
		if i > 20_000 {
			t.Fatal("the slow consumer never fell behind")
		}
		w.trade(1)
		at := fast.places[subscriptionKey{1, 0}]
		last := joinSeq(1, w.views[1][0].Seq())
		if i%100 == 99 { // the fast one keeps up
			w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 100, Quantity: exchange.Quantity(i + 1), SelfTrade: exchange.CancelBoth})
			fast.until("the newest book", func() bool { at = fast.places[subscriptionKey{1, 0}]; return at.Seq > last })
		}
	}
	if waits := mostQueued(f.lanes[0]); waits > queue+most {
		t.Errorf("%d bytes wait for the slow consumer, whose queue may hold %d", waits, queue)
	}
	w.trade(2)
	want1, want2 := w.books(1).Checksum(), w.books(2).Checksum()
	for _, c := range []*testClient{fast, slow} {
		c.until("the last books", func() bool {
			return c.books[1].Checksum() == want1 && c.books[2].Checksum() == want2
		})
	}
	slow.until("the gap and an image", func() bool { return slow.count["gap"] > 0 && slow.count["image"] >= 3 })
	if fast.count["gap"] != 0 || fast.count["image"] != 2 {
		t.Errorf("the fast consumer got %d gaps and %d images", fast.count["gap"], fast.count["image"])
	}
	if slow.count["gap"] > gaps() {
		t.Errorf("%d gap markers for %d gaps", slow.count["gap"], gaps())
	}
}

// lapsed reports whether some connection has no room for a subscription to begin anew, of which messages were left out.
func lapsed(l *lane, key subscriptionKey) bool {
	answer := make(chan bool)
	l.box.put(item{do: func() {
		is := func(s *subscription) bool { return s.gap && s.key == key }
		answer <- slices.ContainsFunc(l.conns, func(c *conn) bool { return slices.ContainsFunc(c.waiting, is) })
	}})
	return <-answer
}

// mostQueued is how much waits for the connection for which most does.
func mostQueued(l *lane) int {
	answer := make(chan int)
	l.box.put(item{do: func() {
		queued := 0
		for _, c := range l.conns {
			queued = max(queued, c.queued)
		}
		answer <- queued
	}})
	return <-answer
}

// TestLostRecordsEndInImages has a read model replaced by a later state: nothing tells what was between, so everybody who watches
// a market begins anew, and the books are right afterwards.
func TestLostRecordsEndInImages(t *testing.T) {
	w := newWorld(t, 2, 1, Config{Lanes: 2})
	w.create(1, 1)
	c := w.dial(0, true, nil)
	c.say(`{"op":"subscribe","channels":["book","ticker"],"markets":["1"]}`)
	c.until("the beginnings", func() bool { return len(c.places) == 2 })
	w.trade(1)
	state, err := w.shards[1].View()
	if err != nil {
		t.Fatal(err)
	}
	w.views[1][0].Replace(state)
	for range 20 {
		w.trade(1)
	}
	want := w.books(1).Checksum()
	c.until("the last book", func() bool { return c.count["gap"] >= 2 && c.books[1].Checksum() == want })
	if c.count["image"] != 2 {
		t.Errorf("%d images", c.count["image"])
	}
}

// stuck is a connection that takes its time to end, as one under TLS does that has no room for a goodbye.
type stuck struct {
	net.Conn
	release chan struct{}
}

func (s stuck) Close() error {
	<-s.release
	return s.Conn.Close()
}

// TestEndHoldsNobodyUp has a connection end that takes its time, while its lane has others to look after.
func TestEndHoldsNobodyUp(t *testing.T) {
	f := New(Config{Lanes: 1})
	defer f.Close()
	here, there := net.Pipe()
	defer there.Close()
	c := &conn{feed: f, lane: f.lanes[0], net: stuck{here, make(chan struct{})}}
	others := make(chan struct{})
	f.lanes[0].box.put(item{do: c.end}, item{do: func() { close(others) }})
	<-others
	close(c.net.(stuck).release)
}
