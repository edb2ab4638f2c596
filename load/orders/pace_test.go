package orders

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// drive lets several connections, whose requests take as long as serve says, follow a pace. It returns when each request
// was due and when it began, both since the start.
func drive(p *pace, conns int, serve func(begun time.Duration) time.Duration) (due, begun []time.Duration) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range conns {
		wg.Go(func() {
			for {
				at, ok := p.wait(context.Background())
				if !ok {
					return
				}
				now := time.Since(p.start)
				mu.Lock()
				due, begun = append(due, at.Sub(p.start)), append(begun, now)
				mu.Unlock()
				time.Sleep(serve(now))
			}
		})
	}
	wg.Wait()
	slices.Sort(due)
	slices.Sort(begun)
	return due, begun
}

const ms = time.Millisecond

func instantly(time.Duration) time.Duration { return 0 }

func TestOpenLoopIsEvenlySpaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, begun := drive(openLoop(time.Now(), 1_000, 100*ms, time.Second), 4, instantly)
		if len(due) != 100 || !slices.Equal(due, begun) {
			t.Fatalf("%d requests, due at %v, begun at %v", len(due), due, begun)
		}
		for i, at := range due {
			if at != time.Duration(i)*ms {
				t.Errorf("request %d was due after %v", i, at)
			}
		}
	})
}

// A server that stops answering for a while delays requests, but not the times that they are measured from.
func TestOpenLoopGoesOnWhileTheServerStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stall := func(begun time.Duration) time.Duration {
			if begun < 50*ms {
				return 50*ms - begun
			}
			return 0
		}
		due, begun := drive(openLoop(time.Now(), 1_000, 100*ms, time.Second), 2, stall)
		if len(due) != 100 {
			t.Fatalf("%d requests, due at %v", len(due), due)
		}
		for i, at := range due {
			if at != time.Duration(i)*ms {
				t.Errorf("request %d was due after %v", i, at)
			}
		}
		if begun[1] != 1*ms || begun[2] != 50*ms || begun[50] != 50*ms || begun[51] != 51*ms {
			t.Errorf("begun at %v", begun)
		}
	})
}

func TestOpenLoopGivesUpAfterItsGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := openLoop(time.Now(), 1_000, 100*ms, 20*ms)
		due, _ := drive(p, 1, func(time.Duration) time.Duration { return 10 * ms })
		if len(due) != 12 {
			t.Errorf("%d requests began, want one each 10 ms for 120 ms", len(due))
		}
		if took := time.Since(p.start); took > 130*ms {
			t.Errorf("it ended after %v", took)
		}
	})
}

func TestClosedLoopSendsUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().Add(5 * ms)
		due, begun := drive(closedLoop(start, 100*ms), 3, func(time.Duration) time.Duration { return 10 * ms })
		if len(due) != 30 || !slices.Equal(due, begun) || due[0] != 0 || due[29] != 90*ms {
			t.Errorf("%d requests, due at %v, begun at %v", len(due), due, begun)
		}
	})
}

func TestPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*ms)
		defer cancel()
		p := openLoop(time.Now(), 1, time.Hour, time.Second)
		for range 2 {
			if _, ok := p.wait(ctx); ok != (p.next.Load() == 1) {
				t.Errorf("request %d: %v", p.next.Load(), ok)
			}
		}
		if took := time.Since(p.start); took != 10*ms {
			t.Errorf("waiting ended after %v, the context after 10 ms", took)
		}
	})
}
