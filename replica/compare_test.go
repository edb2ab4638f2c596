package replica

import (
	"bytes"
	"errors"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
)

// What recovery executes again is compared with the journal, event by event: one that is another there stops the replica, which
// names it.
func TestReplayIsComparedWithTheJournal(t *testing.T) {
	fsys := vfs.NewMem()
	config := testConfig(fsys)
	r := open(t, config)
	found(t, r, 2)
	var end exchange.Seq
	for n := range 6 {
		end = submit(t, r, order(n%2, n))[0].Seq
	}
	if err := r.View().WaitSeq(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	var last journal.Record
	for all := r.Journal().Subscribe(1); all.Seq() <= uint64(end); {
		rec, _, err := all.Poll()
		if err != nil {
			t.Fatal(err)
		}
		last, last.Events = rec, bytes.Clone(rec.Events)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	options := JournalOptions(exchange.HomeShard)
	if _, err := journal.Cut(fsys, JournalDir(config.Dir), options, last.Index-1, ".cut"); err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(fsys, JournalDir(config.Dir), options)
	if err != nil {
		t.Fatal(err)
	}
	last.Events[len(last.Events)-1] ^= 1
	if err := errors.Join(j.Append(last), j.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = Open(config)
	if other := (*journal.Divergence)(nil); !errors.As(err, &other) || other.Seq != last.LastSeq() {
		t.Errorf("a journal with another event %d: %v", last.LastSeq(), err)
	}
}
