package replica

import (
	"errors"
	"sync"
	"time"

	"github.com/hustings/hustings/exchange"
)

// ErrLost answers commands of which nobody knows yet whether they will take effect.
var ErrLost = errors.New("leadership was lost before the commands were committed: send them again with the same idempotency keys")

// proposal is a batch on its way through the log. Index and term are those of its entry.
type proposal struct {
	index, term uint64
	subs        []*submission
	batch       []byte
	since       time.Time
	count       int
}

// answer hands the replies of a batch, or an error, to those who wait for them. It is called once.
func (p *proposal) answer(replies []exchange.Reply, err error) {
	for _, s := range p.subs {
		if err != nil {
			s.answer(nil, err)
			continue
		}
		n := s.count // s is its submitter's again once it is answered
		s.answer(replies[:n], nil)
		replies = replies[n:]
	}
}

// trace tells those who follow a command when its stages began: how long it waited, the log, and the state machine until now.
func (p *proposal) trace(applied time.Time) {
	for _, s := range p.subs {
		if s.trace != nil {
			if s.since.Before(p.since) { // it may have come while the proposal was being made
				s.trace(StageQueue, s.since, p.since)
			}
			s.trace(StageLog, p.since, applied)
			s.trace(StageApply, applied, time.Now())
		}
	}
}

// pending holds the proposals that are in the log and not applied, by index. Whoever takes one out answers it.
type pending struct {
	mu       sync.Mutex
	byIndex  map[uint64]*proposal
	applying int   // taken out and not applied yet
	failed   error // what is answered from now on
}

func (p *pending) add(q *proposal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		q.answer(nil, p.failed)
		return
	}
	if p.byIndex == nil {
		p.byIndex = map[uint64]*proposal{}
	}
	p.byIndex[q.index] = q
}

// take takes out the proposal that has become an entry, to be applied. One that another leader's entry has displaced is
// answered here.
func (p *pending) take(index, term uint64) *proposal {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.byIndex[index]
	if q == nil {
		return nil
	}
	delete(p.byIndex, index)
	if q.term != term {
		q.answer(nil, ErrLost)
		return nil
	}
	p.applying++
	return q
}

// applied says that everything taken out was applied.
func (p *pending) applied() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.applying = 0
}

// len is how many are not applied.
func (p *pending) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.byIndex) + p.applying
}

// abandon answers all with an error.
func (p *pending) abandon(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, q := range p.byIndex {
		q.answer(nil, err)
	}
	clear(p.byIndex)
}

// fail answers everything with an error, also what comes later.
func (p *pending) fail(err error) {
	p.abandon(err)
	p.mu.Lock()
	p.failed = err
	p.mu.Unlock()
	p.abandon(err) // what came in between
}
