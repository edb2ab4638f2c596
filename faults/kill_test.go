package faults

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestKilledUnderLoad kills the exchange at random moments while a crowd trades, and now and then while it starts.
func TestKilledUnderLoad(t *testing.T) {
	exchanges, rounds := 1, 5
	if soak {
		exchanges, rounds = 8, 25
	}
	total := tally{}
	for range exchanges {
		total.killAgainAndAgain(t, rounds)
	}
	t.Logf("%+v", total)
	if total.kills < exchanges*rounds || total.again < exchanges*rounds*50 || soak && total.early == 0 {
		t.Errorf("that is not enough")
	}
}

// tally counts what happened.
type tally struct {
	kills int // under load
	early int // while it started
	again int // answers that were asked for again
}

// killAgainAndAgain lets a crowd trade on one exchange, which is killed a number of times.
func (n *tally) killAgainAndAgain(t *testing.T, rounds int) {
	t.Helper()
	dir, random := t.TempDir(), rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	p := start(t, dir)
	c := newCrowd(t, p, 12)
	for round := range rounds {
		before := c.acked()
		kill := time.AfterFunc(time.Duration(20+random.IntN(600))*time.Millisecond, p.kill)
		c.trade(t, p)
		if kill.Stop() {
			t.Fatalf("the crowd got no answers any more before the exchange was killed\n%s", p.said())
		}
		<-p.ended
		n.kills++
		if round%10 < 5 {
			verify(t, dir)
		}
		for random.IntN(3) == 0 {
			n.killEarly(t, dir, time.Duration(random.IntN(150))*time.Millisecond)
		}
		p = start(t, dir)
		if round == rounds-1 {
			before = make([]int, len(c)) // everything
		}
		n.again += c.retry(t, p, before)
		if t.Failed() {
			t.Fatalf("in round %d\n%s", round, p.said())
		}
	}
	p.stop(t)
	verify(t, dir)
	c.examine(t, dir)
}

// killEarly starts an exchange and kills it soon.
func (n *tally) killEarly(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	p := launch(t, dir)
	time.Sleep(after)
	select {
	case <-p.announced:
	default:
		n.early++
	}
	p.kill()
}
