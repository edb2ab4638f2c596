package projection

import (
	"context"
	"slices"
	"sync"

	"github.com/hustings/hustings/exchange"
)

// waiters are the readers that wait for an event to be seen.
type waiters struct {
	mu   sync.Mutex
	list []waiter
}

type waiter struct {
	seq  exchange.Seq
	seen chan struct{}
}

// WaitSeq waits until the View has seen the event seq, so that reads after it see what the event did. It returns the
// context's error if that ends first.
func (v *View) WaitSeq(ctx context.Context, seq exchange.Seq) error {
	if v.Seq() >= seq {
		return nil
	}
	seen := v.waiters.add(seq)
	if v.Seq() >= seq { // it was applied before anybody knew that we wait
		v.waiters.drop(seen)
		return nil
	}
	select {
	case <-seen:
		return nil
	case <-ctx.Done():
		v.waiters.drop(seen)
		return ctx.Err()
	}
}

func (w *waiters) add(seq exchange.Seq) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := make(chan struct{})
	w.list = append(w.list, waiter{seq, seen})
	return seen
}

func (w *waiters) drop(seen chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = slices.DeleteFunc(w.list, func(o waiter) bool { return o.seen == seen })
}

// wake lets everybody go who waits for an event up to seq.
func (w *waiters) wake(seq exchange.Seq) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = slices.DeleteFunc(w.list, func(o waiter) bool {
		if o.seq <= seq {
			close(o.seen)
		}
		return o.seq <= seq
	})
}
