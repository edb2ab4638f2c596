package feed

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// testClient is a subscriber that checks every message.
type testClient struct {
	t      *testing.T
	conn   net.Conn
	binary bool
	reader message.Reader
	places map[subscriptionKey]message.Point
	books  map[exchange.MarketID]*message.Books
	tops   map[exchange.MarketID]map[exchange.Outcome]message.Top
	states map[exchange.MarketID]*message.State
	deals  []message.Deal
	count  map[string]int
	w      *world
}

func (w *world) dial(node int, binary bool, header http.Header) *testClient {
	w.t.Helper()
	url := "ws" + w.nodes[node].server.URL[len("http"):] + Path
	d := ws.Dialer{Timeout: time.Minute, Protocols: []string{JSONProtocol}, TLSConfig: w.nodes[node].server.Client().Transport.(*http.Transport).TLSClientConfig}
	if binary {
		d.Protocols = []string{BinaryProtocol}
	}
	if header != nil {
		d.Header = ws.HandshakeHeaderHTTP(header)
	}
	conn, early, _, err := d.Dial(context.Background(), url)
	if err != nil {
		w.t.Fatal(err)
	}
	if early != nil {
		w.t.Fatal("the server spoke first")
	}
	w.t.Cleanup(func() { conn.Close() })
	return &testClient{t: w.t, w: w, conn: conn, binary: binary, places: map[subscriptionKey]message.Point{}, books: map[exchange.MarketID]*message.Books{},
		tops: map[exchange.MarketID]map[exchange.Outcome]message.Top{}, states: map[exchange.MarketID]*message.State{}, count: map[string]int{}}
}

func (c *testClient) say(text string) {
	c.t.Helper()
	if err := wsutil.WriteClientText(c.conn, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// hear returns the next data frame.
func (c *testClient) hear() ([]byte, ws.OpCode, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(time.Minute))
	return wsutil.ReadServerData(c.conn)
}

// answer returns the next message that is JSON text and not market data, and takes in what comes before it.
func (c *testClient) answer() map[string]any {
	c.t.Helper()
	for {
		b, op, err := c.hear()
		if err != nil {
			c.t.Fatal(err)
		}
		if m := c.take(b, op); m != nil {
			return m
		}
	}
}

// until takes messages in until a condition holds.
func (c *testClient) until(what string, done func() bool) {
	c.t.Helper()
	for !done() {
		b, op, err := c.hear()
		if err != nil {
			c.t.Fatalf("waiting for %s: %v", what, err)
		}
		c.take(b, op)
	}
}

// take takes a message in; it returns those that are not market data.
func (c *testClient) take(b []byte, op ws.OpCode) map[string]any {
	c.t.Helper()
	if op == ws.OpText {
		var any map[string]any
		if err := json.Unmarshal(b, &any); err != nil {
			c.t.Fatalf("%s: %v", b, err)
		}
		switch any["type"] {
		case "ack", "error", "answer", "pong":
			return any
		}
		if c.binary {
			c.t.Fatalf("JSON on a binary connection: %s", b)
		}
		m, err := message.ReadJSON(b)
		if err != nil {
			c.t.Fatalf("%s: %v", b, err)
		}
		c.apply(m)
		return nil
	}
	m, err := c.reader.Read(b)
	if err != nil {
		c.t.Fatalf("%x: %v", b, err)
	}
	c.apply(m)
	return nil
}

func (c *testClient) apply(m message.Message) {
	c.t.Helper()
	switch m := m.(type) {
	case *message.Image:
		c.count["image"]++
		c.books[m.Market] = message.BooksOf(m)
		c.begin(&m.Head, message.Book)
		c.checkBooks(&m.Head, m.Checksum)
	case *message.Delta:
		c.count["delta"]++
		if !c.link(&m.Link, message.Book) {
			return
		}
		for _, change := range m.Changes {
			if !c.books[m.Market].Set(change) {
				c.t.Fatalf("there is no book for %+v", change)
			}
		}
		c.checkBooks(&m.Head, m.Checksum)
	case *message.Trades:
		c.count["trades"]++
		if c.link(&m.Link, message.Trade) {
			c.deals = append(c.deals, m.Trades...)
		}
	case *message.Tickers:
		if m.Prev == m.Point {
			c.tops[m.Market] = map[exchange.Outcome]message.Top{}
			c.begin(&m.Head, message.Ticker)
		} else if !c.link(&m.Link, message.Ticker) {
			return
		}
		for _, t := range m.Tops {
			c.tops[m.Market][t.Book] = t
		}
	case *message.State:
		if m.Prev == m.Point {
			c.begin(&m.Head, message.Status)
		} else if !c.link(&m.Link, message.Status) {
			return
		}
		c.states[m.Market] = m
	case *message.Chain:
		c.count["chain"]++
		if p := (subscriptionKey{m.Market, m.Channel}); c.places[p] == (message.Point{}) {
			c.places[p] = m.Point
		}
	case *message.Gap:
		c.count["gap"]++
		delete(c.places, subscriptionKey{m.Market, m.Channel}) // it begins anew
	case *message.Heartbeat:
		c.count["heartbeat"]++
		if at := c.places[subscriptionKey{m.Market, m.Channel}]; m.Point != at {
			c.t.Fatalf("a heartbeat at %v, the last message was %v", m.Point, at)
		}
	}
}

func (c *testClient) begin(h *message.Head, channel message.Channel) {
	c.places[subscriptionKey{h.Market, channel}] = h.Point
}

// link checks that a message continues what has come, and reports whether it is new.
func (c *testClient) link(l *message.Link, channel message.Channel) bool {
	c.t.Helper()
	key := subscriptionKey{l.Market, channel}
	at := c.places[key]
	if at.Before(l.Prev) {
		c.t.Fatalf("market %d, %v: a gap between %v and %+v", l.Market, channel, at, l)
	}
	if !at.Before(l.Point) {
		return false
	}
	c.places[key] = l.Point
	return true
}

// checkBooks compares books with the checksum in the message, and with those of the read model at that place.
func (c *testClient) checkBooks(h *message.Head, sum uint32) {
	c.t.Helper()
	if have := c.books[h.Market].Checksum(); have != sum {
		c.t.Fatalf("market %d at %v: the books have checksum %08x, the message says %08x", h.Market, h.Point, have, sum)
	}
	c.w.checkSum(h, sum)
}
