package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// trio is a group of replicas in this process, on file systems in memory and a network that can be cut.
type trio struct {
	t          testing.TB
	config     func(*Config)
	mu         sync.Mutex
	members    Members
	disks      map[ID]*vfs.Mem
	running    map[ID]*Replica
	lives      map[ID]int     // how often each was started
	cut        map[[2]ID]bool // from, to
	alone      ID             // whom nobody reaches
	copies     int            // snapshots copied
	copiedFrom uint64         // first event of the journal copied last
	lose       atomic.Pointer[func(from, to ID, m []byte) bool]
	lost       atomic.Int32
}

func newTrio(t testing.TB, config func(*Config)) *trio {
	g := &trio{t: t, config: config, disks: map[ID]*vfs.Mem{}, running: map[ID]*Replica{}, lives: map[ID]int{}, cut: map[[2]ID]bool{}}
	for n := uint16(1); n <= 3; n++ {
		id := NewID(n, 0)
		g.members = append(g.members, Member{Replica: id, Role: Voter, Wanted: Voter, Address: fmt.Sprint("node ", n)})
		g.disks[id] = vfs.NewMem()
	}
	for _, m := range g.members {
		g.start(m.Replica, g.members)
	}
	t.Cleanup(g.close)
	return g
}

func (g *trio) start(id ID, first Members) *Replica {
	g.t.Helper()
	config := testConfig(g.disks[id])
	config.Group = Group{Self: id, First: first, Transport: wire3{g, id, g.lives[id]}, Heartbeat: 5 * time.Millisecond, Election: 100 * time.Millisecond}
	if testing.Verbose() {
		config.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("replica", id.String())
	}
	if g.config != nil {
		g.config(&config)
	}
	r, err := Open(config)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running[id] = r
	return r
}

func (g *trio) at(id ID) *Replica {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running[id]
}

// kill stops a replica as if the power of its machine had failed. Its disk keeps what was synced.
func (g *trio) kill(id ID) {
	g.mu.Lock()
	r := g.running[id]
	delete(g.running, id)
	g.lives[id]++ // nothing of this life leaves any more
	g.disks[id] = g.disks[id].Crash()
	g.mu.Unlock()
	_ = r.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.running {
		r.Lost(id.Node())
	}
}

func (g *trio) close() {
	g.mu.Lock()
	all := g.running
	g.running = map[ID]*Replica{}
	g.mu.Unlock()
	for _, r := range all {
		if err := r.Close(); err != nil && !errors.Is(err, ErrRemoved) {
			g.t.Error(err)
		}
	}
}

func (g *trio) isolate(id ID, cut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.alone = 0; cut {
		g.alone = id
	}
	for _, m := range g.members {
		g.cut[[2]ID{id, m.Replica}], g.cut[[2]ID{m.Replica, id}] = cut, cut
	}
}

// leader waits until a replica leads and returns it.
func (g *trio) leader() *Replica {
	g.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		g.mu.Lock()
		for id, r := range g.running {
			if r.Leading() && id != g.alone {
				g.mu.Unlock()
				return r
			}
		}
		g.mu.Unlock()
	}
	g.t.Fatal("nobody leads")
	return nil
}

// submit gets commands with keys done, wherever the leader is.
func (g *trio) submit(cmds ...exchange.Command) []exchange.Reply {
	g.t.Helper()
	replies := make([]exchange.Reply, len(cmds))
	frames := encode(g.t, cmds...)
	for range 1000 {
		ctx, cancel := context.WithTimeout(g.t.Context(), time.Second)
		err := g.leader().Submit(ctx, frames, len(cmds), replies)
		cancel()
		if err == nil {
			return replies
		}
		time.Sleep(time.Millisecond)
	}
	g.t.Fatal("the commands were never done")
	return nil
}

func (g *trio) found(accounts int) {
	g.t.Helper()
	for i := range accounts {
		g.submit(&exchange.Register{Key: key(1000+i, 0), Name: fmt.Sprintf("trader%d", i)},
			&exchange.Deposit{Key: key(1000+i, 1), Account: exchange.AccountID(i + 1), Amount: 1e12, Reference: "test"})
	}
	g.submit(&exchange.CreateMarket{Key: key(2000, 0), Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?",
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition, TakerFee: 700}})
}

// agree waits until all replicas have applied the same, and compares their states and journals.
func (g *trio) agree() {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 20*time.Second)
	defer cancel()
	lead := g.leader()
	if err := lead.Fresh(ctx); err != nil {
		g.t.Fatal(err)
	}
	seq := lead.View().Seq()
	g.mu.Lock()
	running := maps.Clone(g.running)
	g.mu.Unlock()
	for id, r := range running {
		if err := r.View().WaitSeq(ctx, seq); err != nil {
			g.t.Fatalf("replica %v is at event %d of %d: %v", id, r.View().Seq(), seq, err)
		}
		if a, b := lead.Journal().Last(), r.Journal().Last(); a != b {
			g.t.Errorf("the journal of %v ends at %+v, the leader's at %+v", id, b, a)
		}
		for _, line := range lead.View().Diff(r.View()) {
			g.t.Errorf("replica %v: %s", id, line)
		}
		if err := r.View().Check(); err != nil {
			g.t.Errorf("replica %v: %v", id, err)
		}
	}
}

// wire3 carries messages within a trio, for one of its replicas.
type wire3 struct {
	g    *trio
	from ID
	life int
}

func (w wire3) to(id ID) *Replica {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	if w.g.cut[[2]ID{w.from, id}] || w.g.lives[w.from] != w.life {
		return nil
	}
	return w.g.running[id]
}

func (w wire3) Send(to ID, m []byte) bool {
	r := w.to(to)
	if lose := w.g.lose.Load(); lose != nil && (*lose)(w.from, to, m) {
		return true
	}
	if r != nil {
		r.Receive(m)
	}
	return r != nil
}

var errCut = errors.New("the connection is cut")

func (w wire3) Snapshot(_ context.Context, from ID, index uint64, offset int64) (io.ReadCloser, error) {
	r := w.to(from)
	if r == nil {
		return nil, errCut
	}
	w.g.mu.Lock()
	w.g.copies++
	w.g.mu.Unlock()
	var b bytes.Buffer
	err := r.CopySnapshot(&b, index, offset)
	return io.NopCloser(&b), err
}

func (w wire3) Journal(ctx context.Context, from ID, first, last uint64) (io.ReadCloser, error) {
	r := w.to(from)
	if r == nil {
		return nil, errCut
	}
	w.g.mu.Lock()
	w.g.copiedFrom = first
	w.g.mu.Unlock()
	var b bytes.Buffer
	err := r.CopyJournal(ctx, &b, first, last)
	return io.NopCloser(&b), err
}

func TestGroupGoesOnWithoutItsLeader(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	for round := range 4 {
		first := g.submit(order(0, round), order(1, round))
		old := g.leader().config.Group.Self
		g.kill(old)
		again := g.submit(order(0, round), order(1, round))
		if again[0] != first[0] || again[1] != first[1] {
			t.Fatalf("a retry was answered %+v, before %+v", again, first)
		}
		g.start(old, g.members)
		g.agree()
	}
}

// A deposed leader neither acknowledges nor answers a fresh read.
func TestDeposedLeader(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	old := g.leader()
	g.isolate(old.config.Group.Self, true)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err := old.Submit(ctx, encode(t, order(0, 1)), 1, make([]exchange.Reply, 1))
	if err == nil {
		t.Error("a leader without a quorum has acknowledged an order")
	}
	replies := g.submit(order(0, 1))
	short, cancelShort := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancelShort()
	if err := old.Fresh(short); err == nil {
		t.Error("a leader without a quorum has answered a fresh read")
	}
	g.isolate(old.config.Group.Self, false)
	if err := old.Fresh(ctx); err != nil {
		t.Error(err)
	}
	if got := old.View().Seq(); got < replies[0].Seq {
		t.Errorf("a fresh read sees event %d, event %d was acknowledged", got, replies[0].Seq)
	}
	g.agree()
}

// Who lacks what the others have let go of gets a snapshot, and goes on from it after a restart too.
func TestStragglerGetsASnapshot(t *testing.T) {
	g := newTrio(t, func(c *Config) { c.SnapshotEvery = 500 })
	g.found(3)
	var slow ID
	for id := range g.running {
		if !g.at(id).Leading() {
			slow = id
		}
	}
	g.kill(slow)
	for n := range 1200 {
		g.submit(order(n%3, n))
	}
	lead := g.leader()
	done := make(chan struct{})
	lead.inbox.do(func(l *loop) { // as if there had been more than is kept
		defer close(done)
		index, _ := l.r.progress.get()
		if err := l.r.storage.compact(index - 1); err != nil {
			t.Error(err)
		}
	})
	<-done
	g.start(slow, g.members)
	g.agree()
	if g.copies == 0 {
		t.Error("no snapshot was copied")
	}
	g.submit(order(1, 5000))
	g.agree()
	g.kill(slow)
	g.submit(order(1, 5001))
	r := g.start(slow, g.members)
	g.agree()
	g.close()
	compareStates(t, r, lead)
}

// compareStates compares the states of two replicas that were closed at the same entry.
func compareStates(t *testing.T, a, b *Replica) {
	t.Helper()
	sums := [2]StateSum{}
	for i, r := range []*Replica{a, b} {
		var err error
		if sums[i], err = SumState(r.applier.shard); err != nil {
			t.Fatal(err)
		}
	}
	if sums[0].Hash != sums[1].Hash {
		t.Errorf("the states differ in sections %v", sums[0].Differing(sums[1]))
	}
}

// Who is a little behind needs no snapshot, even if the leader has just started.
func TestLittleBehindAfterARestartOfAll(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	slow := g.members[0].Replica
	g.kill(slow)
	for n := range 40 {
		g.submit(order(n%2, n))
	}
	for _, m := range g.members[1:] {
		g.kill(m.Replica)
	}
	for _, m := range g.members {
		g.start(m.Replica, g.members)
	}
	g.agree()
	if g.copies > 0 {
		t.Errorf("%d snapshots were copied", g.copies)
	}
}

// Leadership is handed over at once, also right after a change of the members, and nobody who waits is refused for good.
func TestHandOverRightAfterAChange(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	for n := range 6 {
		old := g.leader()
		role := Learner
		if n%2 == 1 {
			role = Voter
		}
		changed := g.members[n/2%3].Replica
		if changed == old.config.Group.Self {
			continue
		}
		afterwards(t, func() error { return old.SetRole(t.Context(), changed, role) })
		afterwards(t, func() error { return old.HandOver(t.Context(), 0) })
		g.submit(order(0, n))
	}
	g.agree()
}

// afterwards repeats what a new leader cannot do before it has heard of its followers.
func afterwards(t *testing.T, do func() error) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		err := do()
		if err == nil {
			return
		}
		if !errors.Is(err, ErrNotCaughtUp) && !errors.Is(err, ErrNoQuorum) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// A disk that was lost comes back under another name, as a learner, and is a voter once it has caught up.
func TestLostDisk(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	lost := g.members[2].Replica
	g.kill(lost)
	g.submit(order(0, 1))
	g.disks[lost] = nil
	fresh := NewID(3, 77)
	g.disks[fresh] = vfs.NewMem()
	r := g.start(fresh, nil)
	if err := g.leader().AddMember(t.Context(), Member{Replica: fresh, Wanted: Voter, Address: "node 3"}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		m, _ := r.storage.members.Load().Find(fresh)
		if g.members = g.leader().storage.members.Load().Members; m.Role == Voter && g.members.Voters() == 3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it is still a learner: %+v", g.leader().Status())
		}
	}
	if len(g.members) != 3 || g.members.Voters() != 3 {
		t.Fatalf("the members are %+v", g.members)
	}
	g.agree()
	for g.leader() != r {
		if err := g.leader().HandOver(t.Context(), fresh); err != nil {
			t.Fatal(err)
		}
	}
	g.submit(order(0, 2))
	g.kill(fresh)
	g.submit(order(0, 3))
	g.start(fresh, nil)
	g.agree()
}

// An offer of a snapshot that gets lost is made again.
func TestLostOfferOfASnapshot(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	learner := NewID(4, 9)
	g.disks[learner] = vfs.NewMem()
	lose := func(_, to ID, m []byte) bool {
		var message raftpb.Message
		if err := proto.Unmarshal(m, &message); err != nil {
			t.Error(err)
		}
		return to == learner && message.GetType() == raftpb.MsgSnap && g.lost.Add(1) <= 2
	}
	g.lose.Store(&lose)
	r := g.start(learner, nil)
	if err := g.leader().AddMember(t.Context(), Member{Replica: learner, Address: "node 4"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	g.agree()
	if g.lost.Load() < 3 {
		t.Errorf("%d offers were made", g.lost.Load())
	}
}
