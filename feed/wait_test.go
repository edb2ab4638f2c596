package feed

import (
	"context"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// TestSubscriptionWaitsForASeq subscribes to a market that this node does not know yet, but will have seen at a Seq. A subscription
// that still waits when the feed closes does not keep it.
func TestSubscriptionWaitsForASeq(t *testing.T) {
	var w *world
	waits := make(chan exchange.Seq, 10)
	w = newWorld(t, 6, 1, Config{Lanes: 1, Wait: func(ctx context.Context, seq exchange.Seq) *api.Problem {
		waits <- seq
		if w.views[1][0].WaitSeq(ctx, seq) != nil {
			return api.CodeNotCaughtUp.Problem("", "")
		}
		return nil
	}})
	waiting := func(want exchange.Seq) {
		t.Helper()
		select {
		case seq := <-waits:
			if seq != want {
				t.Fatalf("it waits for %d, not %d", seq, want)
			}
		case <-time.After(time.Minute):
			t.Fatal("it does not wait")
		}
	}
	c := w.dial(0, false, nil)
	next := w.views[1][0].Seq() + 1
	c.say(`{"id":"a","op":"subscribe","channels":["book"],"markets":["1"],"min_seq":"` + api.ID(next).String() + `"}`)
	waiting(next)
	w.create(1, 1)
	if m := c.answer(); m["type"] != "ack" || m["id"] != "a" {
		t.Fatalf("the answer is %v", m)
	}
	c.until("the image", func() bool { return c.count["image"] == 1 })
	for _, bad := range []string{`"0"`, `"x"`, `7`} {
		c.say(`{"id":"b","op":"subscribe","channels":["book"],"markets":["1"],"min_seq":` + bad + `}`)
		if m := c.answer(); m["type"] != "error" {
			t.Errorf("min_seq %s: %v", bad, m)
		}
	}
	c.say(`{"op":"subscribe","channels":["book"],"markets":["1"]}`)
	waiting(0)
	if m := c.answer(); m["type"] != "ack" {
		t.Fatalf("the answer is %v", m)
	}
	c.say(`{"op":"subscribe","channels":["book"],"markets":["1"],"min_seq":"9999"}`)
	waiting(9_999)
}
