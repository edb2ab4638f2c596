package audit

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
)

func (v *verification) concludeLog() error {
	err := v.walk.logErr
	if f, ok := damageOf(CheckLog, err); ok {
		v.report.find(f)
	} else if errors.Is(err, fs.ErrNotExist) {
		v.report.find(Finding{Check: CheckLog, File: filepath.Join(v.dir, "wal"), What: "the log is missing"})
	} else if err != nil {
		return err
	}
	if !v.begun && v.walk.logErr == nil && v.fold.Seq() > 0 {
		v.report.find(Finding{Check: CheckLog, File: filepath.Join(v.dir, "wal"), What: "the log is empty"})
	}
	if n := v.walk.found.TornBytes; n > 0 {
		at := v.walk.found.TornAt
		v.report.note("the log ends with a batch that a crash kept from being written, %d bytes at byte %d of segment %d: it was never "+
			"acknowledged, and the next start removes it", n, at.Offset(), at.Segment())
	}
	if v.undecided > 0 {
		v.report.note("nothing says yet that %s of the log %s committed; the next start decides", count(v.undecided, "entry at the end", "entries at the end"), isOrAre(v.undecided))
	}
	v.report.Entries, v.report.Commands, v.report.LastIndex = v.entries, v.machine.commands, v.last
	v.report.conclude(CheckLog, Sound, "%s up to %d", count(v.entries, "entry", "entries"), v.last)
	return nil
}

func (v *verification) concludeJournal() error {
	r, err := &v.walk.report, v.walk.journalErr
	if f, ok := damageOf(CheckCheckpoints, v.walk.checkpointsErr); ok {
		v.report.find(f)
	}
	if f, ok := damageOf(CheckJournal, err); ok && v.fromCrash(&f) {
		v.report.note("%s; a crash can leave that, and the next start derives the events again", f.String())
		v.mended = true
	} else if ok {
		v.report.find(f)
	} else if errors.Is(err, fs.ErrNotExist) {
		v.report.find(Finding{Check: CheckJournal, File: replica.JournalDir(v.dir), What: "the journal is missing"})
	} else if err != nil {
		return err
	}
	if n := len(v.snapshots); n > 0 && err == nil && r.Last.Seq < uint64(v.snapshots[n-1].Seq) {
		v.report.find(Finding{Check: CheckJournal, File: replica.JournalDir(v.dir), Seq: r.Last.Seq + 1,
			What: fmt.Sprintf("the journal ends before it, and had everything up to %d when %s was written", v.snapshots[n-1].Seq, v.snapshots[n-1].File)})
	}
	for _, p := range r.Problems {
		v.problem(p)
	}
	v.report.Records, v.report.Events, v.report.Segments, v.report.Checkpoints = r.Records, r.Events, r.Segments, v.walk.checkpoints
	v.report.LastSeq, v.report.Chain, v.report.Root = r.Last.Seq, hex.EncodeToString(r.Last.Chain[:]), r.Root.String()
	v.report.conclude(CheckJournal, Sound, "%s in %s and %s, chain %s…", count(r.Events, "event", "events"),
		count(r.Records, "record", "records"), count(r.Segments, "segment", "segments"), v.report.Chain[:16])
	v.report.conclude(CheckIndexes, v.unless(v.journalDamaged()), "of %s", count(v.sealedSegments(), "sealed segment", "sealed segments"))
	v.concludeCheckpoints()
	return nil
}

// fromCrash reports whether damage of the journal can be what a crash left: it is in a segment that was not sealed, and
// nothing shows that the events were durable.
func (v *verification) fromCrash(f *Finding) bool {
	unsealed := !strings.Contains(filepath.Base(f.File), "-")
	durable := v.walk.lastSigned()
	if n := len(v.snapshots); n > 0 {
		durable = max(durable, uint64(v.snapshots[n-1].Seq))
	}
	return unsealed && v.walk.logErr == nil && f.Seq > durable
}

// problem sorts what the next start mends into damage and what a crash leaves behind.
func (v *verification) problem(p *journal.Corruption) {
	_, err := v.o.FS.Stat(p.File)
	if strings.HasSuffix(p.File, ".index") && err == nil {
		v.report.find(Finding{Check: CheckIndexes, File: p.File, Byte: p.Byte, Seq: p.Seq, What: p.What + ": remove it, and the next start builds it again"})
		return
	}
	v.report.note("%s at byte %d: %s; the next start mends it", p.File, p.Byte, p.What)
}

// journalDamaged reports whether the journal could not be read to its end, or to where a crash cut it.
func (v *verification) journalDamaged() bool { return v.walk.journalErr != nil && !v.mended }

// unless is the result of a check in which nothing was found: unchecked if something was in the way of a whole check.
func (v *verification) unless(hindered bool) string {
	if hindered {
		return Unchecked
	}
	return Sound
}

func (v *verification) sealedSegments() (n int) {
	entries, err := v.o.FS.ReadDir(replica.JournalDir(v.dir))
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".journal") && strings.Contains(e.Name(), "-") {
			n++
		}
	}
	return n
}

func (v *verification) concludeCheckpoints() {
	hindered := v.journalDamaged()
	switch n := v.report.Checkpoints; {
	case n == 0 && !hindered:
		v.report.conclude(CheckCheckpoints, Unchecked, "there are none: nothing shows that the events are those of the past")
	case v.o.Verifier == nil:
		v.report.conclude(CheckCheckpoints, Unchecked, "%s; no public key to check signatures with", count(n, "fits the events", "fit the events"))
	case hindered:
		v.report.conclude(CheckCheckpoints, Unchecked, "%s before the damage, signed by %s", count(n, "fits the events", "fit the events"), v.o.Verifier.Name())
	default:
		v.report.conclude(CheckCheckpoints, Sound, "%d, signed by %s", n, v.o.Verifier.Name())
	}
}

// concludeContents says what became of the checks that need log and journal together.
func (v *verification) concludeContents() {
	r := v.report
	r.Snapshots = len(v.snapshots)
	r.conclude(CheckSnapshots, Sound, "%d", len(v.snapshots))
	if v.missing > 0 && !v.journalDamaged() {
		r.note("the log gives %s that the journal does not have yet; the next start appends them", count(int(v.missing), "event", "events"))
	}
	v.concludeReplay()
	v.concludeFold()
}

func (v *verification) concludeReplay() {
	r, m := v.report, &v.machine
	switch {
	case m.err != nil && m.index == 0: // it could not begin
		r.conclude(CheckReplay, Unchecked, "%v", m.err)
	case m.err != nil:
		r.find(Finding{Check: CheckReplay, What: "the state machine stopped: " + m.err.Error()})
		r.conclude(CheckReplay, Damaged, "up to entry %d", m.index)
	case !v.begun:
		r.conclude(CheckReplay, Unchecked, "the log holds nothing that could be replayed")
	default:
		hindered := v.journalDamaged() || v.walk.logErr != nil
		r.conclude(CheckReplay, v.unless(hindered), "%s: %s alike, %d not", count(m.commands, "command", "commands"),
			count(v.compared, "record", "records"), v.differing)
	}
}

func (v *verification) concludeFold() {
	r, upTo := v.report, v.fold.Seq()
	if v.foldErr != nil {
		r.conclude(CheckFold, Damaged, "believable up to event %d", upTo)
		r.conclude(CheckInvariants, Unchecked, "the events could not be folded")
		return
	}
	hindered := v.journalDamaged() || v.states == 0 && upTo > 0
	r.conclude(CheckFold, v.unless(hindered), "%s, up to event %d", count(v.states, "state compared", "states compared"), upTo)
	t := v.fold.Totals()
	r.conclude(CheckInvariants, v.unless(v.journalDamaged()), "%s, %s, %s, %v of money", count(int(t.Accounts), "account", "accounts"),
		count(int(t.Markets), "market", "markets"), count(int(t.OpenOrders), "open order", "open orders"), t.World)
}

// count writes a number of things.
func count[T int | int64](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
