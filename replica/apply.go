package replica

import (
	"fmt"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
)

// applier owns the state machine while the replica runs.
type applier struct {
	r        *Replica
	requests chan *raftpb.Message
	installs chan *installation
	demand   chan struct{} // somebody needs a snapshot
	copies   chan *marketCopy
	shard    *shard.Shard
	out      shard.Output
	index    uint64 // of the last entry applied
	term     uint64

	snapshotSeq exchange.Seq // when the last snapshot was taken
	notBefore   time.Time    // of the next snapshot
	freezing    bool
	thaw        chan time.Duration // how long writing the snapshot took
	sizes       []int
}

// installation is a snapshot of another replica on its way to the state machine.
type installation struct {
	*fetched
	done chan struct{}
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
		case in := <-a.installs:
			a.install(in)
		case <-a.demand:
			a.snapshotFor(a.r.storage.members.Load())
		case c := <-a.copies:
			a.copyMarket(c)
		case took := <-a.thaw:
			a.thawed(took)
		}
	}
}

func (a *applier) thawed(took time.Duration) {
	a.shard.Thaw()
	a.freezing, a.notBefore = false, time.Now().Add(a.r.config.snapshotPause*took)
}

// apply applies committed entries and reports them done.
func (a *applier) apply(m *raftpb.Message) error {
	a.sizes = a.sizes[:0]
	for _, e := range m.GetEntries() {
		if e.GetIndex() <= a.index {
			continue
		}
		a.sizes = append(a.sizes, len(e.GetData()))
		p := a.r.pending.take(e.GetIndex(), e.GetTerm())
		if err := a.applyEntry(e, p); err != nil {
			if p != nil {
				p.answer(nil, ErrLost)
			}
			return err
		}
	}
	if err := a.r.storage.applied(a.index, a.sizes...); err != nil {
		return err
	}
	a.r.noteWork(a.shard)
	a.r.progress.set(a.index, a.shard.Seq())
	a.r.pending.applied()
	a.r.inbox.put(m.GetResponses()...)
	if a.snapshotDue() && !a.freezing && !time.Now().Before(a.notBefore) {
		a.snapshot()
	}
	return nil
}

// snapshotDue reports whether enough has happened since the last snapshot. Replicas count from the same events, so that
// their snapshots are of the same states and can be compared.
func (a *applier) snapshotDue() bool {
	every := exchange.Seq(a.r.config.SnapshotEvery)
	return a.shard.Seq()/every > a.snapshotSeq/every
}

// applyEntry executes one entry.
func (a *applier) applyEntry(e *raftpb.Entry, p *proposal) error {
	a.index, a.term = e.GetIndex(), e.GetTerm()
	switch {
	case e.GetType() == raftpb.EntryConfChangeV2:
		return a.applyChange(e)
	case e.GetType() != raftpb.EntryNormal:
		return fmt.Errorf("applying entry %d: kind %v is not one that this version knows", e.GetIndex(), e.GetType())
	case len(e.GetData()) == 0: // a new leader's first entry
		return nil
	}
	return a.applyBatch(e, p)
}

// applyBatch executes a batch, answers whoever proposed it here, and publishes the events.
func (a *applier) applyBatch(e *raftpb.Entry, p *proposal) error {
	begun := time.Now()
	if err := a.execute(e.GetTerm(), e.GetData()); err != nil {
		return fmt.Errorf("applying entry %d: %w", a.index, err)
	}
	if p != nil {
		p.trace(begun)
		a.r.gate.answer(p, a.out.Replies)
		a.r.config.Observe(StageLog, begun.Sub(p.since))
	}
	a.r.config.Observe(StageApply, time.Since(begun))
	a.r.publisher.put(a.index, &a.out)
	return nil
}

// execute executes a batch, and shows what it did to whoever drives this replica by hand.
func (a *applier) execute(term uint64, batch []byte) error {
	if err := a.shard.Apply(batch, &a.out); err != nil {
		return err
	}
	if m := a.r.manual; m != nil {
		m.applied(a.index, term, batch, &a.out)
	}
	return nil
}

// applyChange takes in a change of the members.
func (a *applier) applyChange(e *raftpb.Entry) error {
	change, members, err := readChange(e.GetData())
	if err != nil {
		return fmt.Errorf("applying entry %d: %w", e.GetIndex(), err)
	}
	a.r.setMembers(members, e.GetIndex())
	index := e.GetIndex()
	a.r.inbox.do(func(l *loop) { l.changed(index, change, members) })
	return nil
}

// readChange reads an entry that changes the members, and who they are after it.
func readChange(data []byte) (*raftpb.ConfChangeV2, Members, error) {
	change := &raftpb.ConfChangeV2{}
	if err := proto.Unmarshal(data, change); err != nil {
		return nil, nil, fmt.Errorf("reading a change of members: %w", err)
	}
	members, err := readMembers(change.GetContext())
	return change, members, err
}

// snapshotFor takes a snapshot, unless one is on its way or the newest will do for a member that lacks everything.
func (a *applier) snapshotFor(members *memberChange) {
	newest := a.r.storage.newest.Load()
	first, err := a.r.storage.FirstIndex()
	if a.freezing || a.index < members.index || err == nil && newest != nil && newest.index+1 >= first && newest.index >= members.index {
		return
	}
	a.snapshot()
}

// snapshot freezes the state and has it written by a goroutine of its own.
func (a *applier) snapshot() {
	a.snapshotSeq, a.freezing = a.shard.Seq(), true
	f := a.shard.Freeze()
	statistics := a.r.publisher.statistics()
	head := snapshotHead{shard: a.r.config.Shard, index: a.index, term: a.term, seq: uint64(f.Seq), time: int64(f.Time)}
	members := a.r.storage.members.Load().Members
	a.r.background.Add(1)
	begun := time.Now()
	write := func() {
		defer a.r.background.Done()
		if err := a.r.writeSnapshot(head, members, f, statistics); err != nil {
			a.r.config.Log.Error("a snapshot was not written; recovery would start from an older one", "index", head.index, "error", err)
		}
		a.thaw <- time.Since(begun)
	}
	if m := a.r.manual; m != nil {
		m.unwritten = write
		return
	}
	go write()
}

// take hands over the state of another replica, and returns when the applier goes on with it.
func (a *applier) take(in *installation) error {
	if a.r.manual != nil {
		a.install(in)
		return nil
	}
	select {
	case a.installs <- in:
	case <-a.r.failed:
		return a.r.err
	}
	select {
	case <-in.done:
		return nil
	case <-a.r.failed:
		return a.r.err
	}
}

// install goes on with the state of another replica.
func (a *applier) install(in *installation) {
	if a.freezing {
		a.thawed(<-a.thaw)
	}
	a.shard, a.index, a.term, a.snapshotSeq = in.state, in.index, in.term, in.state.Seq()
	a.shard.Reserve(a.r.config.ReserveKeys, a.r.config.ReserveOrders)
	a.r.storage.forget()
	a.r.setMembers(in.members, in.index)
	a.r.config.Changed(in.members)
	a.r.publisher.replace(in.view)
	a.r.noteWork(a.shard)
	a.r.progress.set(a.index, a.shard.Seq())
	close(in.done)
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
