package orders

import (
	"context"
	"sync/atomic"
	"time"
)

// pace hands out the times at which requests are to start. In an open loop they are evenly spaced, whatever becomes of
// the requests before: one that waits for a free connection is late, and its latency counts from when it was due.
type pace struct {
	start    time.Time
	interval time.Duration // 0: a closed loop, in which each is due when it is asked for
	total    int64         // requests, in an open loop
	end      time.Time     // nothing starts at or after it
	next     atomic.Int64
}

// openLoop spreads rate requests a second over a duration. What is not begun within grace after it never is.
func openLoop(start time.Time, rate float64, duration, grace time.Duration) *pace {
	return &pace{
		start: start, interval: time.Duration(float64(time.Second) / rate), total: int64(rate * duration.Seconds()),
		end: start.Add(duration + grace),
	}
}

// closedLoop lets each connection send as soon as it has an answer.
func closedLoop(start time.Time, duration time.Duration) *pace {
	return &pace{start: start, end: start.Add(duration)}
}

// wait waits until the next request is due, and returns when that was. It returns false when there is none.
func (p *pace) wait(ctx context.Context) (due time.Time, ok bool) {
	due = time.Now()
	if p.interval > 0 {
		n := p.next.Add(1) - 1
		if n >= p.total {
			return due, false
		}
		due = p.start.Add(time.Duration(n) * p.interval)
	} else {
		due = later(due, p.start)
	}
	if left := time.Until(due); left > 0 {
		select {
		case <-time.After(left):
		case <-ctx.Done():
		}
	}
	return due, ctx.Err() == nil && time.Now().Before(p.end)
}

// dueFrom is how many requests of an open loop are due at or after a time since the start.
func (p *pace) dueFrom(since time.Duration) int64 {
	before := (since + p.interval - 1) / p.interval
	return max(0, p.total-int64(before))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
