package replica

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/wal"
)

// Replica is one running replica of a shard. All methods may be called concurrently.
type Replica struct {
	config  Config
	lock    io.Closer
	wal     *wal.Log
	journal *journal.Journal
	view    *projection.View
	storage *storage

	queue      *queue
	inbox      inbox
	pending    pending
	gate       gate
	persister  persister
	applier    applier
	publisher  *publisher
	fetcher    fetcher
	leadership leadership
	progress   progress
	agreement  agreement
	status     atomic.Pointer[Status]
	unproven   unproven
	manual     *Manual // nil: goroutines do the work

	backlog   atomic.Bool  // the state machine has steps left to do
	nextTimer atomic.Int64 // log time at which something falls due, 0 if nothing does

	threads    sync.WaitGroup // persister, applier
	publishing sync.WaitGroup
	fetching   sync.WaitGroup
	background sync.WaitGroup // snapshots, checkpoints
	closing    atomic.Bool
	stop       chan struct{} // closed when Close begins
	looped     chan struct{} // closed when the loop has ended
	failOnce   sync.Once
	failed     chan struct{} // closed after err was set
	err        error

	recovery Recovery
	recent   recent // of the recovery
}

// View returns the read model.
func (r *Replica) View() *projection.View { return r.view }

// Journal returns the journal, for reading.
func (r *Replica) Journal() *journal.Journal { return r.journal }

// Recovery tells how the replica came up.
func (r *Replica) Recovery() Recovery { return r.recovery }

// Failed is closed when the replica has stopped because of an error.
func (r *Replica) Failed() <-chan struct{} { return r.failed }

// Err returns the error that stopped the replica, or nil.
func (r *Replica) Err() error {
	select {
	case <-r.failed:
		return r.err
	default:
		return nil
	}
}

// fail stops the replica: nothing is acknowledged from now on.
func (r *Replica) fail(err error) {
	r.failOnce.Do(func() {
		r.err = fmt.Errorf("the replica stopped: %w", err)
		close(r.failed)
		r.config.Log.Error("the replica stops and acknowledges nothing any more", "error", err)
		r.queue.stop(fmt.Errorf("%w: %w", r.err, ErrNotSubmitted), true)
		r.pending.fail(r.err)
		r.gate.abandon(r.err)
	})
}

// Fail stops the replica because of something that it cannot know: nothing is acknowledged from now on.
func (r *Replica) Fail(err error) { r.fail(err) }

// start runs the threads on what was recovered.
func (r *Replica) start(node *raft.RawNode, l *loop) error {
	members := r.storage.members.Load().Members
	if self, ok := members.Find(r.config.Group.Self); ok && self.Role == Voter && members.Voters() == 1 {
		if err := node.Campaign(); err != nil {
			return fmt.Errorf("starting an election: %w", err)
		}
	}
	waiting := 1024
	if r.manual != nil {
		waiting = manualWaiting
	}
	r.persister.r, r.persister.requests = r, make(chan *raftpb.Message, waiting)
	r.applier.requests = make(chan *raftpb.Message, waiting)
	r.applier.installs, r.applier.thaw = make(chan *installation), make(chan time.Duration, 1)
	r.applier.copies = make(chan *marketCopy)
	r.noteWork(r.applier.shard)
	r.progress.set(r.applier.index, r.applier.shard.Seq())
	l.publish()
	r.looped = make(chan struct{})
	if r.manual != nil {
		r.manual.loop = l
		return nil
	}
	r.threads.Add(2)
	r.fetching.Add(1)
	go l.run()
	go r.persister.run()
	go r.applier.run()
	go r.fetcher.run()
	if r.config.Signer != nil {
		r.background.Add(1)
		go r.signCheckpoints()
	}
	return nil
}

// signCheckpoints signs the journal's tree again and again while it grows.
func (r *Replica) signCheckpoints() {
	defer r.background.Done()
	ticker := time.NewTicker(r.config.CheckpointEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if _, err := r.journal.Checkpoint(r.config.Signer); err != nil {
				r.fail(err)
				return
			}
		case <-r.stop:
			return
		case <-r.failed:
			return
		}
	}
}

// Ready waits until there is a leader, and reads here see everything that was acknowledged before the call.
func (r *Replica) Ready(ctx context.Context) error {
	for {
		leader, changed := r.Leader()
		if leader != 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.failed:
			return r.err
		case <-changed:
		}
	}
	return r.Fresh(ctx)
}

// drained reports whether the loop may end: nothing new is taken and all that was is applied.
func (r *Replica) drained(inFlight int) bool {
	return r.closing.Load() && inFlight == 0 && r.queue.empty()
}

// Close takes nothing new, finishes what was taken, and closes everything. It returns the error that stopped the
// replica before, if one did.
func (r *Replica) Close() error {
	if !r.closing.CompareAndSwap(false, true) {
		return errors.New("replica: closed twice")
	}
	r.queue.stop(ErrStopping, false)
	close(r.stop)
	wake(r.inbox.ready)
	<-r.looped
	close(r.persister.requests)
	close(r.applier.requests)
	r.threads.Wait()
	r.fetching.Wait()
	close(r.publisher.records)
	r.publishing.Wait()
	r.background.Wait()
	errs := []error{r.Err()}
	if r.Err() == nil && r.config.Signer != nil {
		_, err := r.journal.Checkpoint(r.config.Signer)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, r.journal.Close(), r.wal.Close(), r.lock.Close())...)
}
