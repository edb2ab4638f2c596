package merge

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
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

// While markets move an account has what it has, each of its orders is listed once, and a mass cancel finds all of them.
func TestAMassCancelFindsOrdersThatMove(t *testing.T) {
	f := newFixture(t, 3)
	const cash = 1_000_000
	id := f.trader("peggy", cash)
	var markets []exchange.MarketID
	m := f.Map
	var err error
	for n := range 8 {
		market := exchange.MarketID(f.accepted(&exchange.CreateMarket{Key: f.key(), Spec: spec(fmt.Sprint("Will it be cancelled ", n, " times?"))})[0].ID)
		markets = append(markets, market)
		f.accepted(f.buy(id, market, 100, 1))
	}
	for round := range 12 {
		for i, market := range markets {
			if m, err = m.Put(market, exchange.ShardID(1+(i+round)%3)); err != nil {
				t.Fatal(err)
			}
		}
		f.place(m, nil)
		for range 40 {
			orders := f.OpenOrders(id, 0, 0, 100)
			seen := map[exchange.MarketID]bool{}
			for _, o := range orders {
				if seen[o.Market] {
					t.Fatalf("the order in market %d is listed twice", o.Market)
				}
				seen[o.Market] = true
			}
			if got := f.worth(id); got != cash {
				t.Fatalf("an account with %v has %v", exchange.Money(cash), got)
			}
			page := f.Markets(projection.MarketFilter{Limit: projection.MaxPage})
			there := map[exchange.MarketID]bool{}
			for i := range page.Markets {
				if there[page.Markets[i].ID] {
					t.Fatalf("market %d is listed twice", page.Markets[i].ID)
				}
				there[page.Markets[i].ID] = true
			}
		}
		if r := f.give1(&exchange.MassCancel{Account: id, Key: f.key()}); r.Code != exchange.Accepted {
			t.Fatalf("the mass cancel is answered %v", r.Code)
		}
		f.until(func() bool { a, _ := f.Account(id); return a.OpenOrders == 0 })
		f.settle(markets...)
		for _, s := range f.sites {
			if n := s.View().Totals().OpenOrders; n != 0 {
				t.Fatalf("%d orders have got away", n)
			}
		}
		for _, market := range markets {
			f.accepted(f.buy(id, market, 100, 1))
		}
	}
}
