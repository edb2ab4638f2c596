package replica

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// withLearner adds a learner on another node to a trio.
func (g *trio) withLearner(node uint16) ID {
	g.t.Helper()
	id := NewID(node, 9)
	g.mu.Lock()
	g.disks[id] = vfs.NewMem()
	g.mu.Unlock()
	g.start(id, nil)
	if err := g.leader().AddMember(g.t.Context(), Member{Replica: id, Address: fmt.Sprint("node ", node)}); err != nil {
		g.t.Fatal(err)
	}
	g.members = g.leader().storage.members.Load().Members
	return id
}

// withCopy adds a learner on node 4 to a trio, which becomes a synchronous copy when it has caught up.
func withCopy(t *testing.T, g *trio) ID {
	t.Helper()
	id := g.withLearner(4)
	g.mark(id, true)
	g.members = g.leader().storage.members.Load().Members
	return id
}

func (g *trio) mark(id ID, synchronous bool) {
	g.t.Helper()
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if err = g.leader().SetSynchronous(g.t.Context(), id, synchronous); err == nil {
			return
		}
	}
	g.t.Fatal(err)
}

// unanswered submits a command that must not be answered for a while, and returns where its answer will be.
func (g *trio) unanswered(at *Replica, cmd exchange.Command) (answer chan error, reply []exchange.Reply) {
	g.t.Helper()
	answer, reply = make(chan error, 1), make([]exchange.Reply, 1)
	frames := encode(g.t, cmd)
	go func() { answer <- at.Submit(context.Background(), frames, 1, reply) }()
	select {
	case err := <-answer:
		g.t.Fatalf("a command was answered that the synchronous copy has not: %v, %+v", err, reply)
	case <-time.After(200 * time.Millisecond):
	}
	return answer, reply
}

// A synchronous copy that is out of reach holds every answer and fresh read back, and they come when it is there again.
func TestNothingIsAnsweredWithoutTheSynchronousCopy(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	id := withCopy(t, g)
	g.submit(order(0, 1))
	g.isolate(id, true)
	lead := g.leader()
	follower := g.at(NewID(1, 0))
	if follower == lead {
		follower = g.at(NewID(2, 0))
	}
	answer, reply := g.unanswered(lead, order(0, 2))
	for _, r := range []*Replica{lead, follower} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if err := r.Fresh(ctx); err == nil {
			t.Errorf("replica %v shows what the synchronous copy has not", r.config.Group.Self)
		}
		cancel()
	}
	awaited := func() time.Duration {
		members := lead.Status().Members
		return members[slices.IndexFunc(members, func(m MemberStatus) bool { return m.Replica == id })].Awaited
	}
	if awaited() == 0 {
		t.Errorf("the status does not say whom it waits for: %+v", lead.Status())
	}
	g.isolate(id, false)
	if err := <-answer; err != nil || reply[0].Code != exchange.Accepted {
		t.Errorf("when the copy is back: %v, %+v", err, reply[0])
	}
	if err := follower.Fresh(t.Context()); err != nil {
		t.Error(err)
	}
	g.agree()
	for deadline := time.Now().Add(10 * time.Second); awaited() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it still waits: %+v", lead.Status())
		}
	}
}

// Taking the mark away lets everything go on.
func TestSynchronousCopyIsGivenUp(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	id := withCopy(t, g)
	g.isolate(id, true)
	lead := g.leader()
	answer, reply := g.unanswered(lead, order(0, 2))
	if err := lead.SetSynchronous(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; err != nil || reply[0].Code != exchange.Accepted {
		t.Errorf("without the mark: %v, %+v", err, reply[0])
	}
	g.submit(order(0, 3))
	if err := lead.SetSynchronous(t.Context(), id, true); !errors.Is(err, ErrNotCaughtUp) {
		for n := range 2 * caughtUp { // it may lack too little to be refused
			g.submit(order(0, 10+n))
		}
		if lead.SetSynchronous(t.Context(), id, false) != nil || !errors.Is(lead.SetSynchronous(t.Context(), id, true), ErrNotCaughtUp) {
			t.Error("a copy that lags became synchronous")
		}
	}
}

// What a leader holds back when it is deposed is answered by its successor, to whom it is sent again, and only when the
// copy has it.
func TestHeldAnswersOfADeposedLeader(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	id := withCopy(t, g)
	g.isolate(id, true)
	old := g.leader()
	answer, _ := g.unanswered(old, order(0, 2))
	if err := old.HandOver(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; !errors.Is(err, ErrLost) {
		t.Errorf("the old leader answered %v", err)
	}
	again, reply := g.unanswered(g.leader(), order(0, 2))
	g.isolate(id, false)
	if err := <-again; err != nil || reply[0].Code != exchange.Accepted {
		t.Errorf("the new leader: %v, %+v", err, reply[0])
	}
	g.agree()
}

// Whatever was answered before all voters were lost at once is in the copy's log.
func TestSynchronousCopyHasAllThatWasAnswered(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	id := withCopy(t, g)
	var last exchange.Reply
	lead := g.leader()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			reply := make([]exchange.Reply, 1)
			if err := lead.Submit(t.Context(), encode(t, order(0, n)), 1, reply); err != nil {
				return
			}
			last = reply[0]
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	time.Sleep(300 * time.Millisecond)
	for n := uint16(1); n <= 3; n++ {
		r := g.at(NewID(n, 0))
		r.fail(errors.New("its machine is gone")) // at once: nothing more is sent
	}
	close(stop)
	<-done
	for n := uint16(1); n <= 3; n++ {
		g.kill(NewID(n, 0))
	}
	seized := g.seize(id)
	if err := seized.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := seized.View().Seq(); last.Seq == 0 || got < last.Seq {
		t.Errorf("event %d was answered, the copy has %d", last.Seq, got)
	}
}

// Which members are synchronous copies at an entry is known once it is applied. A leader that has just come into office may have entries
// before it that it has not applied, and tells nobody of it until then: one of them may be a mark.
func TestAFreshReadIsNotToldOfWhatIsNotApplied(t *testing.T) {
	r := open(t, testConfig(vfs.NewMem()))
	found(t, r, 1)
	given := make(chan struct{})
	turn := func(do func(*loop)) {
		done := make(chan struct{})
		r.inbox.do(func(l *loop) { do(l); close(done) })
		<-done
	}
	next := uint64(0)
	turn(func(l *loop) {
		applied, _ := r.progress.get()
		next = applied + 1
		l.hold(next, func() { close(given) })
	})
	turn(func(*loop) {})
	select {
	case <-given:
		t.Fatalf("a read is told of entry %d, which is not applied", next)
	default:
	}
	submit(t, r, order(0, 1))
	select {
	case <-given:
	case <-time.After(10 * time.Second):
		t.Errorf("no read is told of entry %d", next)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
