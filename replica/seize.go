package replica

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// A group whose voters are lost for good begins anew with what a survivor has. This needs nobody's consent but the
// operator's, so nothing may be believed of the old group any more: every survivor gets a new id, of the next generation,
// and messages are for one id. What the survivor's log holds and nobody knows to be committed becomes committed: whatever
// the lost voters had answered with its help is there (docs/adr/0008).

// generationBits of an incarnation count how often its group was begun anew.
const (
	generationBits = 8
	generationFrom = incarnationBits - generationBits

	// MostIncarnation bounds the incarnation of a disk without its generation.
	MostIncarnation = 1<<generationFrom - 1
	// MostGeneration bounds how often a group can begin anew.
	MostGeneration = 1<<generationBits - 1
)

// Generation is how often the group of the replica has begun anew.
func (id ID) Generation() uint8 { return uint8(uint64(id) >> generationFrom) }

// In returns the name of the same disk in another generation of its group.
func (id ID) In(generation uint8) ID {
	const mask = uint64(MostGeneration) << generationFrom
	return ID(uint64(id)&^mask | uint64(generation)<<generationFrom)
}

// Generation is that of the group: all members have the same.
func (m Members) Generation() uint8 {
	if len(m) == 0 {
		return 0
	}
	return m[0].Replica.Generation()
}

// Seize makes a replica that does not run belong to a group that begins anew with what it has, and which it leads alone: one
// voter among the members. It returns what it has taken off the journal. Doing it once more with the same members changes nothing.
func Seize(fsys vfs.FS, dir string, self ID, members Members) (off journal.CutOff, err error) {
	if m, there := members.Find(self); !there || m.Role != Voter || members.Voters() != 1 {
		return off, fmt.Errorf("replica %v would not be the only voter among %v", self, members)
	}
	if _, err := fsys.Stat(dir); err != nil {
		return off, fmt.Errorf("there is nothing to go on with: %w", err)
	}
	lock, err := fsys.Lock(dir)
	if err != nil {
		return off, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	head, err := newestHead(fsys, dir)
	if err != nil {
		return off, err
	}
	log, _, err := wal.Open(fsys, filepath.Join(dir, "wal"), wal.Options{Archive: filepath.Join(dir, "archive")})
	if err != nil {
		return off, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	end := logEnd{entry: entry{term: head.term, index: head.index}, hard: hardState{term: head.term},
		shard: head.shard, behind: head.index}
	if err := log.Scan(head.position, end.record); err != nil {
		return off, err
	}
	if end.index == 0 {
		return off, fmt.Errorf("the replica in %s has nothing to go on with", dir)
	}
	if end.endsIn(members) {
		return off, nil
	}
	if off, err = end.cutJournal(fsys, dir, head.seq, self.Generation()); err != nil {
		return off, err
	}
	return off, end.seize(log, self, members)
}

// cutJournal takes off the journal what is not known to be of this log: a copy may have been under way, and the journal is copied before
// the state. What the log has of it is executed and written again.
func (l *logEnd) cutJournal(fsys vfs.FS, dir string, synced uint64, generation uint8) (journal.CutOff, error) {
	options := JournalOptions(l.shard)
	options.SyncedSeq = synced
	return journal.Cut(fsys, JournalDir(dir), options, max(l.hard.commit, l.behind), fmt.Sprintf(".before-%d", generation))
}

// newestHead is the head of the newest snapshot, or of the state before the first entry.
func newestHead(fsys vfs.FS, dir string) (snapshotHead, error) {
	names, err := listSnapshots(fsys, filepath.Join(dir, "snapshots"))
	if err != nil {
		return snapshotHead{}, err
	}
	for _, name := range names {
		head, err := readSnapshotHead(fsys, name)
		if corrupt := (*CorruptSnapshot)(nil); !errors.As(err, &corrupt) {
			return head, err
		}
	}
	return snapshotHead{}, nil
}

// logEnd finds the last entry and the last hard state of a log, and of which shard it is.
type logEnd struct {
	entry
	hard   hardState
	shard  exchange.ShardID
	behind uint64 // entries up to this index are in a snapshot
}

func (l *logEnd) record(_ wal.Position, rec wal.Record) (err error) {
	l.shard = exchange.ShardID(rec.Shard)
	switch rec.Type {
	case recordEntry:
		e, err := readEntry(rec.Payload)
		if err != nil {
			return err
		}
		if e.index > l.behind {
			e.data = slices.Clone(e.data)
			l.entry = e
		}
	case recordHardState, recordRestart:
		before := l.hard.commit
		l.hard, err = readHardState(rec.Payload)
		if rec.Type == recordRestart && !restarted(rec.Payload, l.behind) {
			l.hard.commit = before
		}
	}
	return err
}

// endsIn reports whether the last entry begins the group anew with these members.
func (l *logEnd) endsIn(members Members) bool {
	if l.kind != raftpb.EntryConfChangeV2 {
		return false
	}
	_, done, err := readChange(l.data)
	return err == nil && slices.Equal(done, members)
}

// seizedTerms is how far the first term of a new generation is above what its survivors have seen.
const seizedTerms = 1 << 16

// seize writes that all of the log is committed, and then who the members are.
func (l *logEnd) seize(log *wal.Log, self ID, members Members) error {
	change, err := proto.Marshal(changeTo(self, members))
	if err != nil {
		return err
	}
	before := hardState{term: max(l.term, l.hard.term) + seizedTerms, commit: l.index}
	after := hardState{term: before.term, commit: l.index + 1}
	next := entry{term: before.term, index: l.index + 1, kind: raftpb.EntryConfChangeV2, data: change}
	_, err = log.AppendSync(
		wal.Record{Type: recordHardState, Shard: uint32(l.shard), Payload: before.append(nil)},
		wal.Record{Type: recordEntry, Shard: uint32(l.shard), Payload: appendEntry(nil, next.proto())},
		wal.Record{Type: recordHardState, Shard: uint32(l.shard), Payload: after.append(nil)})
	if err != nil {
		return fmt.Errorf("writing that the group begins anew: %w", err)
	}
	return nil
}
