package audit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
)

// ReplayOptions say what is replayed.
type ReplayOptions struct {
	Options
	FromSnapshot bool // begin with the newest snapshot instead of the first entry
	Limit        int  // of differing entries that are described; 0: none
}

// Replay is what came out of running a recorded log through the state machine of this program.
type Replay struct {
	Snapshot  string `json:"snapshot,omitzero"` // that it began with; empty: it began with the first entry
	Entries   int    `json:"entries"`
	Commands  int    `json:"commands"`
	Events    uint64 `json:"events"`     // replayed
	Unwritten uint64 `json:"unwritten"`  // of these, events that the journal does not have yet
	LastIndex uint64 `json:"last_index"` // of the last entry replayed

	Differing   int              `json:"differing"` // entries
	Differences []Difference     `json:"differences"`
	Kinds       map[string]Tally `json:"kinds"` // of the events that differ

	Balances []Balance `json:"balances"`         // that would differ
	State    []string  `json:"state"`            // what else would: recorded first, then replayed
	Stopped  string    `json:"stopped,omitzero"` // why the state machine could not go on
}

// Same reports whether nothing came out differently.
func (r *Replay) Same() bool {
	return r.Differing == 0 && len(r.Balances) == 0 && len(r.State) == 0 && r.Stopped == ""
}

// Difference is a log entry that came out differently.
type Difference struct {
	Index   uint64        `json:"index"`
	Time    exchange.Time `json:"time"` // log time, ns
	Changes []Change      `json:"changes"`
}

// Tally counts the events of a kind that differ.
type Tally struct {
	Changed  int `json:"changed"`
	Recorded int `json:"only_recorded"`
	Replayed int `json:"only_replayed"`
}

// Balance is an account that would have other money.
type Balance struct {
	Account  exchange.AccountID `json:"account"`
	Name     string             `json:"name"`
	Recorded Money              `json:"recorded"`
	Replayed Money              `json:"replayed"`
}

// Money is what an account has and owes, as decimals in JSON.
type Money struct{ Cash, Held, Owed exchange.Money }

// MarshalJSON implements json.Marshaler.
func (m Money) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"cash":"%v","held":"%v","owed":"%v"}`, m.Cash, m.Held, m.Owed), nil
}

// ReplayLog replays the log of a shard's directory. Differences are in the result; an error means that it could not be found
// out: somebody uses the directory, or log or journal are damaged, which Verify describes.
func ReplayLog(dir string, o ReplayOptions) (*Replay, error) {
	release, err := o.open(dir)
	if err != nil {
		return nil, err
	}
	r := &replaying{o: o, dir: dir, machine: machine{alter: o.alter}, result: &Replay{Differences: []Difference{}, Kinds: map[string]Tally{}, Balances: []Balance{}, State: []string{}},
		walk: walk{fs: o.FS, dir: dir, verify: journal.VerifyOptions{Progress: o.Progress}}}
	if err := errors.Join(r.run(), release()); err != nil {
		return nil, err
	}
	return r.result, nil
}

type replaying struct {
	o       ReplayOptions
	dir     string
	walk    walk
	machine machine
	fold    *projection.View // of what was recorded
	begun   bool
	result  *Replay
	done    bool // the states were compared
}

func (r *replaying) run() error {
	if err := r.walk.each(r.step); err != nil {
		return err
	}
	for _, err := range []error{r.walk.logErr, r.walk.journalErr} {
		if err != nil {
			return fmt.Errorf("what was recorded cannot be read to its end, see hustings verify: %w", err)
		}
	}
	if r.machine.err != nil && r.machine.index == 0 {
		return r.machine.err
	}
	if err := r.compareStates(); err != nil {
		return err
	}
	if r.machine.err != nil {
		r.result.Stopped = r.machine.err.Error()
	}
	r.result.Entries, r.result.Commands, r.result.LastIndex = r.machine.entries, r.machine.commands, r.machine.index
	return nil
}

func (r *replaying) step(s step) error {
	if s.skipped {
		if s.entry == nil {
			return nil
		}
		return r.begin(s.index + 1)
	}
	if s.entry != nil && !r.begun {
		if err := r.begin(s.index); err != nil {
			return err
		}
	}
	if r.machine.state == nil || s.index <= r.machine.index {
		return nil
	}
	if s.journalEnded {
		if err := r.compareStates(); err != nil || !s.entry.Committed {
			return err
		}
	}
	var replayed journal.Record
	if s.entry != nil {
		var err error
		if replayed, err = r.machine.apply(s.entry); err != nil {
			return nil //nolint:nilerr // the machine keeps it, and what was replayed until then is still told
		}
	}
	r.result.Events += uint64(replayed.Count)
	if s.journalEnded {
		r.result.Unwritten += uint64(replayed.Count)
		return nil
	}
	r.compare(s, &replayed)
	if s.record == nil {
		return nil
	}
	rec := s.record
	if err := r.fold.Apply(exchange.Time(rec.Time), exchange.Seq(rec.FirstSeq), rec.Events, int(rec.Count)); err != nil {
		return fmt.Errorf("what was recorded is not believable, see hustings verify: %w", err)
	}
	return nil
}

func (r *replaying) begin(first uint64) error {
	r.begun = true
	from, err := r.machine.begin(r.o.FS, r.dir, first, r.o.FromSnapshot)
	if err != nil {
		return err
	}
	r.fold = projection.New()
	if from == nil {
		return nil
	}
	r.result.Snapshot = from.File
	r.fold, err = from.View()
	return err
}

// compare notes what differs for one entry.
func (r *replaying) compare(s step, replayed *journal.Record) {
	recorded := s.record
	if recorded == nil {
		recorded = &journal.Record{}
	}
	all := changes(recorded, replayed)
	if len(all) == 0 {
		return
	}
	r.result.Differing++
	for i := range all {
		c := &all[i]
		t := r.result.Kinds[c.Kind()]
		switch {
		case c.Replayed == nil:
			t.Recorded++
		case c.Recorded == nil:
			t.Replayed++
		default:
			t.Changed++
		}
		r.result.Kinds[c.Kind()] = t
	}
	if len(r.result.Differences) < r.o.Limit {
		at := max(recorded.Time, replayed.Time)
		r.result.Differences = append(r.result.Differences, Difference{s.index, exchange.Time(at), all})
	}
}

// compareStates compares the fold of what was recorded with the state that was replayed up to there.
func (r *replaying) compareStates() error {
	if r.done || r.machine.state == nil {
		return nil
	}
	r.done = true
	view, err := r.machine.state.View()
	if err != nil {
		return fmt.Errorf("reading the replayed state: %w", err)
	}
	for id := exchange.AccountID(1); ; id++ {
		a, recorded := r.fold.Account(id)
		b, replayed := view.Account(id)
		if !recorded && !replayed {
			break
		}
		was, is := Money{a.Cash, a.Held, a.Receivable}, Money{b.Cash, b.Held, b.Receivable}
		if was != is {
			name := a.Name
			if !recorded {
				name = b.Name
			}
			r.result.Balances = append(r.result.Balances, Balance{id, name, was, is})
		}
	}
	for _, line := range r.fold.Diff(view) {
		if !isBalance(line) {
			r.result.State = append(r.result.State, line)
		}
	}
	return nil
}

// isBalance reports whether a line of View.Diff is about what Balances has.
func isBalance(line string) bool {
	rest, account := strings.CutPrefix(line, "account ")
	_, field, _ := strings.Cut(rest, ": ")
	for _, name := range []string{"cash ", "held ", "receivable "} {
		if account && strings.HasPrefix(field, name) {
			return true
		}
	}
	return false
}
