package node_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
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

// Two who trade back and forth are found, counted, and found again after a restart by the same events.
func TestWashTradingIsFound(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	var markets []api.ID
	ada, _ := trader(t, ctx, r.public, "ada")
	bob, _ := trader(t, ctx, r.public, "bob")
	for m := range 2 {
		market := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, fmt.Sprint("m-", m), question)).Market
		markets = append(markets, market)
		for i := range 6 {
			seller, buyer := r.public.As(ada), r.public.As(bob)
			if i%2 == 1 {
				seller, buyer = buyer, seller
			}
			order := api.PlaceOrder{Outcome: api.Yes, Side: api.Sell, Price: 5_000, Quantity: 10}
			must[api.OrderAnswer](t)(seller.Place(ctx, market, "", order))
			order.Side = api.Buy
			must[api.OrderAnswer](t)(buyer.Place(ctx, market, "", order))
		}
	}
	found := foundBy(t, ctx, r.admin, "wash_pair", 2)
	if f := found[0]; f.Market != markets[1] || len(f.Accounts) != 2 || f.Score < 100 || len(f.Evidence) < 5 || f.Shard != 1 {
		t.Errorf("%+v", f)
	}
	if got := readMetrics(t, ctx, r.admin)[`hustings_watch_findings_total{kind="wash_pair"}`]; got != 2 {
		t.Errorf("%v findings are counted", got)
	}
	if page := must[api.Findings](t)(r.admin.Findings(ctx, url.Values{"market": {markets[0].String()}})); len(page.Findings) != 1 || page.Findings[0].Market != markets[0] {
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
