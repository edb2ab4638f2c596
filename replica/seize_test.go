package replica

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// seize stops a replica and lets it lead a group of a new generation alone, of which others may be learners.
func (g *trio) seize(id ID, learners ...ID) *Replica {
	g.t.Helper()
	if g.at(id) != nil {
		g.kill(id)
	}
	next := id.Generation() + 1
	self := id.In(next)
	members := Members{{Replica: self, Role: Voter, Wanted: Voter, Address: "somewhere"}}
	for _, l := range learners {
		members = append(members, Member{Replica: l.In(next), Address: "elsewhere"})
	}
	members = members.Sorted()
	disk := g.rename(id)
	for range 2 { // a start may be cut off after the first
		if _, err := Seize(disk, testConfig(disk).Dir, self, members); err != nil {
			g.t.Fatal(err)
		}
	}
	g.members = members
	return g.start(self, nil)
}

// rename gives the disk of a replica that does not run to the one of the next generation.
func (g *trio) rename(id ID) *vfs.Mem {
	g.mu.Lock()
	defer g.mu.Unlock()
	disk := g.disks[id]
	g.disks[id.In(id.Generation()+1)] = disk
	return disk
}

// lose loses all nodes at home at once.
func (g *trio) loseHome() {
	for n := uint16(1); n <= 3; n++ {
		g.at(NewID(n, 0)).fail(errors.New("its machine is gone"))
	}
	for n := uint16(1); n <= 3; n++ {
		g.kill(NewID(n, 0))
	}
}

// Without a synchronous copy the last of what was acknowledged is lost with the voters, and nothing before it: the survivor
// goes on from an earlier moment of the same history, and what is asked for again is done again.
func TestSeizedWithoutASynchronousCopy(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	id := g.withLearner(4)
	early := g.submit(order(0, 1))[0]
	g.agree()
	g.isolate(id, true)
	late := g.submit(order(0, 2), order(1, 3))
	var past bytes.Buffer
	if err := g.leader().CopyJournal(t.Context(), &past, 1, uint64(early.Seq)); err != nil {
		t.Fatal(err)
	}
	g.loseHome()
	g.isolate(id, false)
	r := g.seize(id)
	if err := r.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seq := r.View().Seq(); seq < early.Seq || seq >= late[0].Seq {
		t.Errorf("it goes on from event %d; %d was there, %d was not", seq, early.Seq, late[0].Seq)
	}
	in := bufio.NewReader(&past)
	for {
		rec, err := readCopied(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = r.Journal().Compare(rec)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if again := g.submit(order(0, 1))[0]; again != early {
		t.Errorf("what was not lost is answered %+v, before %+v", again, early)
	}
	for i, again := range g.submit(order(0, 2), order(1, 3)) {
		if again.Code != exchange.Accepted || again.ID != late[i].ID {
			t.Errorf("what was lost is done again: %+v, before %+v", again, late[i])
		}
	}
	if err := r.View().Check(); err != nil {
		t.Error(err)
	}
}

// A survivor that was just copying the state of the lost ones has more in its journal than in its log. It goes on with neither their
// events nor their orders, keeps them in files of their own, and what it then does takes their place.
func TestSeizedInTheMiddleOfACopy(t *testing.T) {
	g, lacking, ahead := parted(t, false)
	gone := g.at(ahead).Journal().Last()
	g.cutOff(lacking, g.at(ahead))
	g.kill(ahead)
	r := g.seize(lacking)
	if err := r.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if last := r.Journal().Last(); last.Seq >= gone.Seq || last.Seq != uint64(r.View().Seq()) {
		t.Fatalf("its journal goes on from event %d and its read model from %d; the lost ones had come to %d", last.Seq, r.View().Seq(), gone.Seq)
	}
	entries, err := g.disks[lacking].ReadDir(JournalDir(r.config.Dir))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".journal.before-1") }) {
		t.Errorf("what the lost ones did is not kept: %v", entries)
	}
	for i := range 30 {
		g.submit(order(i%2, 10+i))
	}
	self := r.config.Group.Self
	g.kill(self)
	r = g.start(self, nil) // it executes all of its log again, and compares
	g.submit(order(0, 50))
	if last := r.Journal().Last(); last.Seq <= gone.Seq || last.Seq != uint64(r.View().Seq()) {
		t.Errorf("it has come to event %d in the journal and %d in the read model; the lost ones had %d", last.Seq, r.View().Seq(), gone.Seq)
	}
	if err := r.View().Check(); err != nil {
		t.Error(err)
	}
}

// A survivor goes on with entries that the lost ones had put others in the place of, if it never heard of those. What it has copied of
// their journal is not what these entries do, although the log reaches as far.
func TestSeizedWithEntriesThatWereDisplaced(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	id := g.withLearner(4)
	g.agree()
	old := g.leader()
	var others []ID
	for n := range g.running {
		if n != id && n != old.config.Group.Self {
			others = append(others, n)
		}
	}
	for _, o := range others {
		g.isolate(o, true)
	}
	logged := func() uint64 {
		last, err := g.at(id).storage.LastIndex()
		if err != nil {
			t.Fatal(err)
		}
		return last
	}
	for i := range 4 {
		before, frames := logged(), encode(t, order(0, 100+i))
		go func() { _ = old.Submit(context.Background(), frames, 1, make([]exchange.Reply, 1)) }()
		for deadline := time.Now().Add(10 * time.Second); logged() == before; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the survivor hears of no entry")
			}
		}
	}
	g.kill(old.config.Group.Self)
	for _, o := range others {
		g.isolate(o, false)
	}
	g.isolate(id, true)
	for i := range 4 {
		g.submit(order(1, 200+i))
	}
	has, last := logged(), g.at(id).Journal().Last()
	other, _, err := g.leader().Journal().Subscribe(last.Seq + 1).Poll()
	if err != nil || other.Index > has {
		t.Fatalf("the first of the other orders is entry %d, the log of the survivor ends with %d (%v)", other.Index, has, err)
	}
	g.cutOff(id, g.leader())
	for _, o := range others {
		g.kill(o)
	}
	g.isolate(id, false)
	r := g.seize(id)
	if err := r.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	end := r.Journal().Last()
	for i := range 4 {
		if again := g.submit(order(0, 100+i))[0]; uint64(again.Seq) > end.Seq {
			t.Errorf("an order that its log had is executed with event %d, behind %d", again.Seq, end.Seq)
		}
	}
	if anew := g.submit(order(1, 200))[0]; uint64(anew.Seq) <= end.Seq {
		t.Errorf("an order that its log lacks was executed with event %d", anew.Seq)
	}
	if err := r.View().Check(); err != nil {
		t.Error(err)
	}
}

// A survivor that lacks changes of the members from before the group began anew is none the less a member when it learns of
// them, and counts nobody's vote who is lost.
func TestSurvivorLearnsOfEarlierChanges(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	first, second := g.withLearner(4), g.withLearner(5)
	g.agree()
	g.isolate(second, true)
	g.mark(first, true)
	g.submit(order(0, 1))
	g.loseHome()
	g.isolate(second, false)
	lead := g.seize(first, second)
	g.kill(second)
	g.rename(second)
	follower := g.start(second.In(1), nil)
	g.agree()
	if err := follower.Err(); err != nil {
		t.Fatal(err)
	}
	g.votersOf(follower, first.In(1))
	afterwards(t, func() error { return lead.SetRole(t.Context(), second.In(1), Voter) }) // it hears of it in time
	g.submit(order(0, 2))
	if err := lead.HandOver(t.Context(), second.In(1)); err != nil {
		t.Fatal(err)
	}
	g.submit(order(0, 3))
	g.agree()
	g.votersOf(follower, first.In(1), second.In(1))
}

// Nobody joins a group under a name of another generation: such a disk may hold what the group goes on without.
func TestNoMemberOfAnotherGeneration(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	id := g.withLearner(4)
	g.agree()
	g.loseHome()
	r := g.seize(id)
	if err := r.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, generation := range []uint8{0, 2} {
		if err := r.AddMember(t.Context(), Member{Replica: NewID(1, 9).In(generation)}); !errors.Is(err, ErrOtherGeneration) {
			t.Errorf("a member of generation %d: %v", generation, err)
		}
	}
	if err := r.AddMember(t.Context(), Member{Replica: NewID(1, 9).In(1)}); err != nil {
		t.Error(err)
	}
}

// votersOf compares whose votes the consensus of a replica counts.
func (g *trio) votersOf(r *Replica, want ...ID) {
	g.t.Helper()
	var got []ID
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		counted := make(chan []ID, 1)
		r.inbox.do(func(l *loop) { counted <- l.voters() })
		if got = <-counted; slices.Equal(got, want) {
			return
		}
	}
	g.t.Fatalf("replica %v counts the votes of %v instead of %v", r.config.Group.Self, got, want)
}

// Nothing is begun anew without a log to go on with, beside a running replica, or with more than one voter.
func TestSeizeIsRefused(t *testing.T) {
	id := NewID(1, 0).In(1)
	alone := Members{{Replica: id, Role: Voter, Wanted: Voter}}
	two := Members{alone[0], {Replica: NewID(2, 0).In(1), Role: Voter, Wanted: Voter}}
	disk := vfs.NewMem()
	config := testConfig(disk)
	refused := func(why string, members Members) {
		t.Helper()
		if _, err := Seize(disk, config.Dir, id, members); err == nil {
			t.Errorf("begun anew %s", why)
		}
	}
	refused("with nothing", alone)
	config.Group = Group{Self: NewID(1, 0), Transport: make(listener, 1000)}
	r, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	refused("while it runs", alone)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	refused("with an empty log", alone)
	refused("with two voters", two)
	refused("without itself", two[1:])
}

// Ids carry the generation beside the disk's incarnation.
func TestGenerations(t *testing.T) {
	id := NewID(7, MostIncarnation)
	for _, generation := range []uint8{0, 1, MostGeneration} {
		next := id.In(generation)
		if next.Generation() != generation || next.Node() != 7 || next.In(0) != id {
			t.Errorf("%v in generation %d is %v", id, generation, next)
		}
	}
}
