package replica

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// faultConfig makes everything happen often: new segments, snapshots, checkpoints.
func faultConfig(fsys vfs.FS) Config {
	c := testConfig(fsys)
	c.WALSegment, c.JournalSegment, c.SnapshotEvery = 1<<16, 1<<15, 150
	c.Signer, c.CheckpointEvery = testSigner, 5*time.Millisecond
	return c
}

// crashPoint is a kind of disk operation before which the power is cut.
type crashPoint struct {
	on   vfs.Op
	path string
	skip int // up to so many operations of the kind pass first
}

var crashPoints = []crashPoint{
	{vfs.OpWrite, "*.wal", 300}, {vfs.OpSync, "*.wal", 300}, {vfs.OpSync, "*.wal", 3}, {vfs.OpRename, "*.wal", 6},
	{vfs.OpSyncDir, "wal", 6}, {vfs.OpSyncDir, "archive", 2}, {vfs.OpCreate, "next.tmp", 2}, {vfs.OpPreallocate, "next.tmp", 2}, {vfs.OpWrite, "next.tmp", 5},
	{vfs.OpSync, "next.tmp", 5}, {vfs.OpClose, "*.wal", 2},
	{vfs.OpWrite, "*.journal", 10}, {vfs.OpSync, "*.journal", 10}, {vfs.OpCreate, "*.journal", 3}, {vfs.OpSyncDir, "journal", 10},
	{vfs.OpWrite, "*.index.tmp", 3}, {vfs.OpRename, "*.index", 3}, {vfs.OpRename, "*-*.journal", 3},
	{vfs.OpWrite, "checkpoints", 5}, {vfs.OpSync, "checkpoints", 5},
	{vfs.OpCreate, "*.snapshot.tmp", 4}, {vfs.OpWrite, "*.snapshot.tmp", 12}, {vfs.OpSync, "*.snapshot.tmp", 4},
	{vfs.OpRename, "*.snapshot", 4}, {vfs.OpSyncDir, "snapshots", 4}, {vfs.OpRemove, "*.snapshot", 2},
}

// cut is what a power cut leaves: the disk, and what had been acknowledged before.
type cut struct {
	disk  *vfs.Mem
	acked []int
}

// untilCut lets the crowd trade until the power is cut at a point of the replica's work on its disk, which may be while it
// recovers, and returns what is left. The replica goes on in a world without a future, and is shut and examined there.
func untilCut(t *testing.T, disk *vfs.Mem, c crowd, at crashPoint, random *rand.Rand) (left cut) {
	t.Helper()
	stop, keep, seed := make(chan struct{}), random.IntN(3) > 0, random.Uint64()
	rule := &vfs.Rule{On: at.on, Path: at.path, Skip: random.IntN(at.skip), Times: 1, Before: func() {
		left.acked = c.acked() // before the power is cut, so all of it must survive
		if keep {
			left.disk = disk.CrashKeeping(seed)
		} else {
			left.disk = disk.Crash()
		}
		close(stop)
	}}
	r := open(t, faultConfig(vfs.NewFaulty(disk, rule)))
	for _, err := range c.trade(t, r, stop) {
		t.Fatal(err)
	}
	if rule.Fired() != 1 {
		t.Fatalf("the power was cut %d times", rule.Fired())
	}
	examine(t, r, c)
	return left
}

// recovered opens what a power cut left and checks that everything acknowledged before is there.
func recovered(t *testing.T, disk, before *vfs.Mem, c crowd, seq exchange.Seq) {
	t.Helper()
	r := open(t, faultConfig(disk))
	for _, damage := range r.Recovery().Damaged {
		t.Error(damage)
	}
	extends(t, r.Journal(), before, seq)
	c.retryAll(t, r)
	examine(t, r, c)
}

// What was acknowledged last is in the log with nothing behind it that says it is committed. It survives all the same.
func TestLastAnswerSurvivesAPowerCut(t *testing.T) {
	disk := vfs.NewMem()
	r := open(t, testConfig(disk))
	submit(t, r, &exchange.Register{Name: "alice"})
	left := disk.Crash()
	shut(t, r)
	r = open(t, testConfig(left))
	defer shut(t, r)
	if err := r.Fresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, there := r.View().AccountByName("alice"); !there {
		t.Error("an account that was acknowledged is gone")
	}
}

// TestPowerCuts cuts the power again and again, at every kind of moment and under load. Afterwards everything that was
// acknowledged is there, once, and is answered as it was.
func TestPowerCuts(t *testing.T) {
	const lives = 5
	for world := range rounds(1+len(crashPoints)/lives, 400) {
		t.Run(fmt.Sprint(world), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(world), 1))
			disk, c := vfs.NewMem(), newCrowd(5, uint64(world))
			r := open(t, faultConfig(disk))
			found(t, r, len(c))
			shut(t, r)
			for life := range lives {
				point := crashPoints[(world*lives+life)%len(crashPoints)]
				left := untilCut(t, disk, c, point, random)
				seq := c.lastSeq(left.acked)
				c.forget(left.acked)
				recovered(t, left.disk.Crash(), disk, c, seq) // on a copy, so that the next life begins with what was left
				if t.Failed() {
					t.Fatalf("the power was cut at %+v", point)
				}
				disk = left.disk
			}
		})
	}
}
