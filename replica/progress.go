package replica

import (
	"context"
	"sync"

	"github.com/hustings/hustings/exchange"
)

// progress is how far a replica has applied the log.
type progress struct {
	mu      sync.Mutex
	index   uint64
	seq     exchange.Seq
	waiting chan struct{} // closed with the next step; nil: nobody waits
}

func (p *progress) set(index uint64, seq exchange.Seq) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.index, p.seq = index, seq
	if p.waiting != nil {
		close(p.waiting)
		p.waiting = nil
	}
}

func (p *progress) get() (index uint64, seq exchange.Seq) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.index, p.seq
}

// reach waits until an entry is applied, and returns the Seq of the last event at that time or a little later.
func (p *progress) reach(ctx context.Context, index uint64, failed <-chan struct{}) (exchange.Seq, error) {
	for {
		p.mu.Lock()
		if p.index >= index {
			defer p.mu.Unlock()
			return p.seq, nil
		}
		if p.waiting == nil {
			p.waiting = make(chan struct{})
		}
		wait := p.waiting
		p.mu.Unlock()
		select {
		case <-wait:
		case <-failed:
			return 0, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}
