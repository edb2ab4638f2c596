package replica

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"path/filepath"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// This file reads the files of a replica that does not run. Nothing here changes anything.

// FirstEntry is the index of the first log entry of a shard: the state before it is empty.
const FirstEntry = genesisIndex + 1

// JournalDir is where a replica keeps its journal.
func JournalDir(dir string) string { return filepath.Join(dir, "journal") }

// JournalOptions are those with which the journal of a shard's replica can be read.
func JournalOptions(shard exchange.ShardID) journal.Options {
	return journal.Options{Shard: uint32(shard), Indexer: indexKeys, KeyVersion: journalKeyVersion}
}

// journalKeyVersion changes with the keys that indexKeys gives.
const journalKeyVersion = 1

// Entry is an entry of the replicated log.
type Entry struct {
	Index, Term uint64
	Data        []byte // a batch (see package wire); empty where a leader took office
	// Committed is false for the last entries of a log if nothing in it says that a quorum has them. Whether they count
	// is decided at the next start.
	Committed bool
	// Restart says that the log goes on behind this entry from another replica's snapshot: it lacks some entries before, and
	// this one's data too.
	Restart bool
}

// ReadLog reads and checks the whole log of a replica that does not run, archive included, and shows the entries that count, in order.
// Data is valid until do returns, and an error of do is returned as it is. Damage is a *wal.CorruptionError or
// a *LogGap, after the entries before it were shown.
func ReadLog(fsys vfs.FS, dir string, do func(Entry) error) (wal.Recovery, error) {
	l := logReader{do: do}
	found, err := wal.ReadArchived(fsys, filepath.Join(dir, "wal"), filepath.Join(dir, "archive"), l.record)
	if err != nil {
		return found, err
	}
	if at, ok := l.restarted(fsys, dir); ok {
		return found, l.show(entry{index: at}, true)
	}
	for _, e := range l.rest {
		if err := l.show(e, false); err != nil {
			return found, err
		}
	}
	return found, nil
}

// LogGap says that the records of a log are whole and do not follow one another.
type LogGap struct {
	Position wal.Position // of the batch with the record
	What     string
}

func (e *LogGap) Error() string {
	return fmt.Sprintf("segment %d of the log is damaged at byte %d: %s", e.Position.Segment(), e.Position.Offset(), e.What)
}

// logReader brings the records of a log into the order of its entries, as recovery does.
type logReader struct {
	do    func(Entry) error
	shard uint32  // of the first record
	rest  []entry // not known to be committed
	last  uint64  // index of the entry shown last

	restart uint64 // index of a snapshot that was about to take the place of entries which the log has not
}

// restarted reports whether the log ends with a restart that took place, and at which entry.
func (l *logReader) restarted(fsys vfs.FS, dir string) (uint64, bool) {
	if l.restart == 0 {
		return 0, false
	}
	_, err := fsys.Stat(filepath.Join(dir, "snapshots", snapshotName(l.restart)))
	return l.restart, err == nil
}

// next returns the index that the next entry should have.
func (l *logReader) next() uint64 {
	if n := len(l.rest); n > 0 {
		return l.rest[n-1].index + 1
	}
	return l.last + 1
}

func (l *logReader) record(at wal.Position, rec wal.Record) error {
	damaged := func(format string, args ...any) error { return &LogGap{at, fmt.Sprintf(format, args...)} }
	if l.shard == 0 {
		l.shard = rec.Shard
	}
	switch {
	case rec.Shard == 0 || rec.Shard != l.shard:
		return damaged("a record is of shard %d", rec.Shard)
	case rec.Type == recordEntry:
		e, err := readEntry(rec.Payload)
		if err != nil {
			return damaged("%v", err)
		}
		for len(l.rest) > 0 && l.rest[len(l.rest)-1].index >= e.index { // another leader's entries took their place
			l.rest = l.rest[:len(l.rest)-1]
		}
		if e.index != l.next() && e.index == l.restart+1 {
			l.rest = nil
			if err := l.show(entry{index: l.restart}, true); err != nil {
				return err
			}
		}
		if next := l.next(); e.index != next && next > 1 { // the oldest segments may have been dropped
			return damaged("entry %d is where entry %d should be", e.index, next)
		}
		l.restart = 0
		e.data = append([]byte(nil), e.data...)
		l.rest = append(l.rest, e)
	case rec.Type == recordHardState, rec.Type == recordRestart:
		if rec.Type == recordRestart && len(rec.Payload) == restartSize {
			l.restart = le.Uint64(rec.Payload[hardStateSize:])
		}
		h, err := readHardState(rec.Payload)
		if err != nil {
			return damaged("%v", err)
		}
		for len(l.rest) > 0 && l.rest[0].index <= h.commit {
			if err := l.show(l.rest[0], true); err != nil {
				return err
			}
			l.rest = l.rest[1:]
		}
	default:
		return fmt.Errorf("the log has a record of type %d at %v, which this version does not know", rec.Type, at)
	}
	return nil
}

func (l *logReader) show(e entry, committed bool) error {
	l.last = e.index
	switch {
	case e.kind == raftpb.EntryConfChangeV2: // the state machine does not see it
		e.data = nil
	case e.kind != raftpb.EntryNormal:
		return fmt.Errorf("entry %d is of kind %v, which this version does not know", e.index, e.kind)
	}
	return l.do(Entry{Index: e.index, Term: e.term, Data: e.data, Committed: committed, Restart: e.term == 0})
}

// Snapshots returns the names of a replica's snapshot files, newest first.
func Snapshots(fsys vfs.FS, dir string) ([]string, error) {
	return listSnapshots(fsys, filepath.Join(dir, "snapshots"))
}

// Snapshot is what a snapshot file holds.
type Snapshot struct {
	File        string
	Index, Term uint64       // of the entry that it is the state after
	Seq         exchange.Seq // of the last event
	Time        exchange.Time
	LogFrom     wal.Position // the log is needed from here on
	Sum         StateSum     // of the state as it was read
	State       *shard.Shard

	read snapshot
}

// ReadSnapshot reads a snapshot file. Damage is a *CorruptSnapshot; a state hash that is not that of the state is, too.
func ReadSnapshot(fsys vfs.FS, name string) (*Snapshot, error) {
	return examineSnapshot(fsys, name, exchange.RulesVersion)
}

func examineSnapshot(fsys vfs.FS, name string, rules int) (*Snapshot, error) {
	read, err := readSnapshot(fsys, name, rules)
	if err != nil {
		return nil, err
	}
	sum, err := SumState(read.state)
	if err != nil {
		return nil, fmt.Errorf("hashing the state of %s: %w", name, err)
	}
	if sum.Hash != read.hash {
		return nil, &CorruptSnapshot{File: name,
			Reason: fmt.Sprintf("its state hash is %x…, that of the state in it %x…", read.hash[:8], sum.Hash[:8])}
	}
	if uint64(read.state.Seq()) != read.seq || int64(read.state.Now()) != read.time {
		return nil, &CorruptSnapshot{File: name,
			Reason: fmt.Sprintf("its head says event %d, its state event %d", read.seq, read.state.Seq())}
	}
	return &Snapshot{File: name, Index: read.index, Term: read.term, Seq: exchange.Seq(read.seq), Time: exchange.Time(read.time),
		LogFrom: read.position, Sum: sum, State: read.state, read: read}, nil
}

// View returns the read model that a start from the snapshot begins with.
func (s *Snapshot) View() (*projection.View, error) { return s.read.view() }

// StateSum identifies a state: equal states have equal sums.
type StateSum struct {
	Hash     [32]byte   // as in snapshot files
	sections [][32]byte // the same of each section alone
}

// Differing returns the sections in which two states differ.
func (s StateSum) Differing(other StateSum) []shard.Section {
	var all []shard.Section
	for i := range max(len(s.sections), len(other.sections)) {
		if i >= len(s.sections) || i >= len(other.sections) || s.sections[i] != other.sections[i] {
			all = append(all, shard.Section(i))
		}
	}
	return all
}

// SumState computes the sum of a state, of which nothing may be frozen.
func SumState(s *shard.Shard) (sum StateSum, err error) {
	f := s.Freeze()
	defer s.Thaw()
	whole, part := sha256.New(), sha256.New()
	err = f.Chunks(chunkBytes, func(section shard.Section, from, count uint32, data []byte) error {
		for int(section) > len(sum.sections) {
			sum.sections = append(sum.sections, [32]byte(part.Sum(nil)))
			part.Reset()
		}
		head := append(make([]byte, 0, partHead), byte(section), 0, 0)
		for _, n := range []uint32{from, count, uint32(len(data))} {
			head = le.AppendUint32(head, n)
		}
		for _, sum := range []hash.Hash{whole, part} {
			sum.Write(head)
			sum.Write(data)
		}
		return nil
	})
	sum.sections = append(sum.sections, [32]byte(part.Sum(nil)))
	sum.Hash = [32]byte(whole.Sum(nil))
	return sum, err
}
