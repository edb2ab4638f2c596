package node

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// spreadFixture is the shards of a node without the loops that do what was decided.
type spreadFixture struct {
	testing.TB
	spread
}

func newSpread(t testing.TB) *spreadFixture {
	f := &spreadFixture{TB: t, spread: spread{shards: new(table), founders: func() []placement.Founder { return []placement.Founder{{Replica: 7, Address: "a:1"}} }}}
	f.open(1)
	f.home = f.shards.of(1)
	f.switchRules = f.switchAlone
	return f
}

func (f *spreadFixture) open(id exchange.ShardID) {
	f.Helper()
	r, err := replica.Open(replica.Config{FS: vfs.NewMem(), Dir: "data", WALSegment: 1 << 20, Shard: id, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err == nil {
		err = r.Ready(f.Context())
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := r.Close(); err != nil {
			f.Error(err)
		}
	})
	f.shards.add(&hosted{id: id, replica: r, submit: newSubmitter(id, r, nil)})
}

// do gives a shard a command and waits until it can be seen.
func (f *spreadFixture) do(id exchange.ShardID, cmd exchange.Command) exchange.Reply {
	f.Helper()
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		f.Fatal(err)
	}
	h, replies := f.shards.of(id), make([]exchange.Reply, 1)
	if err = h.submit.Submit(f.Context(), frame, 1, replies); err == nil {
		err = h.submit.Fresh(f.Context())
	}
	if err != nil || replies[0].Code != exchange.Accepted {
		f.Fatalf("%T: %+v, %v", cmd, replies[0], err)
	}
	return replies[0]
}

func (f *spreadFixture) market(shard exchange.ShardID, id exchange.MarketID) {
	f.Helper()
	f.do(shard, createMarket(id))
}

func createMarket(id exchange.MarketID) *exchange.CreateMarket {
	return &exchange.CreateMarket{ID: id, Spec: exchange.MarketSpec{Question: "Will it be counted?", Tick: exchange.TickRule{Middle: 1, Edge: 1, EdgeWidth: 1},
		PositionLimit: 1_000}}
}

// A shard that was not there when the exchange was halted learns it from home, and so does one that missed the end of it.
func TestShardsAreHaltedAsHome(t *testing.T) {
	f := newSpread(t)
	f.open(2)
	for id := range exchange.ShardID(2) {
		f.do(id+1, &exchange.SwitchRules{Version: exchange.RulesVersion})
	}
	for _, halted := range []bool{true, false} {
		f.do(1, &exchange.SetHalt{Halted: halted, Reason: "by the operator"})
		for range 2 { // the second time there is nothing to do
			seq := f.shards.of(2).replica.View().Seq()
			if err := alignHalt(f.Context(), f.shards.of(2), f.home.replica.View().Halted()); err != nil {
				t.Fatal(err)
			}
			view := f.shards.of(2).replica.View()
			if view.Halted() != halted {
				t.Errorf("halted %v, not as home", view.Halted())
			}
			if seq == view.Seq() {
				break
			}
		}
	}
}

// A shard learns from home which acts need a second operator: more of them, and fewer.
func TestShardsNeedTwoAsHome(t *testing.T) {
	f := newSpread(t)
	f.open(2)
	for id := range exchange.ShardID(2) {
		f.do(id+1, &exchange.SwitchRules{Version: exchange.RulesVersion})
	}
	other := f.shards.of(2)
	for _, asked := range []exchange.Approvals{{Reversals: true, Withdrawals: 5}, {Withdrawals: 7}, {}} {
		f.do(1, &exchange.SetApprovals{Approvals: asked, Followed: true})
		seq := other.replica.View().Seq()
		for range 2 { // the second time there is nothing to do
			if err := alignApprovals(f.Context(), other, f.home.replica.View().Approvals()); err != nil {
				t.Fatal(err)
			}
		}
		if view := other.replica.View(); view.Approvals() != asked || view.Seq() != seq+1 {
			t.Errorf("%+v after %d events, at home %+v", view.Approvals(), view.Seq()-seq, asked)
		}
	}
}

// move moves a market, up to a step.
func (f *spreadFixture) move(id exchange.MarketID, from, to exchange.ShardID, adopted, released bool) {
	f.Helper()
	n := f.do(from, &exchange.FreezeMarket{Market: id, To: to}).Version
	if !adopted {
		return
	}
	parts, err := f.shards.of(from).replica.WriteMarket(f.Context(), id)
	if err != nil || len(parts) == 0 {
		f.Fatal(err, len(parts))
	}
	for i, part := range parts {
		f.do(to, &exchange.AdoptMarket{From: from, Market: id, Move: n, Part: uint32(i), Last: i == len(parts)-1, Data: part})
	}
	if released {
		f.do(from, &exchange.ReleaseMarket{Market: id, Move: n})
	}
}

func (f *spreadFixture) status() api.Shards {
	f.Helper()
	s, err := f.Shards(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	return s
}

// refuses wants a change to be refused with a code.
func (f *spreadFixture) refuses(err error, code api.Code) {
	f.Helper()
	var r *gateway.Refusal
	if !errors.As(err, &r) || r.Code != code {
		f.Errorf("%v, not %s", err, code.Code)
	}
}

func (f *spreadFixture) epoch(wanted uint64) {
	f.Helper()
	m, version, err := f.places(f.Context())
	if err != nil || version != wanted || m.Epoch() != wanted {
		f.Fatalf("the placement has version %d and epoch %d, not %d: %v", version, m.Epoch(), wanted, err)
	}
}

// adds adds a shard that is there.
func (f *spreadFixture) adds(id exchange.ShardID, points uint16, wanted exchange.ShardID) {
	f.Helper()
	if got, err := f.AddShard(f.Context(), id, points); err != nil || got != wanted {
		f.Fatalf("shard %d was added, not %d: %v", got, wanted, err)
	}
}

// withTwo is an exchange of two shards with markets 1 to 20, all on the first, of which some belong on the second.
func withTwo(t *testing.T) (f *spreadFixture, there []exchange.MarketID) {
	f = newSpread(t)
	f.open(2)
	for id := exchange.HomeShard; id <= 2; id++ {
		f.do(id, &exchange.SwitchRules{Version: exchange.GroupRules})
	}
	for id := exchange.MarketID(1); id <= 20; id++ {
		f.market(1, id)
	}
	f.adds(0, placement.Points, 2)
	m, _, err := f.places(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id := exchange.MarketID(1); id <= 20; id++ {
		if m.Of(id) == 2 {
			there = append(there, id)
		}
	}
	if len(there) < 4 {
		t.Fatalf("%d markets belong there", len(there))
	}
	return f, there
}

// A shard gets its points when it is ready, and whoever asks again goes on where it was.
func TestAddShardGoesOn(t *testing.T) {
	f := newSpread(t)
	f.epoch(0)
	_, err := f.AddShard(t.Context(), 3, 1)
	f.refuses(err, api.CodeShardOutOfOrder)
	for range 2 { // it is not founded
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := f.AddShard(short, 0, placement.Points); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		cancel()
		f.epoch(1)
	}
	if got := f.status().Shards[1]; got.Ready || got.Points != 0 {
		t.Errorf("%+v", got)
	}
	f.open(2)
	if f.ready(2) {
		t.Error("it is ready without the rules")
	}
	f.do(2, &exchange.SwitchRules{Version: exchange.GroupRules})
	f.adds(0, placement.Points, 2)
	f.epoch(2)
	f.adds(2, placement.Points, 2)
	f.epoch(2)
	f.adds(2, 64, 2)
	f.epoch(3)
	f.adds(1, 64, 1)
	m, _, err := f.places(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wanted := []placement.Shard{{ID: 1, Points: 64}, {ID: 2, Points: 64, Founders: []placement.Founder{{Replica: 7, Address: "a:1"}}}}
	if diff := cmp.Diff(wanted, m.Shards()); diff != "" {
		t.Error(diff)
	}
	if id, _ := f.numbered(m, 0); id != 3 {
		t.Errorf("the next is %d", id)
	}
	most := placement.New(gateway.MaxShards)
	for _, id := range []exchange.ShardID{0, gateway.MaxShards + 1} {
		_, err := f.numbered(most, id)
		f.refuses(err, api.CodeTooManyShards)
	}
	if id, err := f.numbered(most, gateway.MaxShards); id != gateway.MaxShards || err != nil {
		t.Errorf("the last is %d, %v", id, err)
	}
}

// Markets are counted where they are, once, in every step of a move.
func TestMarketsAreCounted(t *testing.T) {
	f, there := withTwo(t)
	all := uint64(len(there))
	want := func(what string, one, two api.Shard) {
		t.Helper()
		one.Shard, one.Points, one.Ready, two.Shard, two.Points, two.Ready = 1, placement.Points, true, 2, placement.Points, true
		if diff := cmp.Diff([]api.Shard{one, two}, f.status().Shards); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	want("nothing has moved", api.Shard{Markets: 20, Leaving: all}, api.Shard{Arriving: all})
	f.move(there[0], 1, 2, false, false)
	want("one is frozen", api.Shard{Markets: 20, Leaving: all, Frozen: 1}, api.Shard{Arriving: all})
	f.move(there[1], 1, 2, true, false)
	want("one has arrived", api.Shard{Markets: 19, Leaving: all - 1, Frozen: 1}, api.Shard{Markets: 1, Arriving: all - 1})
	f.move(there[2], 1, 2, true, true)
	want("one is gone", api.Shard{Markets: 18, Leaving: all - 2, Frozen: 1}, api.Shard{Markets: 2, Arriving: all - 2})
	f.do(1, &exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: there[3]}, Reason: "it is over"})
	want("one has ended", api.Shard{Markets: 18, Leaving: all - 3, Frozen: 1, Ended: 1}, api.Shard{Markets: 2, Arriving: all - 3})

	f.refuses(f.MoveMarket(t.Context(), there[3], 2), api.CodeMarketStays)
}

func TestDrainAndMove(t *testing.T) {
	f, there := withTwo(t)
	f.epoch(2)
	f.refuses(f.DrainShard(t.Context(), 3), api.CodeShardNotFound)
	f.refuses(f.MoveMarket(t.Context(), 1, 3), api.CodeShardNotFound)
	for range 2 {
		if err := f.MoveMarket(t.Context(), there[0], 1); err != nil {
			t.Fatal(err)
		}
		f.epoch(3)
	}
	if s := f.status().Shards; s[0].Put != 1 || s[0].Leaving != uint64(len(there)-1) {
		t.Errorf("%+v", s)
	}
	if err := f.MoveMarket(t.Context(), there[0], 0); err != nil {
		t.Fatal(err)
	}
	f.epoch(4)
	for range 2 {
		if err := f.DrainShard(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		f.epoch(5)
	}
	f.refuses(f.DrainShard(t.Context(), 2), api.CodeLastShard)
	if s := f.status().Shards; s[0].Leaving != 20 || s[1].Arriving != 20 {
		t.Errorf("%+v", s)
	}
}

// A plan says what the change would move, and changes nothing.
func TestPlan(t *testing.T) {
	f, there := withTwo(t)
	f.move(there[0], 1, 2, true, true)
	f.do(1, &exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: there[1]}, Reason: "it is over"})
	rest := uint64(len(there) - 2)
	for _, c := range []struct {
		ask  api.PlanShards
		want api.ShardPlan
	}{
		{api.PlanShards{Change: api.ChangeAdd, Shard: 2, Points: placement.Points}, api.ShardPlan{Shard: 2, Points: placement.Points, Moving: rest, Staying: 1, Moves: []api.ShardMoves{{From: 1, To: 2, Markets: rest}}}},
		{api.PlanShards{Change: api.ChangeDrain, Shard: 2}, api.ShardPlan{Shard: 2, Moving: 1, Moves: []api.ShardMoves{{From: 2, To: 1, Markets: 1}}}},
		{api.PlanShards{Change: api.ChangeDrain, Shard: 1}, api.ShardPlan{Shard: 1, Moving: 18, Staying: 1, Moves: []api.ShardMoves{{From: 1, To: 2, Markets: 18}}}},
		{api.PlanShards{Change: api.ChangeMove, Market: api.ID(there[0]), Shard: 1}, api.ShardPlan{Shard: 1, Points: placement.Points, Moving: 1, Moves: []api.ShardMoves{{From: 2, To: 1, Markets: 1}}}},
		{api.PlanShards{Change: api.ChangeMove, Market: api.ID(there[0])}, api.ShardPlan{Shard: 2, Points: placement.Points, Moves: []api.ShardMoves{}}},
	} {
		c.want.Change, c.want.Epoch, c.want.Markets = c.ask.Change, 2, 20
		got, err := f.PlanShards(t.Context(), c.ask)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%+v: %v\n%s", c.ask, err, diff)
		}
	}
	next, err := f.PlanShards(t.Context(), api.PlanShards{Change: api.ChangeAdd, Points: placement.Points})
	if err != nil || next.Shard != 3 || !slices.ContainsFunc(next.Moves, func(m api.ShardMoves) bool { return m.To == 3 }) {
		t.Errorf("%+v, %v", next, err)
	}
	_, err = f.PlanShards(t.Context(), api.PlanShards{Change: api.ChangeDrain, Shard: 9})
	f.refuses(err, api.CodeShardNotFound)
	f.epoch(2)
}

// A placement that somebody else has changed meanwhile is changed again from there.
func TestChangesAtTheSameTime(t *testing.T) {
	f, there := withTwo(t)
	first := true
	err := f.change(t.Context(), func(m *placement.Map) (*placement.Map, error) {
		if first {
			first = false
			if err := f.MoveMarket(t.Context(), there[0], 1); err != nil {
				t.Fatal(err)
			}
		}
		if m.Of(there[1]) == 1 {
			return m, nil
		}
		return m.Put(there[1], 1)
	})
	if err != nil {
		t.Fatal(err)
	}
	f.epoch(4)
	if s := f.status().Shards; s[0].Put != 2 {
		t.Errorf("%+v", s)
	}
}
