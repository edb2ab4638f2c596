package replica

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// flip is one bit of one file.
type flip struct {
	file string
	at   int
	bit  uint8
}

func (f flip) String() string { return fmt.Sprintf("bit %d of byte %d of %s", f.bit, f.at, f.file) }

// TestFlippedBits flips single bits of everything on disk, at random places or, in long runs, one in every byte. An audit
// finds each and names the file. A replica that is started on it either refuses, and names the file, or has all that was
// acknowledged: from an older snapshot, a journal or index that it made again, or because it needs nothing of that
// place. What it serves is never wrong.
func TestFlippedBits(t *testing.T) {
	for _, clean := range []bool{true, false} {
		t.Run(fmt.Sprintf("clean=%v", clean), func(t *testing.T) {
			files, c, tip := history(t, clean)
			random := rand.New(rand.NewPCG(5, 5))
			kinds := map[string]int{}
			for i, f := range flips(files, random) {
				content := slices.Clone(files[f.file])
				content[f.at] ^= 1 << f.bit
				disk := diskOf(t, files, f.file, content)
				if found := auditOf(disk, f.file); !slices.ContainsFunc(found, f.isIn) && !f.idle(files) {
					t.Errorf("%v: the audit finds %v", f, found)
				}
				if i%rounds(1, 31) == 0 {
					kinds[kindOf(f.file)+" "+startOn(t, disk, f, f.idle(files), c, tip)]++
				}
				if t.Failed() {
					return
				}
			}
			wantKinds(t, kinds)
		})
	}
}

// history is what a replica leaves after some trading, with at least two of everything.
func history(t *testing.T, clean bool) (files map[string][]byte, c crowd, tip journal.Tip) {
	t.Helper()
	disk, c := vfs.NewMem(), newCrowd(2, 11)
	config := flipConfig(disk)
	r := open(t, config)
	found(t, r, len(c))
	for archived := 0; archived < 2; archived = len(list(t, disk, "data/archive")) {
		tradeOnce(t, r, c)
	}
	shut(t, r)
	config.SnapshotEvery = 1 << 30 // so that nothing happens behind the scenes when the files are read
	r = open(t, config)
	for range 5 {
		tradeOnce(t, r, c)
	}
	if _, err := r.Journal().Checkpoint(testSigner); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		tradeOnce(t, r, c)
	}
	if err := r.Journal().Sync(); err != nil {
		t.Fatal(err)
	}
	files, tip = filesOf(t, disk), r.Journal().Last()
	if shut(t, r); clean {
		files = filesOf(t, disk)
	}
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasSuffix(name, ".tmp") })
	return files, c, tip
}

// tradeOnce lets each trader send something, and waits until it can be read.
func tradeOnce(t *testing.T, r *Replica, c crowd) {
	t.Helper()
	for _, tr := range c {
		if err := tr.trade(t.Context(), t, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.View().WaitSeq(t.Context(), c.lastSeq(c.acked())); err != nil {
		t.Fatal(err)
	}
}

// flipConfig makes many small files.
func flipConfig(fsys vfs.FS) Config {
	c := testConfig(fsys)
	c.WALSegment, c.JournalSegment, c.SnapshotEvery = 1<<15, 1<<14, 60
	c.Now = stoppedClock
	return c
}

// stoppedClock keeps orders from expiring, so that a replica that is only started adds nothing to its journal.
func stoppedClock() time.Time { return time.Unix(1_700_000_000, 0) }

// flips chooses the bits.
func flips(files map[string][]byte, random *rand.Rand) (all []flip) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		size := len(files[name])
		if soak {
			for at := range size {
				all = append(all, flip{name, at, uint8(random.IntN(8))})
			}
			continue
		}
		for range large(12, 4) {
			all = append(all, flip{name, random.IntN(size), uint8(random.IntN(8))})
		}
	}
	return all
}

// idle reports whether a bit is where a segment of the log keeps nothing: in what was never written, or in its seal if there
// is a segment behind it, which says as much.
func (f flip) idle(files map[string][]byte) bool {
	const sector = 512
	if filepath.Ext(f.file) != ".wal" {
		return false
	}
	end := len(files[f.file]) // of its last sector that is not zero
	for end > sector && bytes.Count(files[f.file][end-sector:end], []byte{0}) == sector {
		end -= sector
	}
	if f.file != newestFile(files, "data/wal", ".wal") {
		end -= sector
	}
	return f.at >= end
}

// damage is what an error says is damaged: a file from a byte on.
type damage struct {
	file string
	from int64
}

// isIn reports whether the flipped bit is in what was found damaged.
func (f flip) isIn(d damage) bool { return d.file == f.file && d.from <= int64(f.at) }

// auditOf checks every byte of what a file belongs to: the log, the journal or the snapshots.
func auditOf(disk *vfs.Mem, file string) (found []damage) {
	switch filepath.Dir(file) {
	case "data/wal", "data/archive":
		_, err := wal.ReadArchived(disk, "data/wal", "data/archive", nil)
		return damageIn(err)
	case "data/journal":
		report, err := verifyJournal(disk, nil)
		found = damageIn(err)
		for _, problem := range report.Problems {
			found = append(found, damageIn(problem)...)
		}
		return found
	default:
		_, err := readSnapshot(disk, file, exchange.RulesVersion)
		return damageIn(err)
	}
}

func damageIn(err error) []damage {
	var log *wal.CorruptionError
	var events *journal.Corruption
	var snapshot *CorruptSnapshot
	switch {
	case errors.As(err, &log):
		return []damage{{log.File, log.Offset}}
	case errors.As(err, &events):
		return []damage{{events.File, events.Byte}}
	case errors.As(err, &snapshot):
		return []damage{{snapshot.File, snapshot.Offset}}
	}
	return nil
}

// names reports whether an error says where the flipped bit is.
func (f flip) names(err error) bool { return slices.ContainsFunc(damageIn(err), f.isIn) }

func kindOf(file string) string { return filepath.Base(filepath.Dir(file)) + filepath.Ext(file) }

// startOn starts a replica on a disk with a flipped bit and says what became of it.
func startOn(t *testing.T, disk *vfs.Mem, f flip, idle bool, c crowd, tip journal.Tip) string {
	t.Helper()
	r, err := Open(flipConfig(disk))
	if err != nil {
		if !f.names(err) {
			t.Errorf("%v: a replica refuses to start with %v", f, err)
		}
		return "refused"
	}
	if kindOf(f.file) == "wal.wal" && !idle {
		t.Errorf("%v: a replica starts", f)
	}
	if err := r.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	result := "unharmed"
	for _, damage := range r.Recovery().Damaged {
		result = "mended"
		if !f.names(damage) {
			t.Errorf("%v: recovery reports %v", f, damage)
		}
	}
	if j := r.Recovery().Journal; j.Cut != nil && j.Cut.File == f.file || len(j.RebuiltIndexes) > 0 {
		result = "mended"
	}
	if got := r.Journal().Last(); got != tip {
		t.Errorf("%v: the journal ends at %+v, ended at %+v", f, got, tip)
	}
	c.retryAll(t, r)
	if !readable(t, r.Journal(), f) {
		result += ", found by a reader"
	}
	if err := r.Close(); err != nil {
		t.Errorf("%v: closing: %v", f, err)
	}
	if err := r.View().Check(); err != nil {
		t.Errorf("%v: %v", f, err)
	}
	return result
}

// readable reads the whole journal, forward and by its index, and reports whether all of it could be read. What is
// damaged must be reported as that of the file, and nothing may be missing.
func readable(t *testing.T, j *journal.Journal, f flip) bool {
	t.Helper()
	events, err := eventsByKey(j)
	if err != nil {
		if !f.names(err) {
			t.Errorf("%v: reading the journal: %v", f, err)
		}
		return false
	}
	for k, want := range events {
		var got []uint64
		err := j.HistoryForward(k, 0, 0, func(seq uint64, _ int64, _ []byte) bool {
			got = append(got, seq)
			return true
		})
		if err != nil {
			if !f.names(err) {
				t.Errorf("%v: reading the history of %x: %v", f, k, err)
			}
			return false
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: the history of %x has %d events, want %d", f, k, len(got), len(want))
		}
	}
	return true
}

// eventsByKey reads a journal forward and returns the Seqs of the events of each key.
func eventsByKey(j *journal.Journal) (map[journal.Key][]uint64, error) {
	events := map[journal.Key][]uint64{}
	for cursor := j.Subscribe(1); ; {
		rec, ok, err := cursor.Poll()
		if err != nil || !ok {
			return events, err
		}
		for seq, event := range rec.All() {
			for _, k := range indexKeys(event, nil) {
				events[k] = append(events[k], seq)
			}
		}
	}
}

// wantKinds checks that everything that can become of a start did, by the kind of the damaged file.
func wantKinds(t *testing.T, kinds map[string]int) {
	t.Helper()
	for _, kind := range []string{"wal.wal refused", "archive.wal unharmed", "journal.journal refused", "journal.journal mended",
		"journal.index mended", "snapshots.snapshot mended", "snapshots.snapshot unharmed"} {
		if kinds[kind] == 0 {
			t.Errorf("not once: %s, but only %v", kind, kinds)
		}
	}
}
