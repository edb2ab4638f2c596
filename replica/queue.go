package replica

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Errors of Submit. With ErrNotSubmitted in the chain nothing was done and nothing will be; without it the commands
// may still take effect, and only a retry with the same idempotency keys tells.
var (
	ErrNotSubmitted = errors.New("nothing was submitted")
	ErrOverloaded   = fmt.Errorf("more commands wait than the log can take: %w", ErrNotSubmitted)
	ErrStopping     = fmt.Errorf("the replica is stopping: %w", ErrNotSubmitted)
	ErrNotLeader    = fmt.Errorf("this replica does not lead its group: %w", ErrNotSubmitted)
)

// submission is commands that wait for their replies. Its state decides who may touch what: until it is taken the
// submitter may withdraw it, and from then on only whoever wins the step from taken may touch replies.
type submission struct {
	commands []byte
	count    int
	replies  []exchange.Reply
	since    time.Time
	trace    func(stage Stage, begun, ended time.Time) // nil: nobody is told
	state    atomic.Int32
	done     chan error
}

const (
	waiting int32 = iota
	taken
	answered
	abandoned
)

var submissions = sync.Pool{New: func() any { return &submission{done: make(chan error, 1)} }}

// answer gives the submitter its replies, if it still waits for them.
func (s *submission) answer(replies []exchange.Reply, err error) {
	if s.state.CompareAndSwap(taken, answered) {
		copy(s.replies, replies)
		s.done <- err
	}
}

// queue is what waits to be proposed.
type queue struct {
	mu      sync.Mutex
	lanes   [2]lane      // cancels, then everything else
	orders  atomic.Int64 // bytes of everything else
	ready   chan struct{}
	most    int   // bytes of everything else; of cancels there are as many as gateways let in
	stopped error // why nothing is taken any more
}

type lane struct {
	waiting []*submission
	bytes   int
}

func newQueue(most int) *queue { return &queue{ready: make(chan struct{}, 1), most: most} }

// Lanes of a queue.
const (
	cancelLane = iota
	orderLane
)

func (q *queue) put(s *submission) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped != nil {
		return q.stopped
	}
	l := &q.lanes[orderLane]
	if wire.OnlyCancels(s.commands, s.count) {
		l = &q.lanes[cancelLane]
	} else if l.bytes > 0 && l.bytes+len(s.commands) > q.most {
		return ErrOverloaded
	}
	l.waiting = append(l.waiting, s)
	l.bytes += len(s.commands)
	q.measure()
	wake(q.ready)
	return nil
}

// take moves what waits, cancels first, into a batch until that is full. The batch has room for its head.
func (q *queue) take() (batch []byte, subs []*submission, count int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	// The log and the memory of recent entries keep the batch, so it is no larger than it has to be.
	batch = make([]byte, wire.BatchHead, wire.BatchHead+min(maxBatchBytes, q.lanes[cancelLane].bytes+q.lanes[orderLane].bytes))
	for i := range q.lanes {
		l := &q.lanes[i]
		n := 0
		for _, s := range l.waiting {
			if count > 0 && (len(batch)+len(s.commands) > maxBatchBytes || count+s.count > maxBatchCommands) {
				break
			}
			n++
			l.bytes -= len(s.commands)
			if s.state.CompareAndSwap(waiting, taken) {
				batch = append(batch, s.commands...)
				subs = append(subs, s)
				count += s.count
			}
		}
		rest := copy(l.waiting, l.waiting[n:])
		clear(l.waiting[rest:])
		l.waiting = l.waiting[:rest]
	}
	q.measure()
	return batch, subs, count
}

// measure tells those who do not hold the lock how much waits.
func (q *queue) measure() { q.orders.Store(int64(q.lanes[orderLane].bytes)) }

// fill is which share of the queue is taken.
func (q *queue) fill() float64 { return float64(q.orders.Load()) / float64(q.most) }

// abandon gives up a submission unless it is answered, and returns the state it was in. Its commands are not read any
// more then.
func (q *queue) abandon(s *submission) (was int32) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, was = range []int32{waiting, taken} {
		if s.state.CompareAndSwap(was, abandoned) {
			return was
		}
	}
	return answered
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.lanes[0].waiting)+len(q.lanes[1].waiting) == 0
}

// stop refuses whatever comes from now on, and with refuse also what waits already.
func (q *queue) stop(err error, refuse bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped == nil {
		q.stopped = err
	}
	if refuse {
		q.refuseAll(err)
	}
}

// refuse refuses what waits.
func (q *queue) refuse(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuseAll(err)
}

func (q *queue) refuseAll(err error) {
	for i := range q.lanes {
		for _, s := range q.lanes[i].waiting {
			s.state.CompareAndSwap(waiting, taken)
			s.answer(nil, err)
		}
		q.lanes[i] = lane{}
	}
	q.measure()
}

// wake makes a channel of one place ready.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// QueueFill is which share of the queue of commands that wait for the log is taken, cancels not counted: 0 to 1. It may be called
// concurrently.
func (r *Replica) QueueFill() float64 { return r.queue.fill() }

// Submit puts the frames of n commands (see package wire) through the log, in order and next to each other, and fills
// replies[:n]. It returns when they have taken effect durably. It may be called concurrently; commands and replies are
// the caller's again when it returns. Its errors say whether a retry is safe without the same keys: see
// ErrNotSubmitted.
func (r *Replica) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	if n == 0 {
		return nil
	}
	if len(commands) > maxBatchBytes || n > maxBatchCommands {
		return fmt.Errorf("%d commands of %d bytes are more than one log entry takes: %w", n, len(commands), ErrNotSubmitted)
	}
	s := submissions.Get().(*submission)
	s.commands, s.count, s.replies, s.since = commands, n, replies[:n], time.Now()
	s.trace = nil
	if r.config.Trace != nil {
		s.trace = r.config.Trace(ctx)
	}
	s.state.Store(waiting)
	if err := r.queue.put(s); err != nil {
		submissions.Put(s)
		return err
	}
	var err error
	select {
	case err = <-s.done:
	case <-ctx.Done():
		if abandonedIn := r.queue.abandon(s); abandonedIn == waiting {
			return fmt.Errorf("%w: %w", ctx.Err(), ErrNotSubmitted)
		} else if abandonedIn == taken {
			return ctx.Err()
		}
		err = <-s.done
	}
	s.commands, s.replies = nil, nil
	submissions.Put(s)
	return err
}
