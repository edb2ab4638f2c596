package router

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
)

// group plays the nodes of a group: each attempt finds the next outcome of a script.
type group struct {
	t       *testing.T
	leader  replica.ID
	script  []error // nil: it works
	asked   []uint16
	changed chan struct{}
	failed  chan struct{}
}

func (g *group) Leader() (replica.ID, <-chan struct{}) { return g.leader, g.changed }

func (g *group) Failed() <-chan struct{} { return g.failed }

func (g *group) Submit(_ context.Context, _ []byte, _ int, replies []exchange.Reply) error {
	err := g.next(g.leader.Node())
	if err == nil {
		replies[0].Seq = 7
	}
	return err
}

func (g *group) next(node uint16) error {
	g.asked = append(g.asked, node)
	if len(g.script) == 0 {
		g.t.Fatal("one attempt too many")
	}
	err := g.script[0]
	g.script = g.script[1:]
	return err
}

type others struct{ *group }

func (o others) Submit(ctx context.Context, node uint16, commands []byte, n int) ([]byte, error) {
	if err := o.next(node); err != nil {
		return nil, err
	}
	done := &group{t: o.t, leader: o.leader, script: []error{nil}}
	return Serve(ctx, done, Request(commands, n, nil), nil)
}

func TestSubmit(t *testing.T) {
	lost := errors.New("the connection broke")
	keyedOrder := &exchange.CancelOrder{Account: 1, Key: exchange.Key{1}, Market: 1, Order: 1}
	bare := &exchange.CancelOrder{Account: 1, Market: 1, Order: 1}
	var numbered []exchange.Command
	numbered = append(numbered, &exchange.ReceiveTransfer{From: 1, Number: 1}, &exchange.ReleaseTransfer{To: 1, Number: 1},
		&exchange.FreezeMarket{Market: 1, To: 2}, &exchange.ThawMarket{Market: 1, Move: 1}, &exchange.AdoptMarket{Market: 1, Move: 1},
		&exchange.AbandonMarket{Market: 1, Move: 1}, &exchange.ReleaseMarket{Market: 1, Move: 1})
	type row struct {
		name     string
		leader   uint16
		command  exchange.Command
		script   []error
		attempts int
		want     error // in the chain; nil: it works
		never    error // not in the chain
	}
	rows := []row{
		{name: "the leader is here", leader: 1, command: bare, script: []error{nil}, attempts: 1},
		{name: "the leader is there", leader: 2, command: bare, script: []error{nil}, attempts: 1},
		{name: "the leader has changed", leader: 2, command: bare, script: []error{replica.ErrNotLeader, nil}, attempts: 2},
		{name: "a lost command with a key is sent again", leader: 2, command: keyedOrder, script: []error{lost, replica.ErrNotLeader, nil}, attempts: 3},
		{name: "a lost command without one is not", leader: 2, command: bare, script: []error{lost}, attempts: 1, want: lost, never: replica.ErrNotSubmitted},
		{name: "too much to do is the answer", leader: 2, command: keyedOrder, script: []error{replica.ErrOverloaded}, attempts: 1, want: replica.ErrOverloaded},
		{name: "what was lost before may have been done", leader: 2, command: keyedOrder, script: []error{lost, replica.ErrOverloaded},
			attempts: 2, want: lost, never: replica.ErrNotSubmitted},
	}
	for _, cmd := range numbered {
		rows = append(rows, row{name: fmt.Sprintf("a lost %T is sent again", cmd), leader: 2, command: cmd, script: []error{lost, nil}, attempts: 2})
	}
	for _, test := range rows {
		t.Run(test.name, func(t *testing.T) {
			g := &group{t: t, leader: replica.NewID(test.leader, 0), script: test.script}
			frame, err := wire.AppendCommand(nil, test.command)
			if err != nil {
				t.Fatal(err)
			}
			replies := make([]exchange.Reply, 1)
			err = New(1, g, others{g}, time.Minute, nil).Submit(t.Context(), frame, 1, replies)
			if !errors.Is(err, test.want) || test.never != nil && errors.Is(err, test.never) {
				t.Errorf("the error is %v", err)
			}
			if err == nil && replies[0].Seq != 7 {
				t.Errorf("the reply is %+v", replies[0])
			}
			if len(g.asked) != test.attempts || g.asked[0] != test.leader {
				t.Errorf("asked %v", g.asked)
			}
		})
	}
}

func TestPatienceEnds(t *testing.T) {
	g := &group{t: t} // nobody leads
	err := New(1, g, others{g}, 20*time.Millisecond, nil).Submit(t.Context(), nil, 0, nil)
	if !errors.Is(err, replica.ErrNotSubmitted) || len(g.asked) != 0 {
		t.Errorf("the error is %v, asked %v", err, g.asked)
	}
}

// Thousands that wait for a leader leave the processor to what they wait for: together they ask 40,000 times a second at most, and each goes on
// asking.
func TestManyThatWaitAskSeldom(t *testing.T) {
	const many, most = 4_000, 40_000
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		r := New(1, &group{t: t}, nil, time.Second, func() { asked.Add(1) }) // nobody leads
		var all sync.WaitGroup
		for range many {
			all.Go(func() {
				if err := r.Submit(t.Context(), nil, 0, nil); !errors.Is(err, replica.ErrNotSubmitted) {
					t.Errorf("the error is %v", err)
				}
			})
		}
		all.Wait()
		if n := asked.Load(); n < 5*many || n > most {
			t.Errorf("%d that wait asked %d times in a second; want %d at most", many, n, most)
		}
	})
}

// Every field of a reply reaches the other node.
func TestReplyKeepsEverything(t *testing.T) {
	var r exchange.Reply
	for i := range reflect.TypeOf(r).NumField() {
		f := reflect.ValueOf(&r).Elem().Field(i)
		if f.CanInt() {
			f.SetInt(int64(i + 3))
		} else {
			f.SetUint(uint64(i + 3))
		}
	}
	got := make([]exchange.Reply, 2)
	if err := readAnswer(appendReply(appendReply(nil, &r), &exchange.Reply{}), got); err != nil || got[0] != r {
		t.Errorf("%+v became %+v, %v", r, got[0], err)
	}
	if err := readAnswer(nil, got); err == nil {
		t.Error("an answer without replies was taken")
	}
}

func TestErrorsKeepTheirMeaning(t *testing.T) {
	for _, err := range []error{replica.ErrNotLeader, replica.ErrOverloaded, replica.ErrStopping, errors.New("other")} {
		sent := Error(Code(fmt.Errorf("wrapped: %w", err)), "text")
		if got, want := errors.Is(sent, replica.ErrNotSubmitted), errors.Is(err, replica.ErrNotSubmitted); got != want {
			t.Errorf("%v: nothing submitted is %v, want %v", err, got, want)
		}
		if got, want := errors.Is(sent, replica.ErrOverloaded), errors.Is(err, replica.ErrOverloaded); got != want {
			t.Errorf("%v: overloaded is %v, want %v", err, got, want)
		}
	}
}

// silent is a leader on another node that takes commands and says nothing, until there is another leader.
type silent struct {
	*group
	next chan struct{}
}

func (s silent) Submit(ctx context.Context, node uint16, commands []byte, n int) ([]byte, error) {
	if node == 3 {
		return others{s.group}.Submit(ctx, node, commands, n)
	}
	s.asked = append(s.asked, node)
	s.leader = replica.NewID(3, 0)
	was := s.changed
	s.changed = s.next
	close(was)
	<-ctx.Done()
	return nil, ctx.Err()
}

// A leader that stands still breaks no connection. When there is another one, that is asked.
func TestSilentLeaderIsLeft(t *testing.T) {
	frame, err := wire.AppendCommand(nil, &exchange.CancelOrder{Account: 1, Key: exchange.Key{1}, Market: 1, Order: 1})
	if err != nil {
		t.Fatal(err)
	}
	g := &group{t: t, leader: replica.NewID(2, 0), script: []error{nil}, changed: make(chan struct{})}
	replies := make([]exchange.Reply, 1)
	err = New(1, g, silent{g, make(chan struct{})}, time.Minute, nil).Submit(t.Context(), frame, 1, replies)
	if err != nil || replies[0].Seq != 7 || len(g.asked) != 2 {
		t.Errorf("%v, asked %v, replied %+v", err, g.asked, replies[0])
	}
}

// Who waits for a leader at a node that has stopped is told at once, to try another node.
func TestFailedNodeDoesNotWait(t *testing.T) {
	g := &group{t: t, failed: make(chan struct{})}
	close(g.failed)
	err := New(1, g, others{g}, time.Hour, nil).Submit(t.Context(), nil, 0, nil)
	if !errors.Is(err, replica.ErrNotSubmitted) {
		t.Errorf("the error is %v", err)
	}
}
