package audit

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/hustings/hustings/exchange/projection"
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
		v.report.note("the last %d entries of the log are not known to be committed; the next start decides", v.undecided)
	}
	v.report.Entries, v.report.Commands, v.report.LastIndex = v.entries, v.machine.commands, v.last
	v.report.conclude(CheckLog, Sound, "%d entries up to %d", v.entries, v.last)
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
	v.report.conclude(CheckJournal, Sound, "%d events in %d records and %d segments, chain %s…", r.Events, r.Records, r.Segments, v.report.Chain[:16])
	v.report.conclude(CheckIndexes, Sound, "of the segments that are sealed")
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

func (v *verification) concludeCheckpoints() {
	switch n := v.report.Checkpoints; {
	case n == 0:
		v.report.conclude(CheckCheckpoints, Unchecked, "there are none: nothing shows that the events are those of the past")
	case v.o.Verifier == nil:
		v.report.conclude(CheckCheckpoints, Unchecked, "%d fit the events; their signatures were not checked, for want of a public key", n)
	default:
		v.report.conclude(CheckCheckpoints, Sound, "%d, signed by %s", n, v.o.Verifier.Name())
	}
}

// concludeContents says what became of the checks that need log and journal together.
func (v *verification) concludeContents() {
	r := v.report
	r.Snapshots = len(v.snapshots)
	r.conclude(CheckSnapshots, Sound, "%d", len(v.snapshots))
	switch {
	case v.machine.err != nil:
		if v.machine.index > 0 {
			r.find(Finding{Check: CheckReplay, What: "the state machine stopped: " + v.machine.err.Error()})
		}
		r.conclude(CheckReplay, Unchecked, "%v", v.machine.err)
	case !v.begun:
		r.conclude(CheckReplay, Unchecked, "the log holds nothing that could be replayed")
	default:
		r.conclude(CheckReplay, Sound, "%d commands give the same events in %d records; %d records differ", v.machine.commands, v.compared, v.differing)
	}
	if v.missing > 0 && (v.walk.journalErr == nil || v.mended) {
		r.note("the log gives %d events that the journal does not have yet; the next start appends them", v.missing)
	}
	switch {
	case v.foldErr != nil:
		r.conclude(CheckFold, Damaged, "believable up to event %d", v.fold.Seq())
		r.conclude(CheckInvariants, Unchecked, "the events could not be folded")
	case v.states == 0:
		r.conclude(CheckFold, Unchecked, "there is no state to compare with; the events are believable up to %d", v.fold.Seq())
		r.conclude(CheckInvariants, Sound, "after event %d", v.fold.Seq())
	default:
		r.conclude(CheckFold, Sound, "%d states, the last after event %d", v.states, v.fold.Seq())
		r.conclude(CheckInvariants, Sound, "after event %d: %s", v.fold.Seq(), sums(v.fold.Totals()))
	}
}

func sums(t projection.Totals) string {
	return fmt.Sprintf("%d accounts, %d markets, %d open orders, %v of money", t.Accounts, t.Markets, t.OpenOrders, t.World)
}
