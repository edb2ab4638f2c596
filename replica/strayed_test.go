package replica

import (
	"errors"
	"testing"
	"time"

	"github.com/hustings/hustings/vfs"
)

// parted is a group whose home is lost while one of its two learners lacks the last orders. Its replicas keep little of the log
// if brief is true, so that whoever lags gets a snapshot.
func parted(t *testing.T, brief bool) (g *trio, lacking, ahead ID) {
	t.Helper()
	g = newTrio(t, func(c *Config) {
		if brief {
			c.KeptEntries, c.SnapshotEvery = 4, 40
		}
	})
	g.found(2)
	lacking, ahead = g.withLearner(4), g.withLearner(5)
	g.submit(order(0, 1))
	g.agree()
	g.isolate(lacking, true)
	last := g.submit(order(0, 2), order(1, 3))[1]
	if err := g.at(ahead).View().WaitSeq(t.Context(), last.Seq); err != nil {
		t.Fatal(err)
	}
	g.loseHome()
	g.isolate(lacking, false)
	return g, lacking, ahead
}

// strays waits until a replica has stopped because it has executed what its group goes on without.
func (g *trio) strays(r *Replica) {
	g.t.Helper()
	select {
	case <-r.Failed():
	case <-time.After(10 * time.Second):
		g.t.Fatal("a survivor that has executed more than its group goes on with stays in it")
	}
	if err := r.Err(); !errors.Is(err, ErrStrayed) {
		g.t.Fatal(err)
	}
}

// A survivor that has executed what the new generation lacks stops, however often it is started, before it acknowledges anything. With
// nothing, and under the same id, it becomes a member like any other.
func TestSurvivorWithMoreStrays(t *testing.T) {
	for _, brief := range []bool{false, true} {
		t.Run(map[bool]string{false: "entries", true: "snapshot"}[brief], func(t *testing.T) {
			g, lacking, ahead := parted(t, brief)
			g.seize(lacking, ahead)
			g.kill(ahead)
			for i := range 60 { // until its log is longer than that of who has strayed
				g.submit(order(i%2, 10+i))
			}
			g.rename(ahead)
			self := ahead.In(1)
			for range 2 {
				g.strays(g.start(self, nil))
				g.kill(self)
			}
			g.disks[self] = vfs.NewMem()
			r := g.start(self, nil)
			g.submit(order(0, 4))
			g.agree()
			if err := r.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A survivor that lacks so much that it gets a snapshot keeps the journal that it has, once the last event of that is found in
// the other one's.
func TestSurvivorWithLessKeepsItsJournal(t *testing.T) {
	g, lacking, ahead := parted(t, true)
	g.seize(ahead, lacking)
	g.kill(lacking)
	for i := range 60 {
		g.submit(order(i%2, 10+i))
	}
	g.rename(lacking)
	copies := g.copies
	r := g.start(lacking.In(1), nil)
	had := r.Journal().Last().Seq
	g.agree()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if g.copies == copies || g.copiedFrom != had {
		t.Errorf("%d snapshots were given, and events from %d on; it had %d", g.copies-copies, g.copiedFrom, had)
	}
}

// What was copied of a journal before a group began anew is compared when there is nothing else yet; it may be what the group goes on without.
func TestHalfACopyOfAnEarlierGeneration(t *testing.T) {
	for _, same := range []bool{true, false} {
		t.Run(map[bool]string{true: "the same", false: "another"}[same], func(t *testing.T) {
			g, lacking, ahead := parted(t, true)
			from := map[bool]ID{true: lacking, false: ahead}[same]
			self := NewID(6, 1).In(1)
			g.disks[self] = vfs.NewMem()
			g.start(self, nil)
			g.cutOff(self, g.at(from))
			g.kill(ahead)
			g.seize(lacking)
			for i := range 60 {
				g.submit(order(i%2, 10+i))
			}
			if err := g.leader().AddMember(t.Context(), Member{Replica: self}); err != nil {
				t.Fatal(err)
			}
			r := g.start(self, nil)
			if !same {
				g.strays(r)
				g.kill(self)
				return
			}
			g.agree()
			if err := r.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}
