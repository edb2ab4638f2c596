package gateway

import (
	"context"
	"sync"
	"time"
)

// looks lets many who need a fresh look at the exchange share one. At most one is under way, and one more waits, for all who
// came after the first had begun: what they ask about may have happened since.
type looks struct {
	turn chan struct{} // holds one while somebody looks
	mu   sync.Mutex
	next *look
	last time.Time // when the last one began; of who has the turn
}

func newLooks() *looks { return &looks{turn: make(chan struct{}, 1)} }

type look struct {
	done chan struct{}
	ok   bool // valid when done
}

// lookEvery is the time between the beginnings of two looks, so that a stream of strangers costs a quorum next to nothing.
const lookEvery = 20 * time.Millisecond

// join reports whether a look that began after the call has succeeded.
func (l *looks) join(ctx context.Context, fresh func(context.Context) error) bool {
	l.mu.Lock()
	mine := l.next == nil
	if mine {
		l.next = &look{done: make(chan struct{})}
	}
	look := l.next
	l.mu.Unlock()
	if mine {
		l.lead(look, fresh)
	}
	select {
	case <-look.done:
		return look.ok
	case <-ctx.Done():
		return false
	}
}

// lead takes a look for all who have joined it by the time it begins. It does not end with the request of who happens to lead.
func (l *looks) lead(k *look, fresh func(context.Context) error) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	time.Sleep(lookEvery - time.Since(l.last))
	l.last = time.Now()
	l.mu.Lock()
	l.next = nil
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	k.ok = fresh(ctx) == nil
	close(k.done)
}
