package node_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway/merge"
)

// foundBy waits until the watch of a node has found so much.
func foundBy(t *testing.T, ctx context.Context, admin *client.Client, kind string, count int) []api.Finding {
	t.Helper()
	for {
		page := must[api.Findings](t)(admin.Findings(ctx, url.Values{"kind": {kind}}))
		if len(page.Findings) >= count {
			return page.Findings
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d of %d findings: %+v", len(page.Findings), count, page)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// floor is an exchange on which two hand contracts to and fro.
type floor struct {
	*testing.T
	*running
	ctx context.Context
}

// wash has two trade with each other so often, each time the other way.
func (f floor) wash(market api.ID, one, other string, times int) {
	f.Helper()
	for range times {
		order := api.PlaceOrder{Outcome: api.Yes, Side: api.Sell, Price: 5_000, Quantity: 10}
		must[api.OrderAnswer](f.T)(f.public.As(one).Place(f.ctx, market, "", order))
		order.Side = api.Buy
		must[api.OrderAnswer](f.T)(f.public.As(other).Place(f.ctx, market, "", order))
		one, other = other, one
	}
}

func (f floor) market(name string) api.ID {
	f.Helper()
	return must[api.MarketAnswer](f.T)(f.admin.CreateMarket(f.ctx, name, question)).Market
}

func (f floor) traders(names ...string) (tokens []string) {
	f.Helper()
	for _, name := range names {
		token, _ := trader(f.T, f.ctx, f.public, name)
		tokens = append(tokens, token)
	}
	return tokens
}

// put puts a market on a shard and waits until it is there.
func (f floor) put(market api.ID, shard uint32) {
	f.Helper()
	must[api.Shards](f.T)(f.admin.MoveMarket(f.ctx, market, shard))
	for must[api.Shards](f.T)(f.admin.Shards(f.ctx)).Leaving > 0 {
		f.pause("market %d is not on shard %d", market, shard)
	}
}

// seen waits until the watch has seen everything that happened on a shard. What happens on another one later is seen later then.
func (f floor) seen(shard exchange.ShardID) {
	f.Helper()
	last := float64(f.Shard(shard).View().Seq())
	for readMetrics(f.T, f.ctx, f.admin)[fmt.Sprintf(`hustings_watch_seq{shard="%d"}`, shard)] < last {
		f.pause("the watch has not seen event %v of shard %d", last, shard)
	}
}

func (f floor) pause(missing string, of ...any) {
	f.Helper()
	select {
	case <-f.ctx.Done():
		f.Fatalf(missing, of...)
	case <-time.After(5 * time.Millisecond):
	}
}

// Who trades back and forth a little in each of several markets, on several shards, is found as if it were one market, and so is who
// goes on in a market that moves meanwhile. After a restart it is found again, by the same events.
func TestWashTradingOverShardsIsFound(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	f := floor{t, start(t, configOf(dir)), ctx}
	must[api.Shards](t)(f.admin.AddShard(ctx, api.AddShard{}))
	markets := []api.ID{f.market("m-1"), f.market("m-2")}
	f.put(markets[1], 2)
	who := f.traders("ada", "bob", "cid", "dan")
	f.wash(markets[0], who[0], who[1], 3)
	f.seen(1)
	f.wash(markets[1], who[0], who[1], 3)
	f.seen(2)
	f.wash(markets[0], who[2], who[3], 3)
	f.put(markets[0], 2)
	f.seen(1)
	f.wash(markets[0], who[3], who[2], 2)
	found := foundBy(t, ctx, f.admin, "wash_pair", 2)
	shards := func(f api.Finding) (all []exchange.ShardID) {
		for _, seq := range f.Evidence {
			shard, _ := merge.SplitSeq(exchange.Seq(seq))
			all = append(all, shard)
		}
		return all
	}
	moved, spread := found[0], found[1]
	if diff := cmp.Diff(markets, spread.Markets); diff != "" || !slices.Equal(shards(spread), []exchange.ShardID{1, 1, 1, 2, 2, 2}) {
		t.Errorf("in two markets: %s%+v", diff, spread)
	}
	if diff := cmp.Diff(markets[:1], moved.Markets); diff != "" || !slices.Equal(shards(moved), []exchange.ShardID{1, 1, 1, 2, 2}) {
		t.Errorf("in a market that moved: %s%+v", diff, moved)
	}
	f.close(t)
	f.running = start(t, configOf(dir))
	if diff := cmp.Diff(found, foundBy(t, ctx, f.admin, "wash_pair", 2)); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
}

// Two who trade back and forth are found, counted, and found again after a restart by the same events.
func TestWashTradingIsFound(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	f := floor{t, r, ctx}
	markets := []api.ID{f.market("m-1"), f.market("m-2")}
	who := f.traders("ada", "bob", "cid", "dan")
	f.wash(markets[0], who[0], who[1], 6)
	f.wash(markets[1], who[2], who[3], 6)
	found := foundBy(t, ctx, r.admin, "wash_pair", 2)
	if f := found[0]; !slices.Equal(f.Markets, markets[1:]) || len(f.Accounts) != 2 || f.Score < 100 || len(f.Evidence) < 5 {
		t.Errorf("%+v", f)
	}
	if got := readMetrics(t, ctx, r.admin)[`hustings_watch_findings_total{kind="wash_pair"}`]; got != 2 {
		t.Errorf("%v findings are counted", got)
	}
	if page := must[api.Findings](t)(r.admin.Findings(ctx, url.Values{"market": {markets[0].String()}})); len(page.Findings) != 1 || !slices.Equal(page.Findings[0].Markets, markets[:1]) {
		t.Errorf("of one market: %+v", page)
	}
	if page := must[api.Findings](t)(r.admin.Findings(ctx, url.Values{"kind": {"layering"}})); len(page.Findings) != 0 {
		t.Errorf("of another kind: %+v", page)
	}
	if _, err := r.admin.Findings(ctx, url.Values{"kind": {"mischief"}}); client.Code(err) != "invalid_query" {
		t.Errorf("a kind that there is not: %v", err)
	}
	get := func(more string) (page api.Findings) {
		if err := r.admin.Do(ctx, client.Request{Method: "GET", Path: "/api/admin/findings?limit=1" + more}, &page); err != nil {
			t.Fatal(err)
		}
		return page
	}
	first := get("")
	second := get("&cursor=" + first.NextCursor)
	if diff := cmp.Diff(found, append(first.Findings, second.Findings...)); diff != "" || second.NextCursor != "" {
		t.Errorf("page by page: %s", diff)
	}
	r.close(t)
	r = start(t, configOf(dir))
	if diff := cmp.Diff(found, foundBy(t, ctx, r.admin, "wash_pair", 2)); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
}
