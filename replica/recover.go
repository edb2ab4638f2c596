package replica

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/wal"
)

// A group begins as if its first members had a snapshot of nothing at this index and term.
const (
	genesisIndex = 1
	genesisTerm  = 1
)

// Recovery tells how a replica came up.
type Recovery struct {
	Snapshot     uint64        // index of the snapshot it started from; 0: none
	Damaged      []error       // snapshots that could not be used, newest first
	SnapshotTime time.Duration // reading the snapshot
	Commands     int           // replayed
	Entries      int           // replayed
	ReplayTime   time.Duration // reading and applying the log behind the snapshot
	CatchUpTime  time.Duration // the same until the read model has seen it too
	ViewTime     time.Duration // filling the read model from the snapshot
	TornBytes    int64         // of an unacknowledged batch, cut from the log
	Journal      journal.Recovery
}

// Open recovers a replica from its directory, or begins one in an empty directory, and starts it. The directory must be
// nobody else's: a second instance is refused with vfs.ErrLocked.
func Open(config Config) (*Replica, error) { return openWith(config, nil) }

func openWith(config Config, manual *Manual) (*Replica, error) {
	config.complete()
	r := &Replica{config: config, failed: make(chan struct{}), stop: make(chan struct{}),
		queue: newQueue(config.QueueBytes), manual: manual}
	if manual != nil {
		manual.Replica = r
	}
	r.inbox.ready = make(chan struct{}, 1)
	r.agreement.self = config.Group.Self
	r.fetcher = fetcher{r: r, wake: make(chan struct{}, 1)}
	r.applier.r = r
	r.applier.demand = make(chan struct{}, 1)
	r.storage = &storage{MemoryStorage: raft.NewMemoryStorage(), alone: config.Group.alone(), kept: config.KeptEntries, demand: func() { wake(r.applier.demand) }}
	for _, dir := range []string{"", "snapshots"} {
		if err := config.FS.MkdirAll(filepath.Join(config.Dir, dir)); err != nil {
			return nil, err
		}
	}
	lock, err := config.FS.Lock(config.Dir)
	if err != nil {
		return nil, err
	}
	r.lock = lock
	if err := r.recover(); err != nil {
		return nil, errors.Join(err, r.closeAll())
	}
	return r, nil
}

// closeAll closes what a recovery that failed had opened.
func (r *Replica) closeAll() error {
	var errs []error
	if r.publisher != nil {
		close(r.publisher.records)
		r.publishing.Wait()
	}
	if r.journal != nil {
		errs = append(errs, r.journal.Close())
	}
	if r.wal != nil {
		errs = append(errs, r.wal.Close())
	}
	return errors.Join(append(errs, r.lock.Close())...)
}

// recover reads the newest snapshot, the journal and the log at the same time, and then replays what the log holds
// behind the snapshot.
func (r *Replica) recover() error {
	begun := time.Now()
	synced, err := r.coveredSeq()
	if err != nil {
		return err
	}
	if r.manual == nil {
		adviseHugePages(r.heapAhead())
	}
	var snap snapshot
	var group errgroup.Group
	group.Go(func() (err error) {
		if snap, err = r.newestSnapshot(); err != nil {
			return err
		}
		r.recovery.SnapshotTime = time.Since(begun)
		if snap.index > genesisIndex {
			r.recovery.Snapshot = snap.index
		}
		return nil
	})
	group.Go(func() error { return r.openJournal(synced) })
	group.Go(r.openLog)
	if err := group.Wait(); err != nil {
		return err
	}
	snap.state.Support(r.config.Rules)
	snap.state.Reserve(r.config.ReserveKeys, r.config.ReserveOrders)
	r.applier.shard, r.applier.index, r.applier.term = snap.state, snap.index, snap.term
	r.applier.snapshotSeq = snap.state.Seq()
	r.recent.index, r.recent.term = snap.index, snap.term
	r.persister.places.restart(snap.index, snap.position)
	r.setMembers(snap.members, snap.index)
	if r.recovery.Snapshot != 0 {
		r.storage.newest.Store(snap.info())
	}

	begun = time.Now()
	if r.view, err = snap.view(); err != nil {
		return err
	}
	r.recovery.ViewTime = time.Since(begun)

	begun = time.Now()
	r.publisher = newPublisher(r, r.journal, r.view)
	if r.manual == nil {
		r.publishing.Add(1)
		go r.publisher.run()
	}
	rest, hard, err := r.replay(snap.snapshotHead)
	if err != nil {
		return err
	}
	r.recovery.ReplayTime = time.Since(begun)
	r.publisher.flush()
	if err := r.Err(); err != nil {
		return err
	}
	r.recovery.CatchUpTime = time.Since(begun)
	return r.startFrom(rest, hard)
}

// heapAhead is how much memory the state is going to need, about: records take as much as in a snapshot, the indexes and
// the read model as much again, and the collector wants room. It is bounded, for systems that do not promise memory
// that they may not have. 0 beside others, who would stand still for the collection that the advice takes.
func (r *Replica) heapAhead() int {
	const least, most, factor = 64 << 20, 2 << 30, 4
	if r.config.Beside {
		return 0
	}
	names, err := listSnapshots(r.config.FS, filepath.Join(r.config.Dir, "snapshots"))
	if err != nil || len(names) == 0 {
		return least
	}
	info, err := r.config.FS.Stat(names[0])
	if err != nil {
		return least
	}
	return min(most, least+factor*int(info.Size()))
}

// coveredSeq returns the last Seq that the newest snapshot covers: the journal was durable up to it.
func (r *Replica) coveredSeq() (uint64, error) {
	names, err := listSnapshots(r.config.FS, filepath.Join(r.config.Dir, "snapshots"))
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		var corrupt *CorruptSnapshot
		if head, err := readSnapshotHead(r.config.FS, name); err == nil {
			return head.seq, nil
		} else if !errors.As(err, &corrupt) {
			return 0, err
		}
	}
	return 0, nil
}

// openJournal opens the journal, which must hold everything up to a Seq.
func (r *Replica) openJournal(synced uint64) (err error) {
	options := JournalOptions(r.config.Shard)
	options.SegmentBytes, options.SyncedSeq = r.config.JournalSegment, synced
	r.journal, r.recovery.Journal, err = journal.Open(r.config.FS, JournalDir(r.config.Dir), options)
	return err
}

func (r *Replica) openLog() (err error) {
	var torn wal.Recovery
	r.wal, torn, err = wal.Open(r.config.FS, filepath.Join(r.config.Dir, "wal"),
		wal.Options{SegmentSize: r.config.WALSegment, Archive: filepath.Join(r.config.Dir, "archive")})
	r.recovery.TornBytes = torn.TornBytes
	return err
}

// indexKeys gives the aggregates by which the journal finds events.
func indexKeys(event []byte, keys []journal.Key) []journal.Key {
	var room [8]uint64
	for _, k := range projection.AppendKeys(event, room[:0]) {
		keys = append(keys, journal.Key(k))
	}
	return keys
}

// newestSnapshot reads the newest snapshot that is whole. Without any it returns the state before the first entry, for a
// first member; any other replica has nothing at all.
func (r *Replica) newestSnapshot() (snapshot, error) {
	names, err := listSnapshots(r.config.FS, filepath.Join(r.config.Dir, "snapshots"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return snapshot{}, err
	}
	for _, name := range names {
		s, err := readSnapshot(r.config.FS, name, r.config.Rules)
		var corrupt *CorruptSnapshot
		if errors.As(err, &corrupt) {
			r.recovery.Damaged = append(r.recovery.Damaged, corrupt)
			r.config.Log.Error("a snapshot is damaged; an older one and a longer replay serve instead", "error", err)
			if err := r.config.FS.Rename(name, name+".damaged"); err != nil { // so that it is not one of the two that are kept
				return s, err
			}
			continue
		}
		if err == nil && s.shard != r.config.Shard {
			err = fmt.Errorf("snapshot %s is of shard %d, not of shard %d", name, s.shard, r.config.Shard)
		}
		return s, err
	}
	if first := r.config.Group.First; len(first) > 0 {
		return snapshot{snapshotHead: snapshotHead{shard: r.config.Shard, index: genesisIndex, term: genesisTerm}, members: first, state: shard.New()}, nil
	}
	return snapshot{state: shard.New()}, nil
}

// startFrom starts the consensus: everything up to the applied index is done, rest is what the log holds behind it.
func (r *Replica) startFrom(rest []entry, hard hardState) error {
	applied := r.applier.index
	if err := r.fillStorage(rest, &hard); err != nil {
		return fmt.Errorf("starting the consensus at %d: %w", applied, err)
	}
	r.persister.hard = hard
	r.unproven.began(r)
	group := &r.config.Group
	node, err := raft.NewRawNode(&raft.Config{
		ID: uint64(group.Self), ElectionTick: group.electionTicks(), HeartbeatTick: 1, Storage: r.storage, Applied: applied,
		AsyncStorageWrites: true, MaxSizePerMsg: 4 << 20, MaxInflightMsgs: 256, CheckQuorum: true, PreVote: true,
		DisableProposalForwarding: true, StepDownOnRemoval: true, Logger: raftLog{r.config.Log.With("part", "consensus")},
	})
	if err != nil {
		return fmt.Errorf("starting the consensus at %d: %w", applied, err)
	}
	l := &loop{r: r, node: node, lastTime: r.applier.shard.Now(), heard: map[ID]int{}}
	l.reads.number = newQuestion()
	for _, e := range rest {
		if now, _, _, err := wire.ReadBatch(e.data); err == nil { // not so of an empty one
			l.lastTime = max(l.lastTime, now)
		}
	}
	return r.start(node, l)
}

// fillStorage gives the consensus what the log holds behind what is applied.
func (r *Replica) fillStorage(rest []entry, hard *hardState) error {
	applied := r.applier.index
	if applied > 0 {
		if len(r.recent.entries) == 0 {
			r.recent.index, r.recent.term = applied, r.applier.term
		}
		if err := r.storage.ApplySnapshot(r.recent.snapshot(r.storage.members.Load().Members)); err != nil {
			return err
		}
		if err := r.storage.keep(r.recent.entries); err != nil {
			return err
		}
	}
	for _, e := range rest {
		if err := r.storage.Append([]*raftpb.Entry{e.proto()}); err != nil {
			return err
		}
	}
	r.recent = recent{}
	hard.commit = max(hard.commit, applied)
	hard.term = max(hard.term, r.applier.term)
	return r.storage.SetHardState(hard.proto())
}

// raftLog writes the library's log messages to ours; what it says of every election is for debugging only.
type raftLog struct{ log *slog.Logger }

func (l raftLog) Debug(v ...any)            {}
func (l raftLog) Debugf(f string, v ...any) {}
func (l raftLog) Info(v ...any)             { l.log.Debug(fmt.Sprint(v...)) }
func (l raftLog) Infof(f string, v ...any)  { l.log.Debug(fmt.Sprintf(f, v...)) }
func (l raftLog) Warning(v ...any)          { l.log.Warn(fmt.Sprint(v...)) }
func (l raftLog) Warningf(f string, v ...any) {
	l.log.Warn(fmt.Sprintf(f, v...))
}
func (l raftLog) Error(v ...any)            { l.log.Error(fmt.Sprint(v...)) }
func (l raftLog) Errorf(f string, v ...any) { l.log.Error(fmt.Sprintf(f, v...)) }
func (l raftLog) Fatal(v ...any)            { panic(fmt.Sprint(v...)) }
func (l raftLog) Fatalf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }
func (l raftLog) Panic(v ...any)            { panic(fmt.Sprint(v...)) }
func (l raftLog) Panicf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }
