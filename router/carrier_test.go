package router

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// side is one shard, of which the replica can be started anew, with a way there that breaks now and then.
type side struct {
	t      *testing.T
	config replica.Config
	mu     sync.RWMutex
	*replica.Replica
	sent   atomic.Int64
	breaks int64 // each so manieth submission is lost, before or after it took effect; 0: none
	unsure bool  // what was seen may be lost
}

var errBroken = errors.New("the way is broken")

func newSide(t *testing.T, id exchange.ShardID) *side {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s := &side{t: t, config: replica.Config{FS: vfs.NewMem(), Dir: "data", WALSegment: 1 << 20, Shard: id, Log: quiet}}
	s.start()
	t.Cleanup(func() { s.stop() })
	s.submit(&exchange.SwitchRules{Version: exchange.TransferRules})
	return s
}

func (s *side) start() {
	r, err := replica.Open(s.config)
	if err == nil {
		err = r.Ready(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.Replica = r
}

func (s *side) stop() {
	if err := s.Close(); err != nil {
		s.t.Error(err)
	}
}

func (s *side) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	s.start()
}

func (s *side) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	number := s.sent.Add(1)
	if s.breaks > 0 && number%s.breaks == 0 {
		return errBroken
	}
	err := s.Replica.Submit(ctx, commands, n, replies)
	if s.breaks > 0 && number%s.breaks == 1 {
		return errBroken
	}
	return err
}

func (s *side) submit(cmds ...exchange.Command) []exchange.Reply {
	s.t.Helper()
	var frames []byte
	for _, cmd := range cmds {
		var err error
		if frames, err = wire.AppendCommand(frames, cmd); err != nil {
			s.t.Fatal(err)
		}
	}
	replies := make([]exchange.Reply, len(cmds))
	if err := s.Replica.Submit(s.t.Context(), frames, len(cmds), replies); err != nil {
		s.t.Fatal(err)
	}
	for i, r := range replies {
		if r.Code != exchange.Accepted {
			s.t.Fatalf("%T: %v", cmds[i], r.Code)
		}
	}
	if err := s.View().WaitSeq(s.t.Context(), replies[len(replies)-1].Seq); err != nil {
		s.t.Fatal(err)
	}
	return replies
}

func (s *side) replica() *replica.Replica {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.Replica
}

func (s *side) view() *projection.View { return s.replica().View() }
func (s *side) View() *projection.View { return s.view() }
func (s *side) Fresh(ctx context.Context) error {
	if s.unsure {
		return errBroken
	}
	return s.replica().Fresh(ctx)
}
func (s *side) WriteMarket(ctx context.Context, id exchange.MarketID) ([][]byte, error) {
	return s.replica().WriteMarket(ctx, id)
}

func (s *side) Leader() (replica.ID, <-chan struct{}) { return s.replica().Leader() }
func (s *side) Seq() exchange.Seq                     { return s.view().Seq() }
func (s *side) Outbox() []exchange.Transfer           { return s.view().Outbox() }
func (s *side) WaitSeq(ctx context.Context, seq exchange.Seq) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond) // the view may be one of a replica that has ended
	defer cancel()
	return s.view().WaitSeq(ctx, seq)
}

func carry(t *testing.T, from, to *side) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	c := Carrier{From: from.config.Shard, To: to.config.Shard, Self: 1, Source: from, Departures: from, Destination: to, Log: from.config.Log}
	var done sync.WaitGroup
	done.Go(func() { c.Run(ctx) })
	return func() { cancel(); done.Wait() }
}

func cash(v *projection.View, id exchange.AccountID) exchange.Money {
	a, _ := v.Account(id)
	return a.Cash
}

// Transfers both ways, over ways that break, with carriers and shards that start anew: each arrives once, and in the end
// nothing is under way.
func TestTransfersArriveOnce(t *testing.T) {
	a, b := newSide(t, 1), newSide(t, 2)
	const each = 1_000_000
	const accounts = 3
	for id := range exchange.AccountID(accounts) {
		a.submit(&exchange.Register{Name: fmt.Sprint("trader", id)}, &exchange.Deposit{Account: id + 1, Amount: each})
	}
	a.breaks, b.breaks = 7, 5
	var stops []func()
	begin := func() { stops = []func(){carry(t, a, b), carry(t, b, a)} }
	end := func() {
		for _, stop := range stops {
			stop()
		}
	}
	begin()
	want := [accounts + 1]exchange.Money{} // on b
	for n := range 60 {
		id := exchange.AccountID(n%accounts + 1)
		amount := exchange.Money(100 + n)
		a.submit(&exchange.SendTransfer{Account: id, To: 2, Amount: amount})
		want[id] += amount
		if back := want[id] / 4; n%5 == 0 && cash(b.view(), id) >= back {
			b.submit(&exchange.SendTransfer{Account: id, To: 1, Amount: back})
			want[id] -= back
		}
		switch n {
		case 20:
			end()
			begin()
		case 30:
			a.restart()
		case 40:
			b.restart()
		}
	}
	until(t, func() bool { return len(a.Outbox())+len(b.Outbox()) == 0 })
	end()
	for id := exchange.AccountID(1); id <= accounts; id++ {
		if there, here := cash(b.view(), id), cash(a.view(), id); there != want[id] || here+there != each {
			t.Errorf("account %d has %v and %v, sent were %v", id, here, there, want[id])
		}
	}
	if at, bt := a.view().Totals(), b.view().Totals(); at.World != accounts*each || at.Released != bt.Received || bt.Released != at.Received {
		t.Errorf("totals %+v and %+v", at, bt)
	}
}

// A carrier whose node does not lead the source does nothing.
func TestOnlyTheLeaderCarries(t *testing.T) {
	a, b := newSide(t, 1), newSide(t, 2)
	a.submit(&exchange.Register{Name: "trader"}, &exchange.Deposit{Account: 1, Amount: 10}, &exchange.SendTransfer{Account: 1, To: 2, Amount: 4})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	(&Carrier{From: 1, To: 2, Self: 2, Source: a, Departures: a, Destination: b, Log: a.config.Log}).Run(ctx)
	if b.sent.Load() != 0 || len(a.Outbox()) != 1 {
		t.Error("another node's transfer was carried")
	}
}

// What may be lost again at the source is not delivered.
func TestOnlyWhatIsSureIsCarried(t *testing.T) {
	a, b := newSide(t, 1), newSide(t, 2)
	a.submit(&exchange.Register{Name: "trader"}, &exchange.Deposit{Account: 1, Amount: 10}, &exchange.SendTransfer{Account: 1, To: 2, Amount: 4})
	a.unsure = true
	c := Carrier{From: 1, To: 2, Self: 1, Source: a, Departures: a, Destination: b, Log: a.config.Log}
	if _, err := c.step(t.Context(), &courier.Route{From: 1, To: 2}, a.Outbox()); err == nil || b.sent.Load() != 0 {
		t.Errorf("it was delivered: %v", err)
	}
}

// One destination that refuses what comes is asked again and again, and what it takes at last is released.
func TestRefusedTransfersWait(t *testing.T) {
	a := newSide(t, 1)
	b := &side{t: t, config: replica.Config{FS: vfs.NewMem(), Dir: "data", WALSegment: 1 << 20, Shard: 2, Log: a.config.Log}}
	b.start() // under the first rules, which know of no transfers
	t.Cleanup(func() { b.stop() })
	a.submit(&exchange.Register{Name: "trader"}, &exchange.Deposit{Account: 1, Amount: 10}, &exchange.SendTransfer{Account: 1, To: 2, Amount: 4})
	defer carry(t, a, b)()
	until(t, func() bool { return b.sent.Load() > 2 })
	if len(a.Outbox()) != 1 {
		t.Fatal("a transfer was released that nobody has")
	}
	b.submit(&exchange.SwitchRules{Version: exchange.TransferRules})
	until(t, func() bool { return len(a.Outbox()) == 0 })
	if got := cash(b.view(), 1); got != 4 {
		t.Errorf("4 were sent, %v arrived", got)
	}
}

func until(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come to an end")
		}
	}
}
