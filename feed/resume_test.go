package feed

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// narrow has the kernel keep little for a connection.
func narrow(t *testing.T, c net.Conn) {
	t.Helper()
	if secured, is := c.(*tls.Conn); is {
		c = secured.NetConn()
	}
	if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
}

func metricOf(c prometheus.Counter) float64 {
	var m dto.Metric
	_ = c.Write(&m)
	return m.Counter.GetValue()
}

// TestResumeOnAnotherNode has a client go on at another node from where it was, in either encoding, across a move of the market,
// and without an image.
func TestResumeOnAnotherNode(t *testing.T) {
	for _, binary := range []bool{false, true} {
		for _, ms := range []int{0, 50} {
			t.Run(fmt.Sprintf("binary=%v conflated=%d", binary, ms), func(t *testing.T) { resume(t, binary, ms) })
		}
	}
}

func resume(t *testing.T, binary bool, ms int) {
	w := newWorld(t, 3, 2, Config{Lanes: 2})
	w.create(1, 1)
	w.trade(1)
	first := w.dial(0, binary, nil)
	first.say(`{"op":"subscribe","channels":["book","trades"],"markets":["1"]}`)
	first.until("the beginnings", func() bool { return len(first.places) == 2 })
	other := w.dial(1, false, nil) // has the other node follow the market from here on
	other.say(`{"op":"subscribe","channels":["book"],"markets":["1"]}`)
	other.until("the beginning", func() bool { return len(other.places) == 1 })
	for range 20 {
		w.trade(1)
	}
	first.until("the book so far", func() bool { return first.books[1].Checksum() == w.books(1).Checksum() })
	first.conn.Close()
	for range 10 {
		w.trade(1)
	}
	w.move(1, false)
	for range 10 {
		w.trade(1)
	}
	second := w.dial(1, binary, nil)
	second.places, second.books, second.deals = first.places, first.books, first.deals
	place := func(channel message.Channel) string {
		p := first.places[subscriptionKey{1, channel}]
		b, _ := json.Marshal(map[string]any{"market": "1", "channel": channel.String(), "epoch": p.Epoch, "seq": fmt.Sprint(uint64(p.Seq))})
		return string(b)
	}
	second.say(fmt.Sprintf(`{"op":"subscribe","channels":["book","trades"],"markets":["1"],"conflate_ms":%d,"resume":[%s,%s]}`, ms, place(message.Book), place(message.Trade)))
	second.until("the newest book", func() bool { return second.books[1].Checksum() == w.books(1).Checksum() })
	for range 10 {
		w.trade(1)
	}
	w.do(w.at[1], &exchange.PlaceOrder{Account: 1, Market: 1, Price: 100, Quantity: 1, SelfTrade: exchange.CancelBoth}) // one more message for sure
	second.until("the last book", func() bool { return second.books[1].Checksum() == w.books(1).Checksum() })
	if second.count["image"] > 0 || second.count["chain"] < 2 {
		t.Errorf("%d images and %d chains", second.count["image"], second.count["chain"])
	}
}

// TestResumeWhereNobodyWatched has a client go on at a node where nobody has watched the market, as when all have come to another one.
func TestResumeWhereNobodyWatched(t *testing.T) {
	w := newWorld(t, 7, 2, Config{Lanes: 1})
	w.create(1, 1)
	w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 100, Quantity: 1})
	first := w.dial(0, true, nil)
	first.say(`{"op":"subscribe","channels":["book"],"markets":["1"]}`)
	first.until("the beginning", func() bool { return len(first.places) == 1 })
	w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 101, Quantity: 1})
	first.until("the order", func() bool { return first.books[1].Checksum() == w.books(1).Checksum() })
	first.conn.Close()
	f, folded := w.nodes[1].feed, make(chan bool)
	for done := false; !done; done = <-folded {
		f.tasks.put(func() { folded <- f.inlets[0].seen == w.views[1][1].Seq() })
	}
	for range 10 {
		w.trade(1)
	}
	w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 102, Quantity: 1, SelfTrade: exchange.CancelBoth})
	second := w.dial(1, true, nil)
	second.places, second.books = first.places, first.books
	second.say(fmt.Sprintf(`{"op":"subscribe","channels":["book"],"markets":["1"],"resume":[{"market":"1","channel":"book","epoch":0,"seq":"%d"}]}`,
		first.places[subscriptionKey{1, message.Book}].Seq))
	second.until("the newest book", func() bool { return second.books[1].Checksum() == w.books(1).Checksum() })
	if second.count["image"] > 0 {
		t.Error("it got an image")
	}
}

// TestResumeFromTooLongAgo falls back to an image.
func TestResumeFromTooLongAgo(t *testing.T) {
	w := newWorld(t, 4, 1, Config{Ring: 4})
	w.create(1, 1)
	c := w.dial(0, true, nil)
	c.say(`{"op":"subscribe","channels":["book"],"markets":["1"]}`)
	c.until("the beginning", func() bool { return len(c.places) == 1 })
	begin := c.places[subscriptionKey{1, message.Book}]
	for i := range exchange.Price(10) {
		w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 100 + i, Quantity: 1, SelfTrade: exchange.CancelBoth})
	}
	c.until("all deltas", func() bool { return c.books[1].Checksum() == w.books(1).Checksum() })
	c.say(fmt.Sprintf(`{"op":"retransmit","channel":"book","market":"1","after":{"epoch":0,"seq":"%d"}}`, begin.Seq))
	if m := c.answer(); m["type"] != "error" || m["problem"].(map[string]any)["code"] != "not_kept" {
		t.Fatalf("the answer is %v", m)
	}
	deltas, last := c.count["delta"], c.places[subscriptionKey{1, message.Book}]
	c.say(fmt.Sprintf(`{"op":"retransmit","channel":"book","market":"1","after":{"epoch":0,"seq":"%d"}}`, last.Seq-3))
	if m := c.answer(); m["count"] != 3.0 {
		t.Fatalf("the answer is %v", m)
	}
	c.until("the deltas again", func() bool { return c.count["delta"] == deltas+3 })
	w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 200, Quantity: 1, SelfTrade: exchange.CancelBoth})
	c.until("one more", func() bool { return c.books[1].Checksum() == w.books(1).Checksum() })
	c.say(fmt.Sprintf(`{"op":"subscribe","channels":["book"],"markets":["1"],"resume":[{"market":"1","channel":"book","epoch":0,"seq":"%d"}]}`, begin.Seq))
	c.until("an image", func() bool { return c.count["image"] == 2 })
}

// TestResumeAhead has somebody resume who has seen more than this node: a level that changed meanwhile, and has come to be as it
// was, must be told all the same.
func TestResumeAhead(t *testing.T) {
	w := newWorld(t, 5, 1, Config{Lanes: 1})
	w.create(1, 1)
	w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 100, Quantity: 1})
	f := w.nodes[0].feed
	ahead := make(chan struct{})
	reached := make(chan struct{})
	held := w.dial(0, true, nil)
	held.say(`{"op":"subscribe","channels":["book"],"markets":["1"]}`)
	held.until("the beginning", func() bool { return len(held.places) == 1 })
	f.tasks.put(func() { // this node stands still, and is asked before it goes on
		close(reached)
		<-ahead
		for _, do := range f.tasks.take(nil) {
			do()
		}
	})
	<-reached
	r := w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 200, Quantity: 1})[0]
	at := joinSeq(1, w.views[1][0].Seq())
	book := w.books(1)
	c := w.dial(0, true, nil)
	c.books[1], c.places[subscriptionKey{1, message.Book}] = book, message.Point{Seq: at}
	c.say(fmt.Sprintf(`{"op":"subscribe","channels":["book"],"markets":["1"],"conflate_ms":500,"resume":[{"market":"1","channel":"book","epoch":0,"seq":"%d"}]}`, at))
	for f.open.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	subscribed := func() bool {
		f.tasks.mu.Lock()
		defer f.tasks.mu.Unlock()
		return len(f.tasks.items) > 0
	}
	for !subscribed() {
		time.Sleep(time.Millisecond)
	}
	close(ahead)
	w.do(1, &exchange.CancelOrder{Account: 1, Market: 1, Order: exchange.OrderID(r.ID)})
	c.until("the level is gone", func() bool { return c.books[1].Checksum() == w.books(1).Checksum() })
	if c.count["image"] > 0 {
		t.Error("it got an image")
	}
}
