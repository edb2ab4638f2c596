package replica

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// mostEvents bounds what one log entry may do beside its commands: the state machine does so many steps a batch, of two
// events at most.
const mostEvents = 2*1024 + 100

// submitAll sends many commands, in entries that are as large as may be, and expects that they are accepted.
func submitAll(t *testing.T, r *Replica, cmds []exchange.Command) []exchange.Reply {
	t.Helper()
	var all []exchange.Reply
	for len(cmds) > 0 {
		some := cmds[:min(len(cmds), 2000)]
		cmds = cmds[len(some):]
		all = append(all, submit(t, r, some...)...)
	}
	for i, reply := range all {
		if reply.Code != exchange.Accepted {
			t.Fatalf("command %d was refused: %v", i, reply.Code)
		}
	}
	return all
}

// largeConfig has room for entries of any size, and keeps the whole log.
func largeConfig(fsys vfs.FS) Config {
	c := testConfig(fsys)
	c.WALSegment, c.JournalSegment, c.SnapshotEvery = 8<<20, 8<<20, 1<<30
	return c
}

// busyMarket is where others trade meanwhile.
const busyMarket exchange.MarketID = 1

// meanwhile has an account trade in the busy market, one order after the other, until the function that it returns is
// called for the answers.
func meanwhile(r *Replica, t *testing.T, account exchange.AccountID) (answers func() []exchange.Reply) {
	stop, done := make(chan struct{}), make(chan []exchange.Reply)
	go func() {
		var replies []exchange.Reply
		for n := 0; ; n++ {
			select {
			case <-stop:
				done <- replies
				return
			default:
			}
			var reply [1]exchange.Reply
			o := &exchange.PlaceOrder{Account: account, Market: busyMarket, Side: exchange.Side(n & 1), Price: 5000, Quantity: 1}
			if err := r.Submit(context.Background(), encode(t, o), 1, reply[:]); err != nil {
				t.Error(err)
			}
			replies = append(replies, reply[0])
		}
	}()
	return func() []exchange.Reply {
		close(stop)
		return <-done
	}
}

// answeredBetween counts the answers that were given between two events.
func answeredBetween(replies []exchange.Reply, first, last exchange.Seq) (n int) {
	for _, reply := range replies {
		if reply.Seq > first && reply.Seq < last {
			n++
		}
	}
	return n
}

// boundedRecords checks that no record of the journal from a Seq on has more events than an entry may cause.
func boundedRecords(t *testing.T, fsys vfs.FS, from exchange.Seq) {
	t.Helper()
	largest := uint32(0)
	if _, err := verifyJournal(fsys, func(rec journal.Record) error {
		if rec.FirstSeq >= uint64(from) {
			largest = max(largest, rec.Count)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if largest > mostEvents || largest < 100 {
		t.Errorf("the largest entry had %d events, at most %d may be", largest, mostEvents)
	}
}

// wantOnce checks that so many things happened, each once.
func wantOnce[K comparable](t *testing.T, each map[K]int, want int) {
	t.Helper()
	for what, n := range each {
		if n != 1 {
			t.Errorf("%v happened %d times", what, n)
		}
	}
	if len(each) != want {
		t.Errorf("%d things happened, want %d", len(each), want)
	}
}

// eventually waits for something that the replica does by itself.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	within(t, what, func() {
		for !is() {
			time.Sleep(time.Millisecond)
		}
	})
}

// cutWithin makes the disk that a power cut would have left in the middle of the events of a kind, from a disk on which the
// replica came to the end of them: the log up to there, and everything else as it was durable before they began.
func cutWithin(t *testing.T, before, after *vfs.Mem, kind exchange.EventKind) *vfs.Mem {
	t.Helper()
	var first, last uint64
	if _, err := verifyJournal(after, func(rec journal.Record) error {
		for _, frame := range rec.All() {
			if wire.EventKind(frame) == kind {
				first, last = min(first-1, rec.Index-1)+1, rec.Index
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if last < first+4 {
		t.Fatalf("it went on from entry %d to entry %d only", first, last)
	}
	cut := placeOf(t, after, (first+last)/2)
	for _, name := range list(t, after, "data/wal") {
		content, err := vfs.ReadFile(after, name)
		if err != nil {
			t.Fatal(err)
		}
		var number uint32
		if _, err := fmt.Sscanf(filepath.Base(name), "%d.wal", &number); err != nil {
			t.Fatal(err)
		}
		if number > cut.Segment() {
			break
		}
		if number == cut.Segment() {
			clear(content[cut.Offset():])
		}
		if err := vfs.WriteFile(before, name, content); err != nil {
			t.Fatal(err)
		}
	}
	return before
}

// placeOf returns where the batch with an entry begins in the log of a replica that is shut.
func placeOf(t *testing.T, disk *vfs.Mem, index uint64) (place wal.Position) {
	t.Helper()
	if _, err := wal.Read(disk, "data/wal", func(at wal.Position, rec wal.Record) error {
		e, err := readEntry(rec.Payload)
		if rec.Type == recordEntry && e.index == index {
			place = at
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if place == 0 {
		t.Fatalf("the log has no entry %d", index)
	}
	return place
}
