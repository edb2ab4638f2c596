package replica

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// A snapshot file, little-endian; every part ends in a CRC-32C of the part:
//
//	head    magic "HUSTSNAP" │ file version u16 │ record version u16 │ shard u32 │ index u64 │ term u64 │
//	        log position u64 │ Seq u64 │ log time i64 │ crc u32
//	chunk   0x01 │ section u8 │ 0 u16 │ from u32 │ count u32 │ length u32 │ data │ crc u32         (any number)
//	piece   0x03 │ 0 u8       │ 0 u16 │ 0 u32    │ 0 u32     │ length u32 │ data │ crc u32         (any number)
//	members 0x04 │ 0 u8       │ 0 u16 │ 0 u32    │ 0 u32     │ length u32 │ data │ crc u32         (one)
//	end     0x02 │ 0 × 3 │ parts u32 │ state hash, 32 bytes │ crc u32
//
// The state hash is the SHA-256 of section, from, count and data of all chunks: equal states have equal hashes. The pieces
// together are the statistics of the read model (package projection), which no state depends on. The members are those of
// the replica's group.
const (
	snapshotMagic   = "HUSTSNAP"
	snapshotVersion = 1
	headSize        = 8 + 2 + 2 + 4 + 5*8 + 4
	partHead        = 16
	endSize         = 8 + 32 + 4
	chunkBytes      = 1 << 20
	syncEvery       = 8 << 20 // bytes written between syncs, so that the log's syncs never wait for a large one

	keepSnapshots = 2 // should the newest be damaged, the one before serves

	partChunk      = 1
	partEnd        = 2
	partStatistics = 3
	partMembers    = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// snapshotHead says which entry a snapshot is the state after.
type snapshotHead struct {
	shard       exchange.ShardID
	index, term uint64
	position    wal.Position // the log is needed from here on
	seq         uint64
	time        int64
}

// CorruptSnapshot says that a snapshot file is damaged. An older snapshot and a longer replay serve instead.
type CorruptSnapshot struct {
	File   string
	Offset int64 // of the part that is damaged
	Reason string
}

func (e *CorruptSnapshot) Error() string {
	return fmt.Sprintf("snapshot %s is damaged at byte %d: %s", e.File, e.Offset, e.Reason)
}

func (h *snapshotHead) append(b []byte) []byte {
	b = append(b, snapshotMagic...)
	b = le.AppendUint16(b, snapshotVersion)
	b = le.AppendUint16(b, shard.SnapshotVersion)
	b = le.AppendUint32(b, uint32(h.shard))
	for _, v := range []uint64{h.index, h.term, uint64(h.position), h.seq, uint64(h.time)} {
		b = le.AppendUint64(b, v)
	}
	return le.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// sealed reports whether b ends in its own checksum.
func sealed(b []byte) bool {
	n := len(b) - 4
	return crc32.Checksum(b[:n], castagnoli) == le.Uint32(b[n:])
}

func (h *snapshotHead) read(b []byte) string {
	switch {
	case len(b) < headSize || string(b[:8]) != snapshotMagic:
		return "this is no snapshot"
	case !sealed(b[:headSize]):
		return "the checksum of the head is wrong"
	case le.Uint16(b[8:]) != snapshotVersion || le.Uint16(b[10:]) != shard.SnapshotVersion:
		return fmt.Sprintf("version %d.%d is not known", le.Uint16(b[8:]), le.Uint16(b[10:]))
	case le.Uint32(b[12:]) == 0 || le.Uint32(b[12:]) > math.MaxUint16:
		return fmt.Sprintf("it is of shard %d", le.Uint32(b[12:]))
	}
	v := func(i int) uint64 { return le.Uint64(b[16+8*i:]) }
	*h = snapshotHead{exchange.ShardID(le.Uint32(b[12:])), v(0), v(1), wal.Position(v(2)), v(3), int64(v(4))}
	return ""
}

func snapshotName(index uint64) string { return fmt.Sprintf("%020d.snapshot", index) }

// writeSnapshot makes a snapshot durable: the journal up to it first, then the file under a temporary name, then the
// name. Older snapshots but one go.
func (r *Replica) writeSnapshot(head snapshotHead, members Members, f *shard.Frozen, statistics <-chan []byte) error {
	stats, ok := <-statistics
	if !ok {
		return errors.New("the events up to it were not published")
	}
	if err := r.journal.Sync(); err != nil {
		return err
	}
	head.position = r.persister.places.of(head.index)
	dir := filepath.Join(r.config.Dir, "snapshots")
	name, unfinished := filepath.Join(dir, snapshotName(head.index)), filepath.Join(dir, "next.snapshot.tmp")
	hash, err := writeSnapshotFile(r.config.FS, unfinished, head, members, f, stats)
	if err == nil {
		err = r.config.FS.Rename(unfinished, name)
	}
	if err != nil { // its room on the disk is needed
		return errors.Join(fmt.Errorf("writing snapshot %s: %w", name, err), r.config.FS.Remove(unfinished))
	}
	if err := r.config.FS.SyncDir(dir); err != nil {
		return err
	}
	r.storage.newest.Store(&snapshotInfo{index: head.index, term: head.term, seq: head.seq, members: members})
	if err := r.agreement.add(1, Vote{Index: head.index, Seq: head.seq, Hash: hash}); err != nil {
		r.fail(err)
	}
	r.config.Log.Info("snapshot written", "index", head.index, "seq", head.seq, "hash", fmt.Sprintf("%x", hash[:8]))
	return r.dropOld()
}

// snapshotWriter writes the parts of a snapshot file.
type snapshotWriter struct {
	file     vfs.File
	part     []byte
	parts    uint32
	unsynced int
}

// write writes a part whose head is given, and now and then makes what is written durable.
func (w *snapshotWriter) write(kind, section byte, from, count uint32, data []byte) error {
	w.part = append(w.part[:0], kind, section, 0, 0)
	w.part = le.AppendUint32(w.part, from)
	w.part = le.AppendUint32(w.part, count)
	w.part = le.AppendUint32(w.part, uint32(len(data)))
	w.part = append(w.part, data...)
	w.parts++
	return w.seal()
}

// seal ends a part with its checksum and writes it.
func (w *snapshotWriter) seal() error {
	w.part = le.AppendUint32(w.part, crc32.Checksum(w.part, castagnoli))
	if _, err := w.file.Write(w.part); err != nil {
		return err
	}
	if w.unsynced += len(w.part); w.unsynced < syncEvery {
		return nil
	}
	w.unsynced = 0
	return w.file.Sync()
}

func writeSnapshotFile(fsys vfs.FS, name string, head snapshotHead, members Members, f *shard.Frozen, stats []byte) (hash [32]byte, err error) {
	file, err := fsys.Create(name)
	if err != nil {
		return hash, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err = file.Write(head.append(nil)); err != nil {
		return hash, err
	}
	w, sum := snapshotWriter{file: file}, sha256.New()
	err = f.Chunks(chunkBytes, func(section shard.Section, from, count uint32, data []byte) error {
		err := w.write(partChunk, byte(section), from, count, data)
		sum.Write(w.part[1 : len(w.part)-4])
		return err
	})
	if err != nil {
		return hash, err
	}
	for piece := range slices.Chunk(stats, chunkBytes) {
		if err := w.write(partStatistics, 0, 0, 0, piece); err != nil {
			return hash, err
		}
	}
	if err := w.write(partMembers, 0, 0, 0, members.append(nil)); err != nil {
		return hash, err
	}
	sum.Sum(hash[:0])
	w.part = le.AppendUint32(append(w.part[:0], partEnd, 0, 0, 0), w.parts)
	w.part = append(w.part, hash[:]...)
	if err = w.seal(); err != nil {
		return hash, err
	}
	return hash, file.Sync()
}

// listSnapshots returns the names of snapshot files, newest first.
func listSnapshots(fsys vfs.FS, dir string) ([]string, error) {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".snapshot") {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	sort.Sort(sort.Reverse(sort.StringSlice(names)))
	return names, nil
}

// dropOld removes all snapshots but the two newest, and moves the log that only they needed to the archive.
func (r *Replica) dropOld() error {
	names, err := listSnapshots(r.config.FS, filepath.Join(r.config.Dir, "snapshots"))
	if err != nil || len(names) < keepSnapshots {
		return err
	}
	for _, name := range names[keepSnapshots:] {
		if err := r.config.FS.Remove(name); err != nil {
			return err
		}
	}
	oldest, err := readSnapshotHead(r.config.FS, names[keepSnapshots-1])
	if err != nil {
		return err
	}
	return r.wal.DropBefore(oldest.position)
}

// readSnapshotHead reads which entry a snapshot is the state after.
func readSnapshotHead(fsys vfs.FS, name string) (head snapshotHead, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var b [headSize]byte
	if _, err := file.ReadAt(b[:], 0); errors.Is(err, io.EOF) {
		return head, &CorruptSnapshot{File: name, Reason: "the file ends within its head"}
	} else if err != nil {
		return head, fmt.Errorf("reading snapshot %s: %w", name, err)
	}
	if reason := head.read(b[:]); reason != "" {
		return head, &CorruptSnapshot{File: name, Reason: reason}
	}
	return head, nil
}

// snapshot is what a snapshot file holds.
type snapshot struct {
	snapshotHead
	state   *shard.Shard
	members Members
	hash    [32]byte // of the state
	stats   []byte   // of the read model
}

func (s *snapshot) info() *snapshotInfo {
	return &snapshotInfo{index: s.index, term: s.term, seq: s.seq, members: s.members}
}

// readSnapshot reads a snapshot file for a program that knows rules up to a version. Damage is a *CorruptSnapshot.
func readSnapshot(fsys vfs.FS, name string, rules int) (s snapshot, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	size, err := file.Size()
	if err != nil {
		return s, err
	}
	in := &snapshotReader{name: name, rules: rules, in: bufio.NewReaderSize(io.NewSectionReader(file, 0, size), chunkBytes)}
	b, err := in.next(headSize)
	if err != nil {
		return s, err
	}
	if reason := s.read(b); reason != "" {
		return s, in.corruptAt(0, reason)
	}
	end, err := in.parts()
	if err != nil {
		return s, err
	}
	if in.offset != size {
		return s, in.corrupt("something follows the end")
	}
	s.state, s.members, s.hash, s.stats = in.loader.Finish(parallel), in.members, [32]byte(end[8:40]), in.stats
	return s, nil
}

// view returns the read model of the state.
func (s *snapshot) view() (*projection.View, error) {
	b, err := s.state.Builder()
	if err != nil {
		return nil, fmt.Errorf("filling the read model from snapshot %d: %w", s.index, err)
	}
	if len(s.stats) > 0 {
		if err := b.AddStatistics(s.stats); err != nil {
			return nil, fmt.Errorf("filling the read model from snapshot %d: %w", s.index, err)
		}
	}
	return b.View(), nil
}
