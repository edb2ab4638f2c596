package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// exchangeAt starts a whole exchange in memory and returns clients of its two listeners.
func exchangeAt(tb testing.TB) (public, admin *client.Client) {
	tb.Helper()
	n, err := node.Start(node.Config{
		Dir: "data", Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", TraderDeposits: true,
		Replica: replica.Config{FS: vfs.NewMem(), WALSegment: 1 << 20}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	dial := func(addr, token string) *client.Client {
		c, err := client.New("http://"+addr, client.Options{Token: token})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(c.Close)
		return c
	}
	tb.Cleanup(func() {
		if err := n.Close(); err != nil {
			tb.Error(err)
		}
	})
	return dial(n.Addr(), ""), dial(n.AdminAddr(), n.AdminKey())
}

func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// trader makes an account with money and returns a client that speaks for it.
func trader(tb testing.TB, public, admin *client.Client, name string) *client.Client {
	tb.Helper()
	ctx := tb.Context()
	a := must[api.RegisterAnswer](tb)(admin.CreateAccount(ctx, name))
	k := must[api.KeyAnswer](tb)(admin.CreateKeyFor(ctx, a.Account, "", api.CreateKey{}))
	must[api.TransferAnswer](tb)(admin.DepositTo(ctx, a.Account, "", api.Transfer{Amount: 1_000_000}))
	return public.As(k.Secret)
}

func TestTradeThroughTheClient(t *testing.T) {
	public, admin := exchangeAt(t)
	ctx := t.Context()
	must[api.RegisterAnswer](t)(public.Register(ctx, "ada", "correct horse"))
	session := must[api.KeyAnswer](t)(public.Login(ctx, "ada", "correct horse"))
	ada, bob := public.As(session.Secret), trader(t, public, admin, "bob")
	must[api.TransferAnswer](t)(ada.Deposit(ctx, "", api.Transfer{Amount: 1_000_000, Reference: "play"}))
	m := must[api.MarketAnswer](t)(admin.CreateMarket(ctx, "", api.CreateMarket{Question: "Does the client work?"}))

	rest := must[api.OrderAnswer](t)(ada.Place(ctx, m.Market, "", api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 6_000, Quantity: 10}))
	amended := must[api.AmendAnswer](t)(ada.Amend(ctx, m.Market, rest.Order, "", rest.Version, api.AmendOrder{Price: 6_100}))
	if _, err := ada.Amend(ctx, m.Market, rest.Order, "", rest.Version, api.AmendOrder{Quantity: 5}); client.Code(err) != "version_mismatch" {
		t.Error(err)
	}
	batch := must[api.BatchAnswer](t)(bob.Batch(ctx, "", api.Batch{Orders: []api.BatchOrder{
		{Market: m.Market, PlaceOrder: api.PlaceOrder{Outcome: api.No, Side: api.Buy, Price: 4_000, Quantity: 4, ClientOrderID: "b1"}},
		{Market: m.Market, PlaceOrder: api.PlaceOrder{Outcome: api.No, Side: api.Buy, Price: 3_000, Quantity: 1}},
	}}))
	if got := batch.Orders[0].Placed; got == nil || got.Filled != 4 || got.Cost != 4*3_900 {
		t.Fatalf("%+v", batch.Orders[0])
	}
	if book := must[api.OrderBook](t)(public.OrderBook(ctx, m.Market, 5, batch.Seq)); book.Books[0].Bids[0].Price != amended.Price || book.Books[0].Bids[0].Quantity != 6 {
		t.Errorf("%+v", book)
	}
	if trades := must[api.Trades](t)(public.Trades(ctx, m.Market, nil)).Trades; len(trades) != 1 || trades[0].Quantity != 4 {
		t.Errorf("%+v", trades)
	}
	if fills := must[api.Fills](t)(bob.Fills(ctx, url.Values{"limit": {"5"}})).Fills; len(fills) != 1 || fills[0].Price != 3_900 {
		t.Errorf("%+v", fills)
	}
	if f := must[api.Portfolio](t)(bob.Portfolio(ctx, batch.Seq)); len(f.Positions) != 1 || f.Equity != 1_000_000 || f.OpenOrders != 1 {
		t.Errorf("%+v", f)
	}
	if o := must[api.Order](t)(ada.Order(ctx, m.Market, rest.Order)); o.Filled != 4 {
		t.Errorf("%+v", o)
	}
	must[api.CancelAnswer](t)(ada.Cancel(ctx, m.Market, rest.Order))
	must[api.MassCancelAnswer](t)(bob.CancelAll(ctx, m.Market))
	suspended := must[api.MarketAnswer](t)(admin.SuspendMarket(ctx, m.Market, m.Version))
	if info := must[api.MarketInfo](t)(public.Market(ctx, m.Market, suspended.Seq)); info.Status != "suspended" {
		t.Errorf("%+v", info)
	}
	_, err := ada.Place(ctx, m.Market, "", api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 10_000, Quantity: 10})
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Code != exchange.RejectPriceOutOfRange.String() || refused.Status != 422 || refused.Field != "price" {
		t.Errorf("%v", err)
	}
	if _, err := public.Account(ctx); client.Code(err) != "unauthenticated" {
		t.Error(err)
	}
}

// An answer that is lost on the way is asked for again with the same key: one order, and its answer.
func TestLostAnswersAreAskedForAgain(t *testing.T) {
	public, admin := exchangeAt(t)
	direct := trader(t, public, admin, "ada")
	m := must[api.MarketAnswer](t)(admin.CreateMarket(t.Context(), "", api.CreateMarket{Question: "Is an answer lost?"}))
	session := must[api.KeyAnswer](t)(direct.CreateKey(t.Context(), "", api.CreateKey{}))
	relay, lost := lossyRelay(t, public.Address())
	lossy, err := client.New("http://"+relay, client.Options{Token: session.Secret, Tries: 20, Backoff: time.Millisecond, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer lossy.Close()
	seen := map[api.ID]bool{}
	var last api.ID
	for i := range 40 {
		a, err := lossy.Place(t.Context(), m.Market, "", api.PlaceOrder{
			Outcome: api.Yes, Side: api.Buy, Price: 100, Quantity: 1, ClientOrderID: fmt.Sprint("order-", i)})
		if err != nil || seen[a.Order] {
			t.Fatalf("order %d: %+v, %v", i, a, err)
		}
		seen[a.Order], last = true, a.Seq
	}
	open := must[api.Orders](t)(direct.Orders(t.Context(), url.Values{"limit": {"200"}, "seq": {last.String()}})).Orders
	if len(open) != 40 || lost.Load() == 0 {
		t.Errorf("%d orders, %d answers lost", len(open), lost.Load())
	}
}

// lossyRelay passes connections on, and drops every third answer with its connection.
func lossyRelay(t *testing.T, to string) (addr string, lost *atomic.Int64) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lost = new(atomic.Int64)
	var answers atomic.Int64
	var conns sync.WaitGroup
	t.Cleanup(func() { l.Close(); conns.Wait() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			conns.Go(func() { io.Copy(out, in); out.Close() })
			conns.Go(func() {
				defer in.Close()
				b := make([]byte, 64<<10)
				for {
					n, err := out.Read(b)
					if err != nil {
						return
					}
					if answers.Add(1)%3 == 0 {
						lost.Add(1)
						out.Close()
						return
					}
					in.Write(b[:n])
				}
			})
		}
	}()
	return l.Addr().String(), lost
}

// What a client does with answers that are not as they should be.
func TestOddAnswers(t *testing.T) {
	var calls atomic.Int64
	var handler atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handler.Load().(func(http.ResponseWriter, *http.Request))(w, r)
	}))
	defer s.Close()
	c, err := client.New(s.URL, client.Options{Token: "pm_x", Backoff: time.Millisecond, Tries: 3, Patience: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	problem := func(status int, code string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"type":"x","title":"x","status":%d,"detail":"x","code":"%s","retry":"later"}`, status, code)
		}
	}
	var keys []string
	tests := []struct {
		name   string
		serve  func(http.ResponseWriter, *http.Request)
		code   string
		calls  int64
		answer string
	}{
		{"refused", problem(409, "market_not_open"), "market_not_open", 1, ""},
		{"overloaded", problem(503, "overloaded"), "overloaded", 3, ""},
		{"limited, and soon not", func(w http.ResponseWriter, r *http.Request) {
			if calls.Load() == 1 {
				w.Header().Set("Retry-After", "1")
				problem(429, "rate_limited")(w, r)
				return
			}
			io.WriteString(w, `{"account":"7","name":"ada"}`)
		}, "", 2, "ada"},
		{"limited for long", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "60")
			problem(429, "penalty_box")(w, r)
		}, "penalty_box", 1, ""},
		{"not this API", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusNotFound) }, "http_404", 1, ""},
		{"a proxy alone", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) }, "http_502", 3, ""},
		{"chunked", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"account":`)
			w.(http.Flusher).Flush()
			io.WriteString(w, `"7","name":"ada"}`)
		}, "", 1, "ada"},
		{"closing", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			io.WriteString(w, `{"account":"7","name":"ada"}`)
		}, "", 1, "ada"},
		{"one key for all tries", func(w http.ResponseWriter, r *http.Request) {
			if keys = append(keys, r.Header.Get(api.HeaderKey)); len(keys) < 3 {
				problem(503, "unavailable")(w, r)
				return
			}
			io.WriteString(w, `{"account":"7","name":"ada"}`)
		}, "", 3, "ada"},
		{"broken", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, "", 3, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c.Close() // a try on a connection that was idle does not count
			calls.Store(0)
			handler.Store(test.serve)
			a, err := c.Register(t.Context(), "ada", "correct horse")
			if client.Code(err) != test.code || a.Name != test.answer || (err == nil) != (test.answer != "") {
				t.Errorf("%+v, %v", a, err)
			}
			if calls.Load() != test.calls {
				t.Errorf("%d calls", calls.Load())
			}
		})
	}
	if len(keys) != 3 || keys[0] == "" || keys[1] != keys[0] || keys[2] != keys[0] {
		t.Errorf("keys %q", keys)
	}
}

// A connection that the server closed while it was idle is not an error.
func TestIdleConnectionsMayBeClosed(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) }))
	defer s.Close()
	c, err := client.New(s.URL, client.Options{Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		if _, err := c.Markets(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		s.CloseClientConnections()
	}
}

func TestContextEndsACall(t *testing.T) {
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer s.Close()
	defer close(hang)
	c, err := client.New(s.URL, client.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	for range 2 { // the second waits for the only connection
		go func() {
			_, err := c.Markets(ctx, nil)
			errs <- err
		}()
	}
	cancel()
	for range 2 {
		if err := <-errs; err == nil {
			t.Error("no error")
		}
	}
}

func TestRequestsCannotBeSplit(t *testing.T) {
	c, err := client.New("http://127.0.0.1:1", client.Options{Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []client.Request{
		{Method: "GET", Path: "/api/markets HTTP/1.1\r\nX: y"},
		{Method: "POST", Path: "/api/login", Key: "a\r\nX: y"},
		{Method: "G T", Path: "/api/markets"},
	} {
		if _, err := c.Send(t.Context(), r); err == nil || !strings.Contains(err.Error(), "cannot be sent") {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := c.As("x\r\nY: z").Markets(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "cannot be sent") {
		t.Error(err)
	}
	for _, base := range []string{"", "127.0.0.1:8080", "ftp://x", "http://", "http://[::1"} {
		if _, err := client.New(base, client.Options{}); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
}

// Both ends of an order over a socket, the exchange's work included.
func BenchmarkPlace(b *testing.B) {
	public, admin := exchangeAt(b)
	ada := trader(b, public, admin, "ada")
	m := must[api.MarketAnswer](b)(admin.CreateMarket(b.Context(), "", api.CreateMarket{Question: "How fast is it then?"}))
	b.ReportAllocs()
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, err := ada.Place(b.Context(), m.Market, "", api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 100, Quantity: 1, TimeInForce: api.IOC})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// A list is walked through page by page, and a walk can end early.
func TestWalkThroughPages(t *testing.T) {
	public, admin := exchangeAt(t)
	public = public.Fresh()
	for i := range 7 {
		must[api.MarketAnswer](t)(admin.CreateMarket(t.Context(), "", api.CreateMarket{Question: fmt.Sprint("Is this question number ", i)}))
	}
	query := url.Values{"limit": {"2"}, "sort": {"oldest"}}
	var ids []api.ID
	for m, err := range public.EachMarket(t.Context(), query) {
		if err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, m.Market); len(ids) == 5 {
			break
		}
	}
	for m, err := range public.EachMarket(t.Context(), query) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Market > 5 {
			ids = append(ids, m.Market)
		}
	}
	if !slices.Equal(ids, []api.ID{1, 2, 3, 4, 5, 6, 7}) || len(query) != 2 {
		t.Errorf("%v, and the query is %v", ids, query)
	}
	for _, err := range public.EachMarket(t.Context(), url.Values{"sort": {"beauty"}}) {
		if client.Code(err) != "invalid_query" {
			t.Error(err)
		}
	}
}
