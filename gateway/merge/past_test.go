package merge

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
)

func get[T any](t *testing.T, c *client.Client, path string) (v T) {
	t.Helper()
	if err := c.Do(t.Context(), client.Request{Method: http.MethodGet, Path: path}, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// placing places orders on Yes in a market.
func placing(t *testing.T, market api.ID) func(c *client.Client, side string, price api.Price, quantity uint32) api.OrderAnswer {
	return func(c *client.Client, side string, price api.Price, quantity uint32) api.OrderAnswer {
		t.Helper()
		return must(c.Place(t.Context(), market, client.NewKey(), api.PlaceOrder{Outcome: api.Yes, Side: side, Price: price, Quantity: quantity}))(t)
	}
}

// A market that went from shard to shard, and back to the first, is seen as it was at any instant, with its trades and its
// orders from their beginning to their end.
func TestThePastOfAMarketThatMoved(t *testing.T) {
	f := newFixture(t, 3)
	operator, traders := f.serve()
	ctx := t.Context()
	buyer, seller := traders[0], traders[1]
	market := must(operator.CreateMarket(ctx, client.NewKey(), api.CreateMarket{Question: "Will it come back?"}))(t)
	id := exchange.MarketID(market.Market)
	order := placing(t, market.Market)
	first := order(buyer, "buy", 5_000, 4) // trades one contract on each shard it comes to, and the last one when it is back
	type instant struct {
		time      api.Time
		remaining uint64
	}
	instants := []instant{{market.Time, 0}, {first.Time, 4}}
	for i, shard := range []exchange.ShardID{2, 3, 1, 2} {
		m, err := f.Map.Put(id, shard)
		f.place(m, err)
		f.settle(id)
		sold := order(seller, "sell", 5_000, 1)
		instants = append(instants, instant{sold.Time, uint64(3 - i)})
		if s, _ := SplitSeq(exchange.Seq(sold.Seq)); s != shard {
			t.Fatalf("the order was placed on shard %d", s)
		}
	}
	last := order(buyer, "buy", 4_000, 1)
	readAt[api.Order](t, buyer, fmt.Sprintf("/api/markets/%v/orders/%v", market.Market, last.Order), last.Seq)
	for i, x := range instants {
		at := get[api.MarketAt](t, buyer, fmt.Sprintf("/api/markets/%v/at?time=%s", market.Market, url.QueryEscape(x.time.String())))
		var resting uint64
		for _, l := range at.Books[0].Bids {
			resting += l.Quantity
		}
		if resting != x.remaining {
			t.Errorf("at instant %d there rest %d, want %d", i, resting, x.remaining)
		}
		holders := get[api.Positions](t, operator, fmt.Sprintf("/api/admin/markets/%v/positions?at=%s", market.Market, url.QueryEscape(x.time.String())))
		if i >= 2 && (len(holders.Positions) != 2 || uint64(holders.Positions[0].Quantity) != 4-x.remaining) {
			t.Errorf("at instant %d positions are %+v", i, holders.Positions)
		}
	}
	done := must(buyer.Order(ctx, market.Market, first.Order))(t)
	if done.Status != api.StatusFilled || done.Filled != 4 || done.Remaining != 0 {
		t.Errorf("the order is %+v", done)
	}
	if trades := must(buyer.Trades(ctx, market.Market, nil))(t); len(trades.Trades) != 4 {
		t.Errorf("trades are %+v", trades.Trades)
	}
	if fills := must(buyer.Fills(ctx, nil))(t); len(fills.Fills) != 4 {
		t.Errorf("fills are %+v", fills.Fills)
	}
}

// Clocks of shards may differ. What happened to an order follows from where its market was, not from the times of events.
func TestAnOrderIsFollowedAgainstTheClocks(t *testing.T) {
	f := newSkewed(t, 3, map[exchange.ShardID]time.Duration{2: 2 * time.Hour, 3: time.Hour})
	operator, traders := f.serve()
	ctx := t.Context()
	buyer, seller := traders[0], traders[1]
	market := must(operator.CreateMarket(ctx, client.NewKey(), api.CreateMarket{Question: "What time is it?"}))(t)
	id := exchange.MarketID(market.Market)
	order := placing(t, market.Market)
	filled, cancelled := order(buyer, "buy", 5_000, 3), order(buyer, "buy", 5_000, 7)
	order(seller, "sell", 5_000, 1)
	for _, shard := range []exchange.ShardID{2, 1, 3} {
		m, err := f.Map.Put(id, shard)
		f.place(m, err)
		f.settle(id)
		order(seller, "sell", 5_000, 1)
	}
	if _, err := buyer.Cancel(ctx, market.Market, cancelled.Order); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		order  api.ID
		status string
		filled uint32
	}{{filled.Order, api.StatusFilled, 3}, {cancelled.Order, api.StatusCancelled, 1}} {
		o := get[api.Order](t, buyer, fmt.Sprintf("/api/markets/%v/orders/%v?fresh=true", market.Market, want.order))
		if o.Status != want.status || o.Filled != want.filled {
			t.Errorf("the order is %+v", o)
		}
	}
}

// late is the journal of a shard as a node has it that has not heard yet of its last events.
type late struct {
	log
	last exchange.Seq
}

func (l late) Of(exchange.MarketID) []gateway.Stay {
	return []gateway.Stay{{History: l, End: l.last + 1}}
}

func (l late) Newest(key uint64, before exchange.Seq, visit gateway.Visit) error {
	if before == 0 || before > l.last {
		before = l.last + 1
	}
	return l.log.Newest(key, before, visit)
}

func (l late) Oldest(key uint64, after, until exchange.Seq, visit gateway.Visit) error {
	if until == 0 || until > l.last {
		until = l.last
	}
	return l.log.Oldest(key, after, until, visit)
}

// A node may see that a market has come to a shard before it sees that the market has left another one. What was there is none the less
// known.
func TestAMarketIsSeenToComeBeforeItIsSeenToLeave(t *testing.T) {
	f := newFixture(t, 3)
	operator, traders := f.serve()
	ctx := t.Context()
	buyer, seller := traders[0], traders[1]
	market := must(operator.CreateMarket(ctx, client.NewKey(), api.CreateMarket{Question: "Is it here yet?"}))(t)
	id := exchange.MarketID(market.Market)
	order := placing(t, market.Market)
	first := order(buyer, "buy", 5_000, 1)
	sold := order(seller, "sell", 5_000, 1)
	from, last := SplitSeq(exchange.Seq(sold.Seq))
	m, err := f.Map.Put(id, from%3+1)
	f.place(m, err)
	f.settle(id)
	get[api.Order](t, buyer, fmt.Sprintf("/api/markets/%v/orders/%v?fresh=true", market.Market, first.Order))
	s := f.shard(from)
	s.History = late{s.History.(log), last}
	done := get[api.Order](t, buyer, fmt.Sprintf("/api/markets/%v/orders/%v?fresh=true", market.Market, first.Order))
	if done.Status != api.StatusFilled || done.Filled != 1 {
		t.Errorf("the order is %+v", done)
	}
}
