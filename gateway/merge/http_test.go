package merge

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
)

// serve serves the API, and returns an operator and two traders.
func (f *fixture) serve() (operator *client.Client, traders []*client.Client) {
	t := f.T
	t.Helper()
	const secret = "operators-own-secret"
	server, err := gateway.New(gateway.Config{Submitter: f.Exchange, Reader: f.Exchange, History: f.History(), AdminKey: []byte(secret),
		TraderDeposits: true, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	public, admin := httptest.NewServer(server.Public()), httptest.NewServer(server.Admin())
	operator = must(client.New(admin.URL, client.Options{Token: secret}))(t)
	anybody := must(client.New(public.URL, client.Options{}))(t)
	t.Cleanup(func() {
		operator.Close()
		anybody.Close()
		public.Close()
		admin.Close()
	})
	ctx := t.Context()
	for _, name := range []string{"judy", "mallory"} {
		must(anybody.Register(ctx, name, "correct horse battery"))(t)
		session := must(anybody.Login(ctx, name, "correct horse battery"))(t)
		trader := anybody.As(session.Secret)
		must(trader.Deposit(ctx, client.NewKey(), api.Transfer{Amount: 100_000}))(t)
		traders = append(traders, trader)
	}
	return operator, traders
}

// The whole API over several shards: a trader sees one exchange and one account.
func TestTheAPIOverSeveralShards(t *testing.T) {
	f := newFixture(t, 3)
	operator, traders := f.serve()
	ctx := t.Context()
	shards := map[uint64]bool{}
	buyer, seller := traders[0], traders[1]
	trades := 0
	for n := 0; len(shards) < 3 || n < 6; n++ {
		m := must(operator.CreateMarket(ctx, client.NewKey(), api.CreateMarket{Question: fmt.Sprint("Will question ", n, " be asked?")}))(t)
		shards[uint64(f.Map.Of(exchange.MarketID(m.Market)))] = true
		order := api.PlaceOrder{Outcome: api.Yes, Side: "buy", Price: 5_000, Quantity: 1}
		bid := must(buyer.Place(ctx, m.Market, client.NewKey(), order))(t)
		open := must(buyer.Order(ctx, m.Market, bid.Order))(t)
		if open.Status != api.StatusOpen || open.Remaining != 1 {
			t.Errorf("the order is %+v", open)
		}
		order.Side = "sell"
		ask := must(seller.Place(ctx, m.Market, client.NewKey(), order))(t)
		trades++
		done := readAt[api.Order](t, buyer, fmt.Sprintf("/api/markets/%v/orders/%v", m.Market, bid.Order), ask.Seq)
		if done.Status != api.StatusFilled || done.Filled != 1 {
			t.Errorf("the order is %+v after the trade", done)
		}
	}
	fills := must(buyer.Fills(ctx, url.Values{"limit": {"200"}}))(t)
	if len(fills.Fills) != trades {
		t.Errorf("%d trades have %d fills", trades, len(fills.Fills))
	}
	for i := range fills.Fills[1:] {
		if fills.Fills[i].Time < fills.Fills[i+1].Time {
			t.Errorf("fills are not in order: %+v", fills.Fills)
		}
	}
	orders := must(buyer.Orders(ctx, url.Values{"status": {"all"}, "limit": {"200"}}))(t)
	if len(orders.Orders) != trades {
		t.Errorf("%d orders were placed, %d are listed", trades, len(orders.Orders))
	}
	a := must(buyer.Account(ctx))(t)
	p := must(buyer.Portfolio(ctx, 0))(t)
	spent := api.Money(5_000 * trades)
	if a.Cash != 100_000-spent || a.Held != 0 || p.Value != spent || len(p.Positions) != trades {
		t.Errorf("after %d trades there are %+v and %+v", trades, a, p)
	}
	out := must(buyer.Withdraw(ctx, client.NewKey(), api.Transfer{Amount: a.Cash}))(t)
	if a = readAt[api.AccountInfo](t, buyer, "/api/account", out.Seq); a.Cash != 0 {
		t.Errorf("after withdrawing everything there are %v", a.Cash)
	}
}

// readAt reads what has seen an event.
func readAt[T any](t *testing.T, c *client.Client, path string, seq api.ID) (v T) {
	t.Helper()
	path += "?" + api.ParamSeq + "=" + seq.String()
	if err := c.Do(t.Context(), client.Request{Method: http.MethodGet, Path: path}, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// must is what a call returned, if it returned no error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Two operators reverse a market of each shard through the API, and one of them does not.
func TestTheAPINeedsTwoOverSeveralShards(t *testing.T) {
	f := newFixture(t, 3)
	root, _ := f.serve()
	ctx := t.Context()
	second := must(root.CreateAccount(ctx, "otto"))(t)
	otto := root.As(must(root.CreateKeyFor(ctx, second.Account, client.NewKey(), api.CreateKey{Permissions: []string{api.PermissionAdmin}}))(t).Secret)
	must(root.SetApprovals(ctx, client.NewKey(), api.SetApprovals{Reversals: true}))(t)
	window := int64(3600)
	shards := map[exchange.ShardID]bool{}
	for n := 0; len(shards) < 3; n++ {
		m := must(root.CreateMarket(ctx, client.NewKey(), api.CreateMarket{Question: fmt.Sprint("Will market ", n, " be reversed?"), DisputeWindowSeconds: &window}))(t)
		shard := f.Map.Of(exchange.MarketID(m.Market))
		if shards[shard] {
			continue
		}
		shards[shard] = true
		f.settle(exchange.MarketID(m.Market))
		result := api.ResolveMarket{Values: []api.Price{10_000}, Source: "the count"}
		first := must(root.ResolveMarket(ctx, m.Market, 0, result))(t)
		result.Values = []api.Price{0}
		kept := must(root.ResolveMarket(ctx, m.Market, 0, result))(t)
		if first.Proposal != 0 || kept.Proposal == 0 || kept.Version != first.Version {
			t.Fatalf("on shard %d: %+v, then %+v", shard, first, kept)
		}
		waiting := must(otto.Proposals(ctx))(t).Proposals
		if len(waiting) != 1 || waiting[0].Proposal != kept.Proposal || waiting[0].Market != m.Market {
			t.Errorf("on shard %d there wait %+v", shard, waiting)
		}
		if _, err := root.ApproveProposal(ctx, "", kept.Proposal); client.Code(err) != exchange.RejectOwnProposal.String() {
			t.Errorf("on shard %d who proposed it approves: %v", shard, err)
		}
		done := must(otto.ApproveProposal(ctx, "", kept.Proposal))(t)
		if now := readAt[api.MarketInfo](t, root, "/api/admin/markets/"+m.Market.String(), done.Seq); now.Version != first.Version+1 {
			t.Errorf("on shard %d: %+v", shard, now)
		}
	}
}
