package feed

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// sumsMu guards world.sums, which clients look into while the world goes on.
var sumsMu sync.Mutex

// checkSum compares a checksum with that of the read model's books at a place, if it was there that they changed.
func (w *world) checkSum(h *message.Head, sum uint32) {
	w.t.Helper()
	sumsMu.Lock()
	want, known := w.sums[h.Market][h.Point]
	sumsMu.Unlock()
	if known && want != sum {
		w.t.Fatalf("market %d at %v: checksum %08x, the read model's books had %08x", h.Market, h.Point, sum, want)
	}
}

// TestBooksAreThoseOfTheReadModel lets traders trade at random while markets move between shards, and checks at every message
// of every kind of subscriber, on two nodes, that the books are those of the read model at that place.
func TestBooksAreThoseOfTheReadModel(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { bookProperty(t, httptest.NewServer, seed) })
	}
	t.Run("TLS", func(t *testing.T) { bookProperty(t, httptest.NewTLSServer, 4) })
}

func bookProperty(t *testing.T, serve func(http.Handler) *httptest.Server, seed uint64) {
	w := newWorldOver(serve, t, seed, 2, Config{Lanes: 2})
	w.create(1, 1)
	w.create(2, 2, "red", "green", "blue")
	w.create(3, 1)
	var clients []*testClient
	for node := range w.nodes {
		for _, binary := range []bool{false, true} {
			for _, ms := range []int{0, 50} {
				c := w.dial(node, binary, nil)
				c.say(fmt.Sprintf(`{"op":"subscribe","channels":["book","trades","ticker","status"],"all":true,"conflate_ms":%d}`, ms))
				c.until("the beginnings", func() bool { return len(c.places) == 3*int(message.Channels) })
				clients = append(clients, c)
			}
		}
	}
	for i := range 300 {
		id := exchange.MarketID(1 + w.IntN(3))
		switch {
		case i%40 == 20:
			w.move(id, false)
		case i%40 == 39:
			w.move(id, true)
		default:
			w.trade(id)
		}
	}
	w.create(4, 2)
	for _, c := range clients {
		c.until("the new market", func() bool { return len(c.places) == 4*int(message.Channels) })
	}
	w.trade(4)
	w.do(w.at[3], &exchange.SuspendMarket{MarketAction: exchange.MarketAction{Market: 3}})
	want := map[exchange.MarketID]uint32{}
	for id := range w.at {
		want[id] = w.books(id).Checksum()
	}
	for _, c := range clients {
		c.until("the last books", func() bool {
			have := map[exchange.MarketID]uint32{}
			for id, b := range c.books {
				have[id] = b.Checksum()
			}
			return maps.Equal(have, want) && c.states[3].State == exchange.StateSuspended && c.hasTops() && len(c.deals) == w.trades()
		})
		if c.count["gap"] > 0 || c.count["image"] != len(w.at) {
			t.Errorf("%d gaps and %d images for %d markets: moves of markets show", c.count["gap"], c.count["image"], len(w.at))
		}
	}
	if w.moves < 5 {
		t.Fatalf("only %d moves", w.moves)
	}
}

// hasTops reports whether the tickers say what the read model does.
func (c *testClient) hasTops() bool {
	for id, at := range c.w.at {
		m, _ := c.w.views[at][0].Market(id)
		for i, b := range m.Books {
			t := c.tops[id][exchange.Outcome(i)]
			if t.Bid != b.Bid || t.BidQuantity != b.BidQuantity || t.Ask != b.Ask || t.AskQuantity != b.AskQuantity || t.Last != b.Last || t.Volume != b.Volume {
				return false
			}
		}
	}
	return true
}

// trades is how many trades there were in all markets.
func (w *world) trades() (n int) {
	for id, at := range w.at {
		m, _ := w.views[at][0].Market(id)
		n += int(m.Trades)
	}
	return n
}
