package replica

import (
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
)

// cutOff has a replica copy the events of another one that it lacks, and then kills it, as if its power had failed before it had the state.
func (g *trio) cutOff(id ID, from *Replica) {
	g.t.Helper()
	r := g.at(id)
	copied := from.Journal().Subscribe(r.Journal().Last().Seq + 1)
	for rec, ok, err := copied.Poll(); ok || err != nil; rec, ok, err = copied.Poll() {
		if err != nil {
			g.t.Fatal(err)
		}
		r.publisher.copied(rec)
	}
	r.publisher.flush()
	if err := r.Journal().Sync(); err != nil {
		g.t.Fatal(err)
	}
	g.kill(id)
}

// Who has copied more of a journal than the snapshot with which it goes on, because it was stopped before it had the one that it copied
// for, has a read model that misses nothing.
func TestJournalIsAheadOfTheSnapshot(t *testing.T) {
	const every = 40
	g := newTrio(t, func(c *Config) { c.SnapshotEvery = every })
	g.found(2)
	g.agree()
	lead, slow := g.leader(), ID(0)
	for id := range g.running {
		if id != lead.config.Group.Self {
			slow = id
		}
	}
	g.isolate(slow, true)
	n := 0
	trade := func() exchange.Seq {
		n++
		return g.submit(order(n%2, n))[0].Seq
	}
	for trade() < every {
	}
	var taken *snapshotInfo
	for ; taken == nil; taken = lead.storage.newest.Load() {
		time.Sleep(time.Millisecond)
	}
	trade()
	trade()
	compacted := make(chan error, 1)
	lead.inbox.do(func(l *loop) { compacted <- l.r.storage.compact(taken.index) }) // as if no more were kept
	if err := <-compacted; err != nil {
		t.Fatal(err)
	}
	g.cutOff(slow, lead)
	g.isolate(slow, false)
	r := g.start(slow, g.members)
	if had := r.Journal().Last().Seq; had <= taken.seq || lead.storage.newest.Load() != taken {
		t.Fatalf("its journal ends with event %d; the leader's snapshot is of event %d, or of a later one", had, taken.seq)
	}
	for range 3 {
		trade()
	}
	g.agree()
	if g.copies == 0 {
		t.Error("no snapshot was copied")
	}
}
