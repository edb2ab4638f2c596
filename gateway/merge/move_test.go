package merge

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/placement"
)

// give1 submits one command.
func (f *fixture) give1(cmd exchange.Command) exchange.Reply {
	frame, err := wire.AppendCommand(nil, cmd)
	var replies [1]exchange.Reply
	if err == nil {
		err = f.Submit(f.Context(), frame, 1, replies[:])
	}
	if err != nil {
		f.Errorf("%T: %v", cmd, err)
	}
	return replies[0]
}

// A shard is added while everybody trades, and markets move there and back: nobody is told of it, every order is where its
// market is, and no money comes or goes.
func TestNobodySeesMarketsMove(t *testing.T) {
	f := newFixture(t, 2)
	f.patience = time.Minute
	const traders, cash = 4, 100_000_000
	var markets []exchange.MarketID
	for n := range 6 {
		markets = append(markets, exchange.MarketID(f.accepted(&exchange.CreateMarket{Key: f.key(), Spec: spec(fmt.Sprint("Will it move ", n, " times?"))})[0].ID))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var trading sync.WaitGroup
	for n := range traders {
		id := f.trader(fmt.Sprint("trader", n), cash)
		random := rand.New(rand.NewPCG(1, uint64(n)))
		trading.Go(func() {
			for i := uint64(1); ctx.Err() == nil; i++ {
				sum := sha256.Sum256(fmt.Append(nil, n, i))
				key := exchange.Key(sum[:16])
				var cmd exchange.Command = &exchange.PlaceOrder{Account: id, Key: key, Market: markets[random.IntN(len(markets))], Side: exchange.Side(random.IntN(2)),
					Price: exchange.Price(4_900 + random.IntN(200)), Quantity: 2, SelfTrade: exchange.CancelMaker}
				if i%40 == 0 {
					cmd = &exchange.MassCancel{Account: id, Key: key}
				}
				if r := f.give1(cmd); r.Code != exchange.Accepted {
					t.Errorf("%T: %v", cmd, r.Code)
				}
			}
		})
	}
	f.open()
	m, err := f.Map.Add(placement.Shard{ID: 3, Points: placement.Points})
	f.place(m, err)
	for round := range 6 {
		for i, id := range markets {
			if m, err = m.Put(id, exchange.ShardID(1+(i+round)%3)); err != nil {
				t.Fatal(err)
			}
		}
		f.place(m, nil)
		f.settle(markets...)
	}
	cancel()
	trading.Wait()
	f.until(func() bool { return f.Totals().Outbox == 0 })
	sum := f.Totals()
	if sum.World != traders*cash || sum.Cash+sum.Held+sum.Escrow != sum.World {
		t.Errorf("of %v there are %v, %v and %v", sum.World, sum.Cash, sum.Held, sum.Escrow)
	}
	for _, s := range f.sites {
		if err := s.View().Check(); err != nil {
			t.Error(err)
		}
	}
}

// carry moves a market by hand, and calls look after every step.
func (f *fixture) carry(id exchange.MarketID, from, to exchange.ShardID, look func(step string)) {
	f.Helper()
	step := func(shard exchange.ShardID, cmd exchange.Command) exchange.Reply {
		f.Helper()
		r, err := f.one(f.Context(), shard, cmd)
		if err == nil {
			err = f.Fresh(f.Context())
		}
		if err != nil || r.Code != exchange.Accepted {
			f.Fatal(r, err)
		}
		look(fmt.Sprintf("%T %d", cmd, r.Version))
		return r
	}
	move := step(from, &exchange.FreezeMarket{Market: id, To: to}).Version
	parts, err := f.sites[from-1].WriteMarket(f.Context(), id)
	if err != nil {
		f.Fatal(err)
	}
	for i, data := range parts {
		step(to, &exchange.AdoptMarket{From: from, Market: id, Move: move, Part: uint32(i), Last: i == len(parts)-1, Data: data})
	}
	for step(from, &exchange.ReleaseMarket{Market: id, Move: move}).Remaining > 0 {
	}
}

// After every step of a move an account has what it has, and each of its orders and positions, and the market, is there once.
func TestWhatMovesIsThereOnce(t *testing.T) {
	f := newFixture(t, 3)
	const cash = 1_000_000
	id, other := f.trader("peggy", cash), f.trader("trent", cash)
	market := f.markets()[1]
	f.accepted(f.buy(id, market, 5_000, 7))
	sell := f.buy(other, market, 5_000, 2)
	sell.Side = exchange.Sell
	f.accepted(sell)
	f.until(func() bool { return f.Totals().Outbox == 0 })
	before := f.Totals()
	f.halt()
	f.carry(market, 2, 3, func(step string) {
		t.Helper()
		if got := f.Totals(); got.Cash != before.Cash || got.Held != before.Held || got.Escrow != before.Escrow || got.Markets != before.Markets ||
			got.OpenOrders != before.OpenOrders || got.Positions != before.Positions {
			t.Errorf("%s: totals are %+v, and were %+v", step, got, before)
		}
		if a, _ := f.Account(id); a.Cash != cash-35_000 || a.Held != 25_000 || a.OpenOrders != 1 {
			t.Errorf("%s: the account is %+v", step, a)
		}
		if p, _ := f.Portfolio(id); p.Positions != 1 || p.Value != 10_000 || p.Cost != 10_000 {
			t.Errorf("%s: the portfolio is %+v", step, p)
		}
		if got := f.OpenOrders(id, 0, 0, 10); len(got) != 1 || got[0].Remaining != 5 {
			t.Errorf("%s: open orders are %+v", step, got)
		}
		if got := f.Positions(id, projection.PositionCursor{}, 10); len(got) != 1 || got[0].Yes != 2 {
			t.Errorf("%s: positions are %+v", step, got)
		}
		if d, ok := f.Depth(market, 0, 5); !ok || len(d.Bids) != 1 || d.Bids[0].Quantity != 5 {
			t.Errorf("%s: the book is %+v", step, d)
		}
		listed := 0
		page := f.Markets(projection.MarketFilter{Limit: projection.MaxPage})
		for i := range page.Markets {
			if page.Markets[i].ID == market {
				listed++
			}
		}
		if listed != 1 {
			t.Errorf("%s: the market is listed %d times", step, listed)
		}
	})
}

// Orders that come together on a shard, some of one id, are listed page by page, each once.
func TestOrdersThatCameTogetherAreListed(t *testing.T) {
	f := newFixture(t, 3)
	id := f.trader("victor", 1_000_000)
	markets := f.markets()
	const each = 5
	for range each {
		for _, market := range markets {
			f.accepted(f.buy(id, market, 100, 1))
		}
	}
	list := func() (all []projection.Order) {
		for after := exchange.OrderID(0); ; after = all[len(all)-1].ID {
			page := f.OpenOrders(id, 0, after, 2)
			if all = append(all, page...); len(page) < 2 {
				return all
			}
		}
	}
	ids := map[exchange.OrderID]bool{}
	for round := range 3 {
		seen := map[[2]uint64]bool{}
		for i, o := range list() {
			seen[[2]uint64{uint64(o.Market), uint64(o.ID)}] = true
			ids[o.ID] = true
			if all := list(); i > 0 && all[i-1].ID < o.ID {
				t.Errorf("round %d: order %d is listed before order %d", round, all[i-1].ID, o.ID)
			}
		}
		if len(seen) != each*len(markets) {
			t.Errorf("round %d: %d orders are listed", round, len(seen))
		}
		if round == 2 {
			break
		}
		m := f.Map
		for _, market := range markets {
			var err error
			if m, err = m.Put(market, exchange.ShardID(3-2*round)); err != nil {
				t.Fatal(err)
			}
		}
		f.place(m, nil)
		f.settle(markets...)
	}
	if len(ids) == each*len(markets) {
		t.Error("no two orders have one id")
	}
}

// staged is a shard around whose mass cancels something happens.
type staged struct {
	gateway.Submitter
	before, after func()
}

func (s staged) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	if wire.CommandKind(commands) == exchange.KindMassCancel {
		s.before()
		defer s.after()
	}
	return s.Submitter.Submit(ctx, commands, n, replies)
}

// A mass cancel finds orders that went from a shard that it had not come to yet to one where it had been, and those that are on
// their way when it comes.
func TestAMassCancelFindsOrdersThatMove(t *testing.T) {
	f := newFixture(t, 3)
	id := f.trader("peggy", 1_000_000)
	market := f.markets()[1]
	f.accepted(f.buy(id, market, 100, 1))
	f.halt()
	source, there := f.shard(2), f.shard(3)
	been := make(chan struct{})
	nothing := func() {}
	there.Submitter = staged{there.Submitter, nothing, sync.OnceFunc(func() { close(been) })}
	source.Submitter = staged{source.Submitter, sync.OnceFunc(func() {
		<-been
		f.carry(market, 2, 3, func(string) {})
	}), nothing}
	if r := f.give1(&exchange.MassCancel{Account: id, Key: f.key()}); r.Code != exchange.Accepted || r.Remaining != 1 {
		t.Fatalf("the mass cancel is answered %+v", r)
	}
	f.until(func() bool { a, _ := f.Account(id); return a.OpenOrders == 0 })

	f.accepted(f.buy(id, market, 100, 1))
	move := f.sites[2].submit(t, &exchange.FreezeMarket{Market: market, To: 2}).Version
	var cancelled sync.WaitGroup
	cancelled.Go(func() {
		if r := f.give1(&exchange.MassCancel{Account: id, Key: f.key()}); r.Code != exchange.Accepted {
			t.Errorf("the mass cancel is answered %+v", r)
		}
	})
	time.Sleep(5 * time.Millisecond)
	f.sites[1].submit(t, &exchange.AbandonMarket{From: 3, Market: market, Move: move})
	f.sites[2].submit(t, &exchange.ThawMarket{Market: market, Move: move})
	cancelled.Wait()
	f.until(func() bool { a, _ := f.Account(id); return a.OpenOrders == 0 })
}

// submit has a command accepted.
func (s site) submit(t *testing.T, cmd exchange.Command) exchange.Reply {
	t.Helper()
	frame, err := wire.AppendCommand(nil, cmd)
	var replies [1]exchange.Reply
	if err == nil {
		err = s.Submit(t.Context(), frame, 1, replies[:])
	}
	if err != nil || replies[0].Code != exchange.Accepted {
		t.Fatal(replies[0], err)
	}
	return replies[0]
}

// A node that has heard of a shard and not opened it cannot say what is not there: a fresh read waits for it.
func TestFreshReadsNeedAllShards(t *testing.T) {
	f := newFixture(t, 1)
	two, err := f.Map.Add(placement.Shard{ID: 2})
	if err != nil {
		t.Fatal(err)
	}
	f.accepted(&exchange.SetPlacement{Version: 1, Data: two.Append(nil)})
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := f.Fresh(short); !errors.Is(err, gateway.ErrNotSubmitted) {
		t.Errorf("without the shard: %v", err)
	}
	f.open()
	if err := f.Fresh(t.Context()); err != nil {
		t.Error(err)
	}
}
