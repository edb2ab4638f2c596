package node_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
)

var (
	deposit  = api.Transfer{Amount: 100 * api.Money(exchange.One), Reference: "play"}
	adaBuys  = api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 6_200, Quantity: 10, ClientOrderID: "ada-1"}
	bobBuys  = api.PlaceOrder{Outcome: api.No, Side: api.Buy, Price: 3_800, Quantity: 4}
	question = api.CreateMarket{Question: "Will it rain in Paris tomorrow?"}
)

// firstTrade is the answers to all that was asked for up to a trade of 4 contracts at 0.62, with 6 left in the book.
type firstTrade struct {
	Ada, Bob string // session tokens
	Market   api.MarketAnswer
	Rested   api.OrderAnswer    // Ada's, keyed by its client order id
	Matched  api.OrderAnswer    // Bob's, keyed bob-order
	Paid     api.TransferAnswer // Ada's, keyed ada-1
}

func makeFirstTrade(t *testing.T, ctx context.Context, r *running) (f firstTrade) {
	t.Helper()
	f.Ada, f.Paid = trader(t, ctx, r.public, "ada")
	f.Bob, _ = trader(t, ctx, r.public, "bob")
	f.Market = must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "market-1", question))
	f.Rested = must[api.OrderAnswer](t)(r.public.As(f.Ada).Place(ctx, f.Market.Market, "", adaBuys))
	f.Matched = must[api.OrderAnswer](t)(r.public.As(f.Bob).Place(ctx, f.Market.Market, "bob-order", bobBuys))
	return f
}

// pages is what the API shows of a market and its two traders.
type pages struct {
	Ada, Bob page
	Market   api.MarketInfo
	Book     api.OrderBook
	Trades   api.Trades
}

// page is what the API shows to one trader.
type page struct {
	Account   api.AccountInfo
	Portfolio api.Portfolio
	Open      api.Orders
	Fills     api.Fills
}

// read gets everything as it was at seq or later.
func read(t *testing.T, ctx context.Context, r *running, f firstTrade, seq api.ID) (p pages) {
	t.Helper()
	p.Market = must[api.MarketInfo](t)(r.public.Market(ctx, f.Market.Market, seq))
	p.Book = must[api.OrderBook](t)(r.public.OrderBook(ctx, f.Market.Market, 10, seq))
	p.Trades = must[api.Trades](t)(r.public.Trades(ctx, f.Market.Market, nil))
	p.Ada, p.Bob = readTrader(t, ctx, r.public.As(f.Ada)), readTrader(t, ctx, r.public.As(f.Bob))
	return p
}

func readTrader(t *testing.T, ctx context.Context, c *client.Client) (p page) {
	t.Helper()
	p.Account = must[api.AccountInfo](t)(c.Account(ctx))
	p.Portfolio = must[api.Portfolio](t)(c.Portfolio(ctx, 0))
	p.Open = must[api.Orders](t)(c.Orders(ctx, nil))
	p.Fills = must[api.Fills](t)(c.Fills(ctx, url.Values{"market": {"1"}}))
	return p
}

func (p *pages) check(t *testing.T) {
	t.Helper()
	if a := p.Ada.Account; a.Cash != 938_000 || a.Held != 37_200 || a.OpenOrders != 1 {
		t.Errorf("Ada's account: %+v", a)
	}
	if b := p.Bob.Account; b.Cash != 984_800 || b.Held != 0 || b.OpenOrders != 0 {
		t.Errorf("Bob's account: %+v", b)
	}
	if o := p.Ada.Open.Orders; len(o) != 1 || o[0].ClientOrderID != "ada-1" || o[0].Price != 6_200 || o[0].Filled != 4 || o[0].Remaining != 6 {
		t.Errorf("Ada's open orders: %+v", o)
	}
	for _, trader := range []page{p.Ada, p.Bob} {
		if h := trader.Portfolio.Positions; len(h) != 1 || h[0].Quantity != 4 || trader.Portfolio.Equity != 1_000_000 {
			t.Errorf("portfolio: %+v", trader.Portfolio)
		}
		if fills := trader.Fills.Fills; len(fills) != 1 || fills[0].Quantity != 4 {
			t.Errorf("fills: %+v", fills)
		}
	}
	if tr := p.Trades.Trades; len(tr) != 1 || tr[0].Price != 6_200 || tr[0].Quantity != 4 {
		t.Errorf("trades: %+v", tr)
	}
	if m := p.Market; m.Volume != 4 || m.DayVolume != 4 || m.Trades != 1 || m.Outcomes[0].OpenInterest != 4 {
		t.Errorf("market: %+v", m)
	}
	if bids := p.Book.Books[0].Bids; len(bids) != 1 || bids[0] != (api.Level{Price: 6_200, Quantity: 6, Orders: 1}) {
		t.Errorf("bids: %+v", bids)
	}
}

// A node that stopped goes on as if it had not, as often as it is stopped, and answers what is asked for again as before.
func TestRestartFindsEverythingAsItWas(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	f := makeFirstTrade(t, ctx, r)
	before := read(t, ctx, r, f, f.Matched.Seq)
	before.check(t)

	for range 2 {
		r.close(t)
		r = start(t, configOf(dir))
		after := read(t, ctx, r, f, f.Matched.Seq)
		if d := cmp.Diff(before, after); d != "" {
			t.Fatalf("before the restart (-) and after it (+):\n%s", d)
		}
		retryAll(t, ctx, r, f)
	}
	if _, err := r.public.As(f.Bob).Place(ctx, f.Market.Market, "bob-order", adaBuys); client.Code(err) != exchange.RejectKeyReused.String() {
		t.Errorf("another order with a used key: %v", err)
	}
	// The session is still one, and the market still trades.
	rest := must[api.OrderAnswer](t)(r.public.As(f.Bob).Place(ctx, f.Market.Market, "bob-2", api.PlaceOrder{
		Outcome: api.No, Side: api.Buy, Price: 3_800, Quantity: 6}))
	if rest.Filled != 6 {
		t.Errorf("%+v", rest)
	}
}

// retryAll asks for everything again, with the keys of the first time: the answers must be those of the first time.
func retryAll(t *testing.T, ctx context.Context, r *running, f firstTrade) {
	t.Helper()
	again := f
	again.Market = must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "market-1", question))
	again.Rested = must[api.OrderAnswer](t)(r.public.As(f.Ada).Place(ctx, f.Market.Market, "", adaBuys))
	again.Matched = must[api.OrderAnswer](t)(r.public.As(f.Bob).Place(ctx, f.Market.Market, "bob-order", bobBuys))
	again.Paid = must[api.TransferAnswer](t)(r.public.As(f.Ada).Deposit(ctx, "ada-1", deposit))
	if d := cmp.Diff(f, again); d != "" {
		t.Errorf("the first answers (-) and those to the retries (+):\n%s", d)
	}
}

// Whoever has the answer to a write and asks for its seq sees the write.
func TestReadYourWrites(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	token, _ := trader(t, ctx, r.public, "ada")
	ada := r.public.As(token)
	m := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question)).Market
	for n := range uint32(50) {
		o := must[api.OrderAnswer](t)(ada.Place(ctx, m, "", api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 100, Quantity: 1}))
		p := must[api.Portfolio](t)(ada.Portfolio(ctx, o.Seq))
		b := must[api.OrderBook](t)(r.public.OrderBook(ctx, m, 1, o.Seq))
		if p.Seq < o.Seq || p.OpenOrders != n+1 || b.Seq < o.Seq || b.Books[0].Bids[0].Orders != n+1 {
			t.Fatalf("after order %d, with seq %v: %+v, %+v", n+1, o.Seq, p, b)
		}
	}
}
