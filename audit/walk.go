package audit

import (
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// step is one log index with what log and journal have of it.
type step struct {
	index  uint64
	entry  *replica.Entry  // nil: the log does not have it
	record *journal.Record // nil: there were no events, or the journal does not have them
	// The log has no entries, or the journal no records, from here on.
	logEnded, journalEnded bool
	// The log lacks the entry: another replica's snapshot has taken its place.
	skipped bool
}

// walk reads log and journal to their ends, side by side in the order of log indexes.
type walk struct {
	fs     vfs.FS
	dir    string
	verify journal.VerifyOptions

	found       wal.Recovery
	report      journal.Report
	checkpoints int // that fit the events

	logErr, journalErr error // what kept either from being read to its end
	checkpointsErr     error // what is wrong with the journal's checkpoints
}

var errStopped = errors.New("nothing more is wanted")

// each shows every step until do fails. What a step refers to is good until do returns.
func (w *walk) each(do func(step) error) error {
	nextEntry, stopEntries := iter.Pull(w.entries)
	defer stopEntries()
	nextRecord, stopRecords := iter.Pull(w.records)
	defer stopRecords()
	e, isEntry := nextEntry()
	r, isRecord := nextRecord()
	for isEntry || isRecord {
		s := step{logEnded: !isEntry, journalEnded: !isRecord}
		if isEntry && (!isRecord || e.Index <= r.Index) {
			s.index, s.entry = e.Index, &e
		}
		if isRecord && (!isEntry || r.Index <= e.Index) {
			s.index, s.record = r.Index, &r
		}
		s.skipped = isEntry && e.Restart
		if err := do(s); err != nil {
			return err
		}
		if s.entry != nil {
			e, isEntry = nextEntry()
		}
		if s.record != nil {
			r, isRecord = nextRecord()
		}
	}
	return nil
}

func (w *walk) entries(yield func(replica.Entry) bool) {
	w.found, w.logErr = replica.ReadLog(w.fs, w.dir, func(e replica.Entry) error {
		if !yield(e) {
			return errStopped
		}
		return nil
	})
}

// records verifies the journal. Where its checkpoints are damaged, or tell of other events, the rest is verified all the
// same, without them.
func (w *walk) records(yield func(journal.Record) bool) {
	shown := uint64(0) // index of the last record
	o := w.verify
	o.Each = func(r journal.Record) error {
		if r.Index <= shown {
			return nil
		}
		shown = r.Index
		if !yield(r) {
			return errStopped
		}
		return nil
	}
	dir := replica.JournalDir(w.dir)
	w.report, w.journalErr = journal.Verify(w.fs, dir, o)
	w.checkpoints = w.report.Checkpoints
	var damage *journal.Corruption
	if errors.As(w.journalErr, &damage) && damage.File == filepath.Join(dir, checkpointsName) {
		w.checkpointsErr = damage
		w.report, w.journalErr = journal.Verify(without{w.fs, damage.File}, dir, o)
	}
}

// checkpointsName is the file of a journal's checkpoints.
const checkpointsName = "checkpoints"

// without is a file system in which one file is not to be seen.
type without struct {
	vfs.FS
	name string
}

func (w without) Open(name string) (vfs.File, error) {
	if name == w.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return w.FS.Open(name)
}

// lastSigned returns how many events the journal's checkpoints are about, 0 where there are none. Their signatures are
// not looked at. A text is: origin, number of events, root, an empty line, signatures, an empty line.
func (w *walk) lastSigned() (last uint64) {
	content, err := vfs.ReadFile(w.fs, filepath.Join(replica.JournalDir(w.dir), checkpointsName))
	if err != nil {
		return 0
	}
	for part := range strings.SplitSeq(string(content), "\n\n") {
		if lines := strings.Split(part, "\n"); len(lines) == 3 {
			n, _ := strconv.ParseUint(lines[1], 10, 64) // signatures are no numbers
			last = max(last, n)
		}
	}
	return last
}
