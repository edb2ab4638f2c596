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
