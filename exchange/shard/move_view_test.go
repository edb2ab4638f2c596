package shard

import (
	"bytes"
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// trading gives a market of shard 1 positions, costs and orders that rest, some of accounts without contracts.
func (f *fleet) trading(id exchange.MarketID) {
	f.t.Helper()
	for a := exchange.AccountID(6); a > 0; a-- {
		for _, side := range []exchange.Side{exchange.Sell, exchange.Buy} {
			price := 4_000 + 2_000*exchange.Price(1-side)
			if a%2 == 0 {
				price = 5_000
			}
			f.do(1, &exchange.PlaceOrder{Account: a, Market: id, Side: side, Price: price, Quantity: exchange.Quantity(3 + a)})
		}
	}
}

// A read model that was made from a state into which a market is still coming takes the rest of it like any other.
func TestReadModelMadeWhileAMarketArrives(t *testing.T) {
	const id, size = exchange.MarketID(3), 64
	f := newFleet(t, 1)
	f.trading(id)
	move := f.do(1, &exchange.FreezeMarket{Market: id, To: 2}).Version
	parts := append(f.shards[1].WriteMarket(id, size), f.folds[1].WritePast(id, size)...)
	c := &carried{from: 1, to: 2, move: move, parts: parts}
	for n := range parts {
		state, err := f.shards[2].View()
		if err != nil {
			t.Fatal(err)
		}
		f.folds[2] = state
		if reply := f.adopt(id, c, n); reply.Code != exchange.Accepted {
			t.Fatalf("part %d of %d: %v", n, len(parts), reply.Code)
		}
	}
	if before, after := f.queues(1, id), f.queues(2, id); before != after || before == "" {
		t.Errorf("of %q came %q", before, after)
	}
}

// What a read model adds to a market does not depend on whether it was folded or read from a snapshot: parts of two replicas
// may be mixed.
func TestPastIsWrittenAlike(t *testing.T) {
	const id = exchange.MarketID(3)
	f := newFleet(t, 1)
	rebuilt := func() *projection.View {
		t.Helper()
		b, err := f.shards[1].Builder()
		if err == nil {
			err = b.AddStatistics(f.folds[1].AppendStatistics(nil))
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.View()
	}
	place := func(a exchange.AccountID, side exchange.Side, price exchange.Price) {
		f.do(1, &exchange.PlaceOrder{Account: a, Market: id, Side: side, Price: price, Quantity: 5})
	}
	for a := exchange.AccountID(2); a <= 6; a++ {
		place(a, exchange.Buy, 5_000+exchange.Price(a))
	}
	f.folds[1] = rebuilt() // which knows of no positions yet
	for range 4 {          // the last who came is the first who trades
		place(1, exchange.Sell, 4_000)
	}
	f.do(1, &exchange.FreezeMarket{Market: id, To: 2})
	want, got := f.folds[1].WritePast(id, 64), rebuilt().WritePast(id, 64)
	if len(want) < 3 || !slices.EqualFunc(want, got, bytes.Equal) {
		t.Errorf("the past is written in %d parts, after a restart in %d or in others", len(want), len(got))
	}
}
