package feed

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// aside is a world of one node that is alone.
type aside struct {
	*world
	*Feed
	ahead atomic.Int64 // of its clock
}

func newAside(t *testing.T, seed uint64) *aside {
	a := new(aside)
	a.world = newWorld(t, seed, 1, Config{Lanes: 1, Alone: true, Ping: 1_000 * time.Hour,
		Now: func() time.Time { return time.Now().Add(time.Duration(a.ahead.Load())) }})
	a.Feed = a.nodes[0].feed
	return a
}

// wait lets time go by on the node's clock, a second at least, and the hub see it.
func (a *aside) wait(d time.Duration) {
	a.ahead.Add(int64(d))
	for since, seen := a.config.Now(), make(chan bool); ; time.Sleep(time.Millisecond) {
		a.tasks.put(func() { seen <- !a.beat.Before(since) })
		if <-seen {
			return
		}
	}
}

// rest lets time go by until the feed does not listen.
func (a *aside) rest() {
	for !a.deaf.Load() {
		a.wait(a.config.Rest + time.Second) // again, as somebody may just be leaving
	}
}

// TestAloneNobodyIsFoldedFor has the hub of a node that is alone do nothing while nobody is there. Those who come get an image, and for as
// long as a market rests what was missed.
func TestAloneNobodyIsFoldedFor(t *testing.T) {
	w := newAside(t, 8)
	w.rest()
	w.create(1, 1)
	for range 20 {
		w.trade(1)
	}
	looked := make(chan bool)
	w.tasks.put(func() {
		looked <- len(w.markets) == 0 && w.inlets[0].seen < w.views[1][0].Seq() && len(w.inlets[0].held) == 0
	})
	if !<-looked {
		t.Fatal("records were folded for nobody")
	}
	c := w.dial(0, true, nil)
	c.say(`{"op":"subscribe","channels":["book","trades"],"markets":["1"]}`)
	c.until("the beginnings", func() bool { return len(c.places) == 2 })
	for range 20 {
		w.trade(1)
	}
	c.until("the books", func() bool { return c.books[1].Checksum() == w.books(1).Checksum() })
	again := func(images int) {
		t.Helper()
		w.wait(2 * w.config.Rest) // in which somebody listens, if nothing happens
		c.conn.Close()
		for w.open.Load() > 0 {
			time.Sleep(time.Millisecond)
		}
		if w.wait(time.Second); images > 0 {
			w.rest()
		}
		for range 20 {
			w.trade(1)
		}
		w.do(1, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 100, Quantity: 1, SelfTrade: exchange.CancelBoth})
		d := w.dial(0, true, nil)
		d.places, d.books, d.deals = c.places, c.books, c.deals
		d.say(fmt.Sprintf(`{"op":"subscribe","channels":["book"],"markets":["1"],"resume":[{"market":"1","channel":"book","epoch":0,"seq":"%d"}]}`,
			c.places[subscriptionKey{1, message.Book}].Seq))
		d.until("the books", func() bool { return d.books[1].Checksum() == w.books(1).Checksum() })
		if d.count["image"] != images {
			t.Errorf("%d images, not %d", d.count["image"], images)
		}
		c = d
	}
	again(0)
	again(1)
	again(0)
}

// TestAloneListensInTime has people come while a market is busy and nobody was there: no record is missing to them.
func TestAloneListensInTime(t *testing.T) {
	w := newAside(t, 9)
	w.create(1, 1)
	var busy sync.WaitGroup
	enough := make(chan struct{})
	busy.Go(func() {
		for {
			select {
			case <-enough:
				return
			default:
				w.trade(1)
			}
		}
	})
	for range 20 {
		w.rest()
		c := w.dial(0, true, nil)
		c.say(`{"op":"subscribe","channels":["book","trades","ticker"],"markets":["1"]}`)
		c.until("some deltas", func() bool { return c.count["delta"] > 5 })
		c.conn.Close()
	}
	close(enough)
	busy.Wait()
}
