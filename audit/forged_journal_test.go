package audit

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// rewrite replaces the journal by one whose records were changed, with checksums, chain and indexes as they should be.
func rewrite(t testing.TB, fsys vfs.FS, change func(r *journal.Record)) {
	t.Helper()
	var records []journal.Record
	_, err := journal.Verify(fsys, replica.JournalDir(dir), journal.VerifyOptions{Each: func(r journal.Record) error {
		r.Events = bytes.Clone(r.Events)
		records = append(records, r)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files(t, fsys, "journal", "") {
		if filepath.Base(name) != checkpointsName {
			if err := fsys.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := replica.JournalOptions(exchange.HomeShard)
	o.SegmentBytes = 1 << 14
	const elsewhere = "/rewritten"
	j, _, err := journal.Open(fsys, elsewhere, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		change(&records[i])
		if err := j.Append(records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := fsys.ReadDir(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		put(t, fsys, filepath.Join(replica.JournalDir(dir), e.Name()), get(t, fsys, filepath.Join(elsewhere, e.Name())))
	}
}

// deposit returns a change of what the journal says of an account's deposit.
func deposit(account exchange.AccountID, by exchange.Money) func(*journal.Record) {
	return func(r *journal.Record) {
		var d wire.Decoder
		var events []byte
		for _, frame := range r.All() {
			event, err := d.Event(frame)
			if e, ok := event.(*exchange.FundsDeposited); ok && err == nil && e.Account == account {
				e.Amount += by
				e.Cash += by
				frame = wire.AppendEvent(nil, e)
			}
			events = append(events, frame...)
		}
		r.Events = events
	}
}

func TestRewrittenJournalIsFoundByCheckpointLogAndFold(t *testing.T) {
	fsys := fixture(t)
	rewrite(t, fsys, deposit(3, 1_000_000))
	r := verify(t, fsys)
	if r.result(CheckJournal) != Sound {
		t.Errorf("the journal by itself is %s: its chain should hold", r.result(CheckJournal))
	}
	if f := r.one(t, CheckCheckpoints); !strings.Contains(f.What, "not those that were signed") {
		t.Errorf("checkpoint: %v", f.String())
	}
	f := r.one(t, CheckReplay)
	if f.Seq != 8 || f.Account != 3 || !strings.Contains(f.What, "amount is 1000100.0000, and by the log 1000000.0000") {
		t.Errorf("log: %v", f.String())
	}
	if f := r.one(t, CheckFold); f.Account != 3 || f.Seq <= 8 || !strings.Contains(f.What, "cash") {
		t.Errorf("fold: %v", f.String())
	}
}

// An event that contradicts no other.
func TestInventedEventsAreFoundByTheLog(t *testing.T) {
	fsys := fixture(t)
	last := verify(t, fsys).LastSeq
	rewrite(t, fsys, func(r *journal.Record) {
		if r.LastSeq() == last {
			r.Events = append(r.Events, wire.AppendEvent(nil, &exchange.PasswordSet{Account: 2, PasswordHash: "mine"})...)
			r.Count++
		}
	})
	r := verify(t, fsys)
	f := r.one(t, CheckReplay)
	if f.Seq != last+1 || f.Account != 2 || !strings.Contains(f.What, "the log does not give it: PasswordSet") {
		t.Errorf("found %v", f.String())
	}
	if strings.Contains(f.What, "mine") {
		t.Error("a password hash is printed")
	}
}

// Whoever cuts the journal back loses against the checkpoint; whoever removes that as well, against nobody: the log
// gives the events again.
func TestJournalThatWasCutBack(t *testing.T) {
	fsys := fixture(t)
	names := files(t, fsys, "journal", ".journal")
	for _, name := range names[len(names)-2:] {
		if err := fsys.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	r := verify(t, fsys)
	if f := r.one(t, CheckCheckpoints); !strings.Contains(f.What, "were signed and the journal ends with") {
		t.Errorf("found %v", f.String())
	}
}
