package audit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/wal"
)

// What is checked, in the order of a report.
const (
	CheckLog         = "log"
	CheckJournal     = "journal"
	CheckIndexes     = "indexes"
	CheckCheckpoints = "checkpoints"
	CheckSnapshots   = "snapshots"
	CheckReplay      = "log = journal"
	CheckFold        = "journal = state"
	CheckInvariants  = "invariants"
)

// Results of a check.
const (
	Sound     = "ok"
	Damaged   = "damaged"
	Unchecked = "unchecked" // there is nothing to check, or other damage is in the way
)

// Check is what became of one check.
type Check struct {
	Name   string `json:"name"`
	Result string `json:"result"`
	Detail string `json:"detail"` // what was read, or why nothing was
}

// Finding is one thing that is wrong. What does not apply is zero.
type Finding struct {
	Check   string `json:"check"`
	File    string `json:"file,omitzero"`
	Byte    int64  `json:"byte,omitzero"` // of File, where the damaged part begins
	Seq     uint64 `json:"event,omitzero"`
	Account uint32 `json:"account,omitzero"`
	Market  uint32 `json:"market,omitzero"`
	Order   uint64 `json:"order,omitzero,string"`
	What    string `json:"what"`
}

func (f *Finding) String() string {
	var parts []string
	if f.File != "" {
		parts = append(parts, fmt.Sprintf("%s at byte %d", f.File, f.Byte))
	}
	for _, p := range []struct {
		name string
		id   uint64
	}{{"event", f.Seq}, {"account", uint64(f.Account)}, {"market", uint64(f.Market)}, {"order", f.Order}} {
		if p.id != 0 {
			parts = append(parts, fmt.Sprintf("%s %d", p.name, p.id))
		}
	}
	if parts == nil {
		return f.What
	}
	return strings.Join(parts, ", ") + ": " + f.What
}

// Report is what Verify found.
type Report struct {
	Checks []Check   `json:"checks"`
	Damage []Finding `json:"damage"`
	Notes  []string  `json:"notes"` // what is worth knowing and no damage, such as what a crash left behind

	Entries     int    `json:"entries"`  // of the log, from where the replay began
	Commands    int    `json:"commands"` // in them
	Records     int64  `json:"records"`  // of the journal
	Events      int64  `json:"events"`
	Segments    int    `json:"segments"`
	Checkpoints int    `json:"checkpoints"`
	Snapshots   int    `json:"snapshots"`
	LastIndex   uint64 `json:"last_index"` // of the log
	LastSeq     uint64 `json:"last_seq"`   // of the journal
	Chain       string `json:"chain"`      // hash of the journal's last record, hexadecimal
	Root        string `json:"root"`       // head of the journal's hash tree, base64
}

// Clean reports whether nothing is wrong.
func (r *Report) Clean() bool { return len(r.Damage) == 0 }

// mostFindings bounds how many are listed of each check.
const mostFindings = 20

func (r *Report) find(f Finding) {
	if r.found(f.Check) < mostFindings {
		r.Damage = append(r.Damage, f)
	}
}

func (r *Report) found(check string) (n int) {
	for i := range r.Damage {
		if r.Damage[i].Check == check {
			n++
		}
	}
	return n
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// conclude adds a check: damaged if something was found, otherwise as result says.
func (r *Report) conclude(name, result, format string, args ...any) {
	if r.found(name) > 0 {
		result = Damaged
	}
	r.Checks = append(r.Checks, Check{name, result, fmt.Sprintf(format, args...)})
}

// damageOf turns an error into a finding; ok is false if it does not speak of damage.
func damageOf(check string, err error) (f Finding, ok bool) {
	var inLog *wal.CorruptionError
	var gap *replica.LogGap
	var inJournal *journal.Corruption
	var inSnapshot *replica.CorruptSnapshot
	var inconsistent *projection.InconsistencyError
	switch {
	case errors.As(err, &inLog):
		return Finding{Check: check, File: inLog.File, Byte: inLog.Offset, What: inLog.Reason}, true
	case errors.As(err, &gap):
		return Finding{Check: check, What: gap.Error()}, true
	case errors.As(err, &inJournal):
		return Finding{Check: check, File: inJournal.File, Byte: inJournal.Byte, Seq: inJournal.Seq, What: inJournal.What}, true
	case errors.As(err, &inSnapshot):
		return Finding{Check: check, File: inSnapshot.File, Byte: inSnapshot.Offset, What: inSnapshot.Reason}, true
	case errors.As(err, &inconsistent):
		e := inconsistent
		return Finding{Check: check, Seq: uint64(e.Seq), Account: uint32(e.Account), Market: uint32(e.Market),
			Order: uint64(e.Order), What: e.What}, true
	}
	return Finding{}, false
}

// changeFound describes an event that is not what the log gives.
func changeFound(c *Change) Finding {
	f := Finding{Check: CheckReplay}
	e := c.Recorded
	switch {
	case c.Replayed == nil:
		f.What = "the log does not give it: " + e.String()
	case c.Recorded == nil:
		e = c.Replayed
		f.What = "the log gives it and the journal does not have it there: " + e.String()
	default:
		var parts []string
		for _, d := range c.Differing() {
			parts = append(parts, fmt.Sprintf("%s is %s, and by the log %s", d.Name, d.Recorded, d.Replayed))
		}
		f.What = e.Kind + ": " + strings.Join(parts, "; ")
	}
	number := func(field string) uint64 {
		n, _ := strconv.ParseUint(e.value(field), 10, 64) // 0 where the event has no such field
		return n
	}
	f.Seq, f.Account, f.Market, f.Order = e.Seq, uint32(number("account")), uint32(number("market")), number("order")
	return f
}
