package router

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// field is a few shards between which markets move to where a Map says.
type field struct {
	t      *testing.T
	sides  []*side // shard 1 first
	places atomic.Pointer[placement.Map]
	stood  atomic.Int64 // markets that have moved
	stop   func()
}

const fieldCash = 1_000_000_000

func newField(t *testing.T, shards exchange.ShardID, accounts int) *field {
	f := &field{t: t}
	f.places.Store(placement.New(shards))
	for id := exchange.ShardID(1); id <= shards; id++ {
		s := newSide(t, id)
		s.submit(&exchange.SwitchRules{Version: exchange.MoveRules})
		f.sides = append(f.sides, s)
	}
	home := f.sides[0]
	number := map[exchange.ShardID]uint64{}
	for id := exchange.AccountID(1); id <= exchange.AccountID(accounts); id++ {
		home.submit(&exchange.Register{Name: fmt.Sprint("trader", id)}, &exchange.Deposit{Account: id, Amount: fieldCash})
		for to := exchange.ShardID(2); to <= shards; to++ {
			number[to]++
			home.submit(&exchange.SendTransfer{Account: id, To: to, Amount: fieldCash / 10})
			f.sides[to-1].submit(&exchange.ReceiveTransfer{From: 1, Number: number[to], Account: id, Amount: fieldCash / 10})
			home.submit(&exchange.ReleaseTransfer{To: to, Number: number[to]})
		}
	}
	return f
}

// move lets movers work between all shards.
func (f *field) move() {
	ctx, cancel := context.WithCancel(f.t.Context())
	var done sync.WaitGroup
	for _, from := range f.sides {
		for _, to := range f.sides {
			if from != to {
				m := f.mover(from, to)
				done.Go(func() { m.Run(ctx) })
			}
		}
	}
	f.stop = func() { cancel(); done.Wait() }
}

func (f *field) mover(from, to *side) *Mover {
	return &Mover{From: from.config.Shard, To: to.config.Shard, Self: 1, Source: from, Departures: from, Arrival: to, Destination: to,
		Places: f.places.Load, Log: from.config.Log, Moved: func(time.Duration) { f.stood.Add(1) }}
}

func (f *field) open(id exchange.MarketID) {
	f.sides[f.places.Load().Of(id)-1].submit(&exchange.CreateMarket{ID: id, Spec: exchange.MarketSpec{Question: "Will it arrive in time?",
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}})
}

// put changes where a market belongs.
func (f *field) put(market exchange.MarketID, to exchange.ShardID) {
	next, err := f.places.Load().Put(market, to)
	if err != nil {
		f.t.Fatal(err)
	}
	f.places.Store(next)
}

// is reports whether a market is on a shard, and nowhere else.
func (f *field) is(market exchange.MarketID, at exchange.ShardID) bool {
	for i, s := range f.sides {
		_, there := s.view().Market(market)
		if there != (exchange.ShardID(i+1) == at) || there && s.view().Moving(market).Stage != projection.StageHere {
			return false
		}
	}
	return true
}

// trader sends commands about one market to where that is, until they are answered.
type trader struct {
	*rand.Rand
	f       *field
	market  exchange.MarketID
	at      exchange.ShardID
	account exchange.AccountID
	keys    int
	orders  []exchange.OrderID
	given   []exchange.Command
	answers []exchange.Reply
	waited  int
}

func (x *trader) key() exchange.Key {
	x.keys++
	return exchange.Key{byte(x.keys), byte(x.keys >> 8), byte(x.market), byte(x.account)}
}

func (x *trader) give(ctx context.Context, cmd exchange.Command) (r exchange.Reply) {
	for ctx.Err() == nil {
		replies, err := submitAll(ctx, x.f.sides[x.at-1], []exchange.Command{cmd})
		switch {
		case err != nil:
		case replies[0].Code == exchange.RejectMarketMoving:
			x.waited++
		case replies[0].Code == exchange.RejectMarketMoved:
			x.at = exchange.ShardID(replies[0].ID)
			continue
		default:
			return replies[0]
		}
		time.Sleep(time.Millisecond)
	}
	return r
}

func (x *trader) trade(ctx context.Context) {
	var cmd exchange.Command = &exchange.PlaceOrder{Account: x.account, Key: x.key(), Market: x.market, Side: exchange.Side(x.IntN(2)),
		Price: exchange.Price(4_950 + x.IntN(100)), Quantity: exchange.Quantity(1 + x.IntN(5)), SelfTrade: exchange.CancelMaker}
	if n := len(x.orders); n > 0 && x.IntN(3) == 0 {
		cmd = &exchange.CancelOrder{Account: x.account, Key: x.key(), Market: x.market, Order: x.orders[x.IntN(n)]}
	}
	r := x.give(ctx, cmd)
	if _, placed := cmd.(*exchange.PlaceOrder); placed && r.Code == exchange.Accepted {
		x.orders = append(x.orders, exchange.OrderID(r.ID))
	}
	x.given, x.answers = append(x.given, cmd), append(x.answers, r)
}

// Markets move again and again between shards that trade, over ways that break, with movers and replicas that start anew. In
// the end each is where it belongs, every answer is still given, and all money is there.
func TestMarketsMoveUnderTrading(t *testing.T) {
	const markets, accounts = 6, 2
	f := newField(t, 3, accounts)
	for id := exchange.MarketID(1); id <= markets; id++ {
		f.open(id)
	}
	var traders []*trader
	var trading sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for id := exchange.MarketID(1); id <= markets; id++ {
		for account := exchange.AccountID(1); account <= accounts; account++ {
			x := &trader{Rand: rand.New(rand.NewPCG(uint64(id), uint64(account))), f: f, market: id, at: f.places.Load().Of(id), account: account}
			traders = append(traders, x)
			trading.Go(func() {
				for ctx.Err() == nil {
					x.trade(t.Context())
				}
			})
		}
	}
	for i, s := range f.sides {
		s.mu.Lock()
		s.breaks = int64(7 + 4*i)
		s.mu.Unlock()
	}
	f.move()
	for round := range 8 {
		for id := exchange.MarketID(1); id <= markets; id++ {
			f.put(id, exchange.ShardID(1+(int(id)*7+round*5)%3))
		}
		time.Sleep(30 * time.Millisecond)
		switch round {
		case 2, 5:
			f.sides[round%3].restart()
		case 4:
			f.stop()
			f.move()
		}
	}
	there := func() bool {
		for id := exchange.MarketID(1); id <= markets; id++ {
			if !f.is(id, f.places.Load().Of(id)) {
				return false
			}
		}
		return true
	}
	until(t, there)
	cancel()
	trading.Wait()
	f.stop()
	if f.stood.Load() < markets {
		t.Errorf("only %d markets have moved", f.stood.Load())
	}
	f.money(accounts)
	waited := 0
	for _, x := range traders {
		waited += x.waited
		for range min(len(x.given), 100) {
			i := x.IntN(len(x.given))
			cmd := x.given[i]
			again := x.give(t.Context(), cmd)
			if first := x.answers[i]; again.Code != first.Code || again.ID != first.ID || again.Filled != first.Filled || again.Time != first.Time {
				t.Fatalf("%T%+v was answered %+v and is now %+v", cmd, cmd, first, again)
			}
		}
	}
	t.Logf("%d moves, %d answers that a market was moving", f.stood.Load(), waited)
}

// money checks that what is on all shards is what was paid in.
func (f *field) money(accounts int) {
	f.t.Helper()
	var have, moved exchange.Money
	for _, s := range f.sides {
		if err := s.view().Check(); err != nil {
			f.t.Error(err)
		}
		x := s.view().Totals()
		have += x.Cash + x.Held + x.Escrow + x.MarketFees + x.HouseFees - x.Receivables + x.Outbox
		moved += x.MovedIn - x.MovedOut
	}
	if have != exchange.Money(accounts)*fieldCash || moved != 0 {
		f.t.Errorf("there are %v, and %v more came with markets than left", have, moved)
	}
}

// garbler breaks parts of markets on their way.
type garbler struct {
	*side
	garbles bool
}

func (g *garbler) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	var frames []byte
	for range n {
		frame, rest, err := wire.Next(commands)
		if err != nil {
			return err
		}
		commands = rest
		cmd, err := wire.ReadCommand(frame)
		if err != nil {
			return err
		}
		if c, ok := cmd.(*exchange.AdoptMarket); ok && g.garbles && c.Last {
			c.Data = []byte("nonsense")
		}
		if frames, err = wire.AppendCommand(frames, cmd); err != nil {
			return err
		}
	}
	return g.side.Submit(ctx, frames, n, replies)
}

// A market that its destination does not take goes on where it was, and is moved later.
func TestMarketsThatAreNotTakenGoOn(t *testing.T) {
	f := newField(t, 2, 1)
	f.put(1, 1)
	f.open(1)
	f.put(1, 2)
	to := &garbler{f.sides[1], true}
	m := f.mover(f.sides[0], f.sides[1])
	m.Destination = to
	walk := func(done func() bool) {
		t.Helper()
		until(t, func() bool {
			if _, err := m.round(t.Context(), f.places.Load()); err != nil {
				t.Fatal(err)
			}
			return done()
		})
	}
	home := f.sides[0].view()
	walk(func() bool { return home.Moving(1).Move == 1 && home.Moving(1).Stage == projection.StageHere })
	f.sides[0].submit(&exchange.PlaceOrder{Account: 1, Key: exchange.Key{1}, Market: 1, Price: 100, Quantity: 1})
	m.round(t.Context(), f.places.Load())
	if home.Moving(1).Move != 1 {
		t.Error("it is moved again at once")
	}
	to.garbles, m.later = false, nil
	walk(func() bool { return f.is(1, 2) })
}

// Markets that have ended, or of which another one has the id, are left where they are.
func TestMarketsThatCannotMoveStay(t *testing.T) {
	f := newField(t, 2, 1)
	f.put(1, 1)
	f.put(2, 1)
	f.open(1)
	f.open(2)
	f.put(1, 2)
	f.open(1) // another market of this id
	f.sides[0].submit(&exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: 2}, Reason: "nobody knows"})
	f.put(2, 2)
	m := f.mover(f.sides[0], f.sides[1])
	for range 4 {
		if _, err := m.round(t.Context(), f.places.Load()); err != nil {
			t.Fatal(err)
		}
	}
	for id := exchange.MarketID(1); id <= 2; id++ {
		if got := f.sides[0].view().Moving(id); got != (projection.Moving{}) {
			t.Errorf("market %d is %+v", id, got)
		}
	}
}

// Nothing is frozen for a destination that does not know what a move is.
func TestMarketsWaitForTheirDestination(t *testing.T) {
	f := newField(t, 1, 1)
	old := &side{t: t, config: replica.Config{FS: vfs.NewMem(), Dir: "data", WALSegment: 1 << 20, Shard: 2, Log: f.sides[0].config.Log}}
	old.start()
	t.Cleanup(func() { old.stop() })
	f.open(1)
	two, err := f.places.Load().Add(placement.Shard{ID: 2})
	if err != nil {
		t.Fatal(err)
	}
	f.places.Store(two)
	f.put(1, 2)
	m := f.mover(f.sides[0], old)
	for range 3 {
		if _, err := m.round(t.Context(), f.places.Load()); err == nil {
			t.Fatal("it does not wait")
		}
	}
	if got := f.sides[0].view().Moving(1); got != (projection.Moving{}) {
		t.Fatalf("the market is %+v", got)
	}
	old.submit(&exchange.SwitchRules{Version: exchange.MoveRules})
	f.sides = append(f.sides, old)
	f.move()
	until(t, func() bool { return f.is(1, 2) })
	f.stop()
}

// What may be lost again on either side is nothing to go by.
func TestOnlyWhatIsSureIsMoved(t *testing.T) {
	f := newField(t, 2, 1)
	from, to := f.sides[0], f.sides[1]
	f.put(1, 1)
	f.open(1)
	from.submit(&exchange.FreezeMarket{Market: 1, To: 2})
	m := f.mover(from, to)
	for _, s := range f.sides {
		s.unsure = true
		if _, err := m.round(t.Context(), f.places.Load()); err == nil || to.view().Moving(1) != (projection.Moving{}) {
			t.Errorf("it was adopted: %v", err)
		}
		s.unsure = false
	}
	if _, err := m.round(t.Context(), f.places.Load()); err != nil {
		t.Fatal(err)
	}
	for _, s := range f.sides {
		s.unsure = true
		if _, err := m.round(t.Context(), f.places.Load()); err == nil || from.view().Moving(1).Stage != projection.StageFrozen {
			t.Errorf("it was released: %v", err)
		}
		s.unsure = false
	}
	if _, err := m.round(t.Context(), f.places.Load()); err != nil || !f.is(1, 2) {
		t.Errorf("it has not moved: %v", err)
	}
}

// A market is not frozen while the disks stand still, unless that never ends.
func TestMarketsWaitForACalmMoment(t *testing.T) {
	f := newField(t, 2, 1)
	from, to := f.sides[0], f.sides[1]
	f.put(1, 1)
	f.open(1)
	f.put(1, 2)
	m, asked := f.mover(from, to), 0
	m.awaitCalm = time.Hour
	m.Calm = func() bool {
		asked++
		if got := from.view().Moving(1); got != (projection.Moving{}) {
			t.Errorf("the market is %+v", got)
		}
		return asked > 3
	}
	if _, err := m.round(t.Context(), f.places.Load()); err != nil || !f.is(1, 2) || asked != 4 {
		t.Errorf("it has not moved at the fourth look, but after %d: %v", asked, err)
	}
	f.put(1, 1)
	back := f.mover(to, from)
	back.Calm, back.awaitCalm = func() bool { return false }, time.Millisecond
	if _, err := back.round(t.Context(), f.places.Load()); err != nil || !f.is(1, 1) {
		t.Errorf("it has not moved back: %v", err)
	}
}

// An account that a shard hears of by a market that comes is what it was before: limited, and with its switch.
func TestAccountsAreIntroduced(t *testing.T) {
	f := newField(t, 2, 1)
	home, other := f.sides[0], f.sides[1]
	home.submit(&exchange.Register{Name: "grace"}, &exchange.Deposit{Account: 2, Amount: 1_000_000},
		&exchange.SetLimits{Account: 2, MaxOpenOrders: 77}, &exchange.SetDeadMan{Account: 2, Timeout: exchange.Duration(time.Hour)})
	f.put(1, 1)
	f.open(1)
	home.submit(&exchange.PlaceOrder{Account: 2, Key: exchange.Key{1}, Market: 1, Price: 100, Quantity: 1})
	f.put(1, 2)
	f.move()
	until(t, func() bool { // accounts are introduced once the market has come
		a, _ := other.view().Account(2)
		return f.is(1, 2) && a.DeadMan != 0
	})
	f.stop()
	a, _ := other.view().Account(2)
	b, _ := home.view().Account(2)
	if a.MaxOpenOrders != 77 || a.OpenOrders != 1 || a.DeadMan == 0 || a.DeadMan > b.DeadMan+exchange.Time(time.Minute) {
		t.Errorf("the shard knows %+v", a)
	}
}

// A market of many parts moves whole, and a lone one among it.
func TestLargeMarketsMove(t *testing.T) {
	f := newField(t, 2, 1)
	f.put(1, 1)
	f.put(2, 1)
	f.open(1)
	f.open(2)
	var cmds []exchange.Command
	const orders = 12_000
	for n := range orders {
		cmds = append(cmds, &exchange.PlaceOrder{Account: 1, Key: exchange.Key{1, byte(n), byte(n >> 8)}, Market: 1, Price: exchange.Price(1 + n%50), Quantity: 1})
	}
	for some := range slices.Chunk(cmds, 2_000) {
		f.sides[0].submit(some...)
	}
	f.put(1, 2)
	f.put(2, 2)
	f.move()
	until(t, func() bool { return f.is(1, 2) && f.is(2, 2) })
	f.stop()
	if m, _ := f.sides[1].view().Market(1); m.OpenOrders != orders {
		t.Errorf("%d orders have come", m.OpenOrders)
	}
	f.money(1)
}

// Cash that lies idle goes home at once from a shard on which nobody can trade, and stays where somebody trades.
func TestIdleCashIsSweptHome(t *testing.T) {
	f := newField(t, 2, 3)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	defer func() { cancel(); done.Wait() }()
	other := f.sides[1]
	s := &Sweeper{Shard: 2, Self: 1, Source: other, Departures: other, Home: f.sides[0].view(), Places: f.places.Load, Log: other.config.Log}
	if err := s.sweep(ctx); err != nil || len(other.view().Outbox()) != 0 {
		t.Fatalf("cash was taken from a shard that is in use: %v", err)
	}
	drained, err := f.places.Load().Drain(2)
	if err != nil {
		t.Fatal(err)
	}
	f.places.Store(drained)
	f.sides[1].breaks = 3
	stop := carry(t, other, f.sides[0])
	defer stop()
	done.Go(func() { s.Run(ctx) })
	until(t, func() bool { return f.sides[0].view().Totals().Cash == 3*fieldCash })
}
