package replica

import (
	"fmt"
	"time"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
)

// applier owns the state machine while the replica runs.
type applier struct {
	r        *Replica
	requests chan *raftpb.Message
	shard    *shard.Shard
	out      shard.Output
	index    uint64 // of the last entry applied
	term     uint64
	logEnd   uint64 // index of the last entry that the log held at the start, 0 once that is applied

	sinceSnapshot int       // commands
	notBefore     time.Time // of the next snapshot
	freezing      bool
	thaw          chan time.Duration // how long writing the snapshot took
}

// snapshotPause bounds what snapshots take of the machine, unless their number is set: writing one is followed by so many
// times as long without. At rates that would write them all the time, a recovery replays more commands instead.
const snapshotPause = 10

func (a *applier) run() {
	defer a.r.threads.Done()
	for {
		select {
		case m, open := <-a.requests:
			if !open {
				return
			}
			if err := a.apply(m); err != nil {
				a.r.fail(err)
				for range a.requests { // nothing is answered any more
				}
				return
			}
		case took := <-a.thaw:
			a.shard.Thaw()
			a.freezing, a.notBefore = false, time.Now().Add(a.r.config.snapshotPause*took)
		}
	}
}

// apply applies committed entries and reports them done.
func (a *applier) apply(m *raftpb.Message) error {
	mine := 0
	for _, e := range m.GetEntries() {
		if e.GetIndex() <= a.index {
			continue
		}
		if e.GetType() != raftpb.EntryNormal {
			return fmt.Errorf("applying entry %d: kind %v is not one that this version knows", e.GetIndex(), e.GetType())
		}
		p := a.r.pending.remove(e.GetIndex())
		if p != nil {
			mine++
			if p.term != e.GetTerm() {
				p.answer(nil, errLost)
				p = nil
			}
		}
		if err := a.applyEntry(e, p); err != nil {
			return err
		}
	}
	if err := a.r.storage.Compact(a.index); err != nil {
		return fmt.Errorf("compacting the log in memory at %d: %w", a.index, err)
	}
	a.r.noteWork(a.shard)
	a.noteCaughtUp()
	a.r.inbox.put(m.GetResponses(), mine)
	if a.sinceSnapshot >= a.r.config.SnapshotEvery && !a.freezing && time.Now().After(a.notBefore) {
		a.snapshot()
	}
	return nil
}

// noteCaughtUp tells those who wait for it that everything the log held at the start is applied.
func (a *applier) noteCaughtUp() {
	if a.logEnd > 0 && a.index >= a.logEnd {
		a.logEnd = 0
		a.r.publisher.flush(a.r.caughtUp)
	}
}

// applyEntry executes one entry, answers whoever proposed it here, and publishes the events.
func (a *applier) applyEntry(e *raftpb.Entry, p *proposal) error {
	a.index, a.term = e.GetIndex(), e.GetTerm()
	if len(e.GetData()) == 0 { // a new leader's first entry
		return nil
	}
	begun := time.Now()
	if err := a.shard.Apply(e.GetData(), &a.out); err != nil {
		return fmt.Errorf("applying entry %d: %w", a.index, err)
	}
	if p != nil {
		p.answer(a.out.Replies, nil)
		a.r.config.Observe(StageLog, begun.Sub(p.since))
	}
	a.r.config.Observe(StageApply, time.Since(begun))
	a.sinceSnapshot += len(a.out.Replies)
	a.r.publisher.put(a.index, &a.out)
	return nil
}

// snapshot freezes the state and has it written by a goroutine of its own.
func (a *applier) snapshot() {
	a.sinceSnapshot, a.freezing = 0, true
	f := a.shard.Freeze()
	statistics := a.r.publisher.statistics()
	head := snapshotHead{index: a.index, term: a.term, seq: uint64(f.Seq), time: int64(f.Time)}
	a.r.background.Add(1)
	begun := time.Now()
	go func() {
		defer a.r.background.Done()
		if err := a.r.writeSnapshot(head, f, statistics); err != nil {
			a.r.config.Log.Error("a snapshot was not written; recovery would start from an older one", "index", head.index, "error", err)
		}
		a.thaw <- time.Since(begun)
	}()
}

// noteWork publishes whether the state machine has something to do without a command.
func (r *Replica) noteWork(s *shard.Shard) {
	at, ok := s.NextTimer()
	if !ok {
		at = 0
	}
	r.backlog.Store(s.Backlog())
	r.nextTimer.Store(int64(at))
}

// hasWork reports whether an empty entry would make progress.
func (r *Replica) hasWork(now exchange.Time) bool {
	at := exchange.Time(r.nextTimer.Load())
	return r.backlog.Load() || at != 0 && at <= now
}
