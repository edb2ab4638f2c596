package journal

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/vfs"
)

// TestNoFaultLosesWhatWasSynced appends while something fails, cuts the power, and checks that what Sync covered is
// there and that the journal can be completed to the same files.
func TestNoFaultLosesWhatWasSynced(t *testing.T) {
	records := newMaker(60).records(150)
	want := contents(t, written(t, records, testOptions()))
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		disk := vfs.NewMem()
		faulty := vfs.NewFaulty(disk)
		j := mustOpen(t, faulty, testOptions())
		rule := &vfs.Rule{
			On:   rapid.SampledFrom([]vfs.Op{vfs.OpWrite, vfs.OpSync, vfs.OpCreate, vfs.OpRename, vfs.OpSyncDir, vfs.OpOpen}).Draw(t, "operation"),
			Skip: rapid.IntRange(0, 12).Draw(t, "skip"), Keep: rapid.IntRange(0, 2000).Draw(t, "keep"), Err: syscall.ENOSPC,
		}
		faulty.Add(rule)
		synced := uint64(0)
		var failed error
		for _, r := range records {
			if failed = j.Append(r); failed != nil {
				break
			}
			if random.IntN(12) > 0 {
				continue
			}
			if failed = j.Sync(); failed != nil {
				break
			}
			synced = r.LastSeq()
		}
		if failed != nil && !errors.Is(failed, syscall.ENOSPC) {
			t.Fatalf("failed otherwise: %v", failed)
		}
		next := slices.IndexFunc(records, func(r Record) bool { return r.FirstSeq > j.Last().Seq })
		if failed != nil && next >= 0 && j.Append(records[next]) == nil {
			t.Fatalf("append after %v", failed)
		}
		left := disk.CrashKeeping(random.Uint64())
		_ = j.Close()

		o := testOptions()
		o.SyncedSeq = synced
		j = mustOpen(t, left, o)
		for _, r := range records {
			if r.FirstSeq > j.Last().Seq {
				mustAppend(t, j, r)
			} else if err := j.Compare(r); err != nil {
				t.Fatalf("%v", err)
			}
		}
		mustClose(t, j)
		if got := contents(t, left); !maps.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("files %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	})
}

func TestFailedSyncIsFinal(t *testing.T) {
	faulty := vfs.NewFaulty(vfs.NewMem())
	j := mustOpen(t, faulty, testOptions())
	records := newMaker(61).records(3)
	mustAppend(t, j, records[:2]...)
	broken := errors.New("disk is broken")
	faulty.Add(&vfs.Rule{On: vfs.OpSync, Times: 1, Err: broken})
	for range 2 {
		if err := j.Sync(); !errors.Is(err, broken) {
			t.Errorf("sync: %v", err)
		}
	}
	if err := j.Append(records[2]); !errors.Is(err, broken) {
		t.Errorf("append: %v", err)
	}
	sameRecords(t, readAll(t, j, 1), records[:2])
	if err := j.Close(); !errors.Is(err, broken) {
		t.Errorf("close: %v", err)
	}
}

func TestFailedCheckpointIsFinal(t *testing.T) {
	signer, _ := keys(t)
	faulty := vfs.NewFaulty(vfs.NewMem())
	j := mustOpen(t, faulty, testOptions())
	mustAppend(t, j, newMaker(62).records(3)...)
	faulty.Add(&vfs.Rule{On: vfs.OpWrite, Path: checkpointsName, Err: syscall.ENOSPC})
	if _, err := j.Checkpoint(signer); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("checkpoint: %v", err)
	}
	if _, found := j.Latest(); found {
		t.Error("it is the latest one all the same")
	}
	if err := j.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("close: %v", err)
	}
}
