package audit

import (
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
)

// Verify checks everything that the directory of a shard holds: each file by itself, that the log gives the journal's
// events, that these are believable and add up, and that log, journal and snapshots agree on the state. What is wrong
// is in the report; an error means that it could not be found out, such as vfs.ErrLocked, ErrNoData or journal.ErrVersion.
func Verify(dir string, o Options) (*Report, error) {
	release, err := o.open(dir)
	if err != nil {
		return nil, err
	}
	v := newVerification(dir, o)
	err = errors.Join(v.run(), release())
	if err != nil {
		return nil, err
	}
	return v.report, nil
}

type verification struct {
	o      Options
	dir    string
	report *Report
	walk   walk

	fold      *projection.View
	foldErr   error
	machine   machine
	begun     bool // the machine was told where the log begins
	entries   int
	last      uint64 // index of the last log entry
	undecided int    // entries of which it is not known whether they count
	missing   uint32 // events that the journal will be given at the next start
	differing int    // entries whose events differ
	compared  int    // records found equal to what the log gives
	states    int    // states compared with the fold

	snapshots []*replica.Snapshot // whole ones, oldest first, without their states
	pending   []*replica.Snapshot // not compared yet
	stateDone bool                // the machine's state was compared at the journal's end
	beyond    bool                // the journal has records that the log does not reach to
	mended    bool                // the next start cuts the end of the journal and derives it again
}

func newVerification(dir string, o Options) *verification {
	options := replica.JournalOptions(0) // it is told from the files
	return &verification{
		o: o, dir: dir, report: &Report{Damage: []Finding{}, Notes: []string{}}, fold: projection.New(), machine: machine{alter: o.alter},
		walk: walk{fs: o.FS, dir: dir, verify: journal.VerifyOptions{Verifier: o.Verifier, Indexer: options.Indexer,
			KeyVersion: options.KeyVersion, Progress: o.Progress}},
	}
}

func (v *verification) run() error {
	if err := v.readSnapshots(); err != nil {
		return err
	}
	if err := v.walk.each(v.step); err != nil {
		return err
	}
	if err := v.compareSnapshots(^uint64(0)); err != nil {
		return err
	}
	if !v.stateDone {
		if err := v.compareState(); err != nil {
			return err
		}
	}
	if v.foldErr == nil {
		v.check()
	}
	for _, conclude := range []func() error{v.concludeLog, v.concludeJournal} {
		if err := conclude(); err != nil {
			return err
		}
	}
	v.concludeContents()
	return nil
}

// step takes in one log index.
func (v *verification) step(s step) error {
	if err := v.compareSnapshots(s.index); err != nil {
		return err
	}
	if s.entry != nil {
		if err := v.beginAt(s.index); err != nil {
			return err
		}
		v.entries++
		v.last = s.index
		if s.journalEnded && !v.stateDone {
			if err := v.compareState(); err != nil {
				return err
			}
		}
		if s.journalEnded && !s.entry.Committed {
			v.undecided++
			return nil
		}
	}
	if s.skipped && s.entry != nil {
		v.report.note("the log goes on after entry %d from another replica's snapshot", s.index)
		if err := v.machine.restart(s.entry); err != nil {
			return err
		}
	} else if !s.skipped {
		v.replay(s)
	}
	if s.record != nil {
		v.foldRecord(s.record)
	}
	return nil
}

func (v *verification) beginAt(first uint64) error {
	if v.begun {
		return nil
	}
	v.begun = true
	from, err := v.machine.begin(v.o.FS, v.dir, first, false)
	if from != nil {
		v.report.note("the log begins with entry %d, so it is replayed from %s", first, from.File)
	}
	return err
}

// replay compares what the log gives at an index with what the journal has there.
func (v *verification) replay(s step) {
	if v.machine.state == nil || s.index <= v.machine.index {
		return
	}
	var derived journal.Record
	if s.entry != nil {
		var err error
		if derived, err = v.machine.apply(s.entry); err != nil {
			return
		}
	}
	switch {
	case s.journalEnded:
		v.missing += derived.Count
		return
	case s.logEnded:
		v.beyondLog(s.record)
		return
	}
	recorded := s.record
	if recorded == nil {
		recorded = &journal.Record{}
	}
	if recorded.Count == 0 && derived.Count == 0 {
		return
	}
	if all := changes(recorded, &derived); len(all) > 0 {
		v.differing++
		for i := range all {
			v.report.find(changeFound(&all[i]))
		}
		return
	}
	if recorded.Time != derived.Time || recorded.FirstSeq != derived.FirstSeq {
		v.differing++
		v.report.find(Finding{Check: CheckReplay, Seq: recorded.FirstSeq, What: fmt.Sprintf("its record has log time %d, and by the log event %d with log time %d",
			recorded.Time, derived.FirstSeq, derived.Time)})
		return
	}
	v.compared++
}

// beyondLog takes in a record of the journal that the log does not reach to.
func (v *verification) beyondLog(r *journal.Record) {
	if v.walk.logErr == nil && !v.beyond {
		v.report.find(Finding{Check: CheckReplay, Seq: r.FirstSeq,
			What: fmt.Sprintf("it is of log entry %d, and the log ends with entry %d", r.Index, v.last)})
	}
	v.beyond = true
}

func (v *verification) foldRecord(r *journal.Record) {
	if v.foldErr != nil {
		return
	}
	v.foldErr = v.fold.Apply(exchange.Time(r.Time), exchange.Seq(r.FirstSeq), r.Events, int(r.Count))
	if v.foldErr == nil {
		return
	}
	f, ok := damageOf(CheckFold, v.foldErr)
	if !ok {
		f = Finding{Check: CheckFold, Seq: r.FirstSeq, What: v.foldErr.Error()}
	}
	v.report.find(f)
}

// check audits the sums of the fold as it is.
func (v *verification) check() {
	if err := v.fold.Check(); err != nil {
		f, ok := damageOf(CheckInvariants, err)
		if !ok {
			f = Finding{Check: CheckInvariants, What: err.Error()}
		}
		if f.Seq == 0 {
			f.Seq = uint64(v.fold.Seq())
		}
		v.report.find(f)
	}
}

// compareState compares the fold of the journal with the state that the log gives, once both have come to its end.
func (v *verification) compareState() error {
	v.stateDone = true
	reached := v.foldErr == nil && v.machine.state != nil && v.machine.state.Seq() == v.fold.Seq()
	if !reached {
		return nil
	}
	view, err := v.machine.state.View()
	if err != nil {
		return fmt.Errorf("reading the state after entry %d: %w", v.machine.index, err)
	}
	v.states++
	for _, line := range v.fold.Diff(view) {
		v.report.find(Finding{Check: CheckFold, Seq: uint64(v.fold.Seq()), What: line + " (by the events first, then by the log)"})
	}
	return nil
}
