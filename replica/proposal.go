package replica

import (
	"errors"
	"sync"
	"time"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/exchange"
)

// errLost answers commands of which nobody knows yet whether they will take effect.
var errLost = errors.New("leadership was lost before the commands were committed: send them again with the same idempotency keys")

// proposal is a batch on its way through the log. Index and term are those of its entry.
type proposal struct {
	index, term uint64
	subs        []*submission
	batch       []byte
	since       time.Time
	count       int
}

// answer hands the replies of a batch, or an error, to those who wait for them.
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

// pending holds the proposals that are in the log and not applied, by index.
type pending struct {
	mu     sync.Mutex
	byID   map[uint64]*proposal
	failed error // what is answered from now on
}

func (p *pending) add(q *proposal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		q.answer(nil, p.failed)
		return
	}
	if p.byID == nil {
		p.byID = map[uint64]*proposal{}
	}
	p.byID[q.index] = q
}

// remove returns the proposal of an index, or nil.
func (p *pending) remove(index uint64) *proposal {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.byID[index]
	delete(p.byID, index)
	return q
}

// fail answers everything with an error, also what comes later.
func (p *pending) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = err
	for _, q := range p.byID {
		q.answer(nil, err)
	}
	clear(p.byID)
}

// inbox is what the other goroutines have for the loop. They never wait for it.
type inbox struct {
	mu       sync.Mutex
	messages []*raftpb.Message
	spare    []*raftpb.Message
	applied  int
	ready    chan struct{}
}

func (b *inbox) put(messages []*raftpb.Message, applied int) {
	b.mu.Lock()
	b.messages = append(b.messages, messages...)
	b.applied += applied
	b.mu.Unlock()
	wake(b.ready)
}

// take empties the inbox. The messages are valid until the next call.
func (b *inbox) take() (messages []*raftpb.Message, applied int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages, applied = b.messages, b.applied
	b.messages, b.spare, b.applied = b.spare[:0], messages, 0
	return messages, applied
}
