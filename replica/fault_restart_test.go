package replica

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// TestReadyReadsWhatWasAcknowledged: once a replica is ready, reads see what was acknowledged in its last life, although
// the log did not yet say that it was committed.
func TestReadyReadsWhatWasAcknowledged(t *testing.T) {
	for range 20 {
		disk := vfs.NewMem()
		r := open(t, testConfig(disk))
		found(t, r, 2)
		last := submit(t, r, order(0, 1))[0]
		left := disk.Crash()
		shut(t, r)
		slow := &vfs.Rule{On: vfs.OpSync, Path: "*.wal", Skip: 1, Before: func() { time.Sleep(5 * time.Millisecond) }}
		r = open(t, testConfig(vfs.NewFaulty(left, slow)))
		if got := r.View().Seq(); got < last.Seq {
			t.Errorf("a replica that is ready has read up to event %d, event %d was acknowledged", got, last.Seq)
		}
		shut(t, r)
		if slow.Fired() == 0 {
			t.Fatal("no sync was slow")
		}
	}
}

// TestNobodyWaitsForEver: a command on its way from the queue to the log is answered when the replica fails just then.
func TestNobodyWaitsForEver(t *testing.T) {
	var r *Replica
	cause, once := errors.New("no more"), sync.Once{}
	var armed atomic.Bool
	config := testConfig(vfs.NewMem())
	config.Observe = func(s Stage, _ time.Duration) {
		if armed.Load() && s == StageQueue {
			once.Do(func() { r.fail(cause) })
		}
	}
	r = open(t, config)
	found(t, r, 2)
	armed.Store(true)
	within(t, "an answer", func() {
		if err := r.Submit(t.Context(), encode(t, order(0, 1)), 1, make([]exchange.Reply, 1)); !errors.Is(err, cause) {
			t.Errorf("the command was answered with %v", err)
		}
	})
	within(t, "an answer to nothing", func() {
		if err := r.Submit(t.Context(), nil, 0, nil); err != nil {
			t.Errorf("nothing was answered with %v", err)
		}
	})
	within(t, "the replica to close", func() {
		if err := r.Close(); !errors.Is(err, cause) {
			t.Errorf("closing says %v", err)
		}
	})
}

// TestTwoGoodSnapshots: a damaged snapshot does not count among the two that are kept, so that the next damaged one does
// no harm either.
func TestTwoGoodSnapshots(t *testing.T) {
	disk, c := vfs.NewMem(), newCrowd(2, 21)
	config := testConfig(disk)
	config.SnapshotEvery, config.WALSegment = 300, 1<<15
	r := open(t, config)
	found(t, r, len(c))
	known := map[string]bool{}
	for round := range 4 {
		for more := max(1, 2-round); more > 0; { // the first time two, so that one is left
			for _, tr := range c {
				if err := tr.trade(t.Context(), t, r); err != nil {
					t.Fatal(err)
				}
			}
			if newest := newestOf(t, disk); newest != "" && !known[newest] {
				known[newest] = true
				more--
			}
		}
		shut(t, r)
		damageNewest(t, disk)
		r = open(t, config)
		if got := r.Recovery(); len(got.Damaged) != 1 || got.Snapshot == 0 {
			t.Fatalf("round %d: recovery found %v damaged and began with snapshot %d", round, got.Damaged, got.Snapshot)
		}
	}
	c.retryAll(t, r)
	examine(t, r, c)
}

// newestOf returns the name of the newest snapshot, "" if there is none.
func newestOf(t *testing.T, disk *vfs.Mem) string {
	t.Helper()
	names, err := listSnapshots(disk, "data/snapshots")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// damageNewest flips a bit of the newest snapshot.
func damageNewest(t *testing.T, disk *vfs.Mem) {
	t.Helper()
	file, err := disk.OpenReadWrite(newestOf(t, disk))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var b [1]byte
	if _, err := file.ReadAt(b[:], 200); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 4
	if _, err := file.WriteAt(b[:], 200); err != nil {
		t.Fatal(err)
	}
}
