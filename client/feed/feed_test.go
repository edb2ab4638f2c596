package feed_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/client/feed"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// floor is an exchange in memory with a market and a trader.
type floor struct {
	t      *testing.T
	node   *node.Node
	public *client.Client
	admin  *client.Client
	ada    *client.Client
	key    api.KeyAnswer
	market api.ID
	made   api.ID // seq of its creation
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newFloor(t *testing.T) *floor {
	t.Helper()
	return newFloorOver(t, "http", node.TLS{}, nil)
}

// newFloorOver is newFloor over another scheme.
func newFloorOver(t *testing.T, scheme string, secured node.TLS, trust *tls.Config) *floor {
	t.Helper()
	n, err := node.Start(node.Config{
		Dir: "data", Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", TLS: secured,
		Replica: replica.Config{FS: vfs.NewMem()}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	dial := func(addr, token string) *client.Client {
		c := must[*client.Client](t)(client.New(scheme+"://"+addr, client.Options{Token: token, TLS: trust}))
		t.Cleanup(c.Close)
		return c
	}
	f := &floor{t: t, node: n, public: dial(n.Addr(), ""), admin: dial(n.AdminAddr(), n.AdminKey())}
	ctx := t.Context()
	a := must[api.RegisterAnswer](t)(f.admin.CreateAccount(ctx, "ada"))
	f.key = must[api.KeyAnswer](t)(f.admin.CreateKeyFor(ctx, a.Account, "", api.CreateKey{}))
	must[api.TransferAnswer](t)(f.admin.DepositTo(ctx, a.Account, "", api.Transfer{Amount: 1_000_0000}))
	f.ada = f.public.As(f.key.Secret)
	m := must[api.MarketAnswer](t)(f.admin.CreateMarket(ctx, "", api.CreateMarket{Question: "Does the feed arrive?", SelfTradesAllowed: true}))
	f.market, f.made = m.Market, m.Seq
	return f
}

func (f *floor) order(side string, price api.Price, quantity uint32) api.OrderAnswer {
	f.t.Helper()
	return must[api.OrderAnswer](f.t)(f.ada.Place(f.t.Context(), f.market, "", api.PlaceOrder{
		Outcome: api.Yes, Side: side, Price: price, Quantity: quantity, SelfTrade: api.AllowSelf}))
}

// listener takes messages in and counts them.
type listener struct {
	*feed.Feed
	t           *testing.T
	images      int
	gaps        int
	deals       []message.Deal
	interrupted []error
	orders      map[api.ID]api.Order
	fills       []api.Fill
	cash        api.Money
	state       exchange.MarketState
	last        message.Top
}

func (f *floor) listen(base string, o feed.Options, s feed.Subscription) *listener {
	f.t.Helper()
	o.Backoff = time.Millisecond
	l := &listener{Feed: must[*feed.Feed](f.t)(feed.New(base, o)), t: f.t, orders: map[api.ID]api.Order{}}
	f.t.Cleanup(l.Close)
	if err := l.Subscribe(s); err != nil {
		f.t.Fatal(err)
	}
	return l
}

// until listens until a condition holds.
func (l *listener) until(what string, done func() bool) {
	l.t.Helper()
	for !done() {
		l.step(what)
	}
}

// step takes one message in.
func (l *listener) step(what string) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 2*time.Minute)
	defer cancel()
	m, err := l.Next(ctx)
	if err != nil {
		l.t.Fatalf("waiting for %s: %v", what, err)
	}
	switch m := m.(type) {
	case *message.Image:
		l.images++
	case *message.Gap:
		l.gaps++
	case *message.Trades:
		l.deals = append(l.deals, m.Trades...)
	case *message.Tickers:
		l.last = m.Tops[0]
	case *message.State:
		l.state = m.State
	case *message.Account:
		l.cash = m.Cash
		for _, o := range m.Orders {
			l.orders[o.Order] = o
		}
	case *message.Order:
		l.orders[m.Order.Order] = m.Order
	case *message.Fill:
		l.fills = append(l.fills, m.Fill)
	case *message.Balance:
		l.cash = m.Cash
	case *feed.Interrupted:
		l.interrupted = append(l.interrupted, m.Err)
	}
}

// sees reports whether the book has a quantity at a price.
func (l *listener) sees(market api.ID, side exchange.Side, price exchange.Price, quantity uint64) func() bool {
	return func() bool {
		b := l.Book(market)
		return b != nil && b.Quantity(0, side, price) == quantity
	}
}

// books is a subscription to the market.
func (f *floor) books() feed.Subscription {
	return feed.Subscription{Channels: []message.Channel{message.Book, message.Trade}, Markets: []api.ID{f.market}, MinSeq: f.made}
}

// In either encoding the books that are built are those that the API shows, and everything else is heard of too.
func TestFeedSeesWhatTheAPIShows(t *testing.T) {
	for _, json := range []bool{false, true} {
		f := newFloor(t)
		first := f.order(api.Buy, 4_000, 10)
		l := f.listen("http://"+f.node.Addr(), feed.Options{Token: f.key.Secret, JSON: json}, feed.Subscription{
			Channels: []message.Channel{message.Book, message.Trade, message.Ticker, message.Status}, All: true, Account: true, MinSeq: first.Seq})
		l.until("the image", l.sees(f.market, exchange.Buy, 4_000, 10))
		resting := f.order(api.Sell, 6_000, 5)
		f.order(api.Sell, 4_000, 4)
		last := f.order(api.Buy, 3_900, 7)
		l.until("the last order", l.sees(f.market, exchange.Buy, 3_900, 7))
		l.until("all else", func() bool {
			return l.orders[last.Order].Order != 0 && len(l.deals) == 1 && l.last.Last == 4_000 && l.last.Ask == 6_000
		})
		book := must[api.OrderBook](t)(f.public.OrderBook(t.Context(), f.market, 100, last.Seq)).Books[0]
		for side, shown := range map[exchange.Side][]api.Level{exchange.Buy: book.Bids, exchange.Sell: book.Asks} {
			var built []api.Level
			for _, level := range l.Book(f.market).Levels(0, side) {
				built = append(built, api.Level{Price: api.Price(level.Price), Quantity: level.Quantity})
			}
			for i := range shown {
				shown[i].Orders = 0
			}
			if !slices.Equal(built, shown) {
				t.Errorf("built %+v, and the API shows %+v", built, shown)
			}
		}
		account := must[api.AccountInfo](t)(f.ada.Fresh().Account(t.Context()))
		l.until("the balance", func() bool { return l.cash == account.Cash })
		if l.deals[0].Quantity != 4 || l.deals[0].TakerSide != exchange.Sell {
			t.Errorf("trades %+v", l.deals)
		}
		for _, id := range []api.ID{first.Order, resting.Order, last.Order} {
			if shown := must[api.Order](t)(f.ada.Fresh().Order(t.Context(), f.market, id)); l.orders[id] != shown {
				t.Errorf("heard of %+v, and the API shows %+v", l.orders[id], shown)
			}
		}
		fills := must[api.Fills](t)(f.ada.Fresh().Fills(t.Context(), nil)).Fills
		inOrder := func(a, b api.Fill) int { return cmp.Compare(a.Order, b.Order) } // both are of one trade
		slices.SortFunc(fills, inOrder)
		slices.SortFunc(l.fills, inOrder)
		if len(fills) != 2 || !slices.Equal(l.fills, fills) {
			t.Errorf("heard of fills %+v, and the API shows %+v", l.fills, fills)
		}
		must[api.MarketAnswer](t)(f.admin.SuspendMarket(t.Context(), f.market, 0))
		l.until("the suspension", func() bool { return l.state == exchange.StateSuspended })
		l.Close()
	}
}

// cutter passes connections on until it is told to cut them.
type cutter struct {
	addr  string
	drops atomic.Int64 // how often what the exchange says next is dropped, and its connection cut
	mutes atomic.Int64 // or not cut
	mu    sync.Mutex
	conns []net.Conn
	count int // of connections there were
}

func newCutter(t *testing.T, to string) *cutter {
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	c := &cutter{addr: l.Addr().String()}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); c.cut(); all.Wait() })
	all.Go(func() {
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
			c.mu.Lock()
			c.conns = append(c.conns, in, out)
			c.count++
			c.mu.Unlock()
			all.Go(func() { io.Copy(out, in); out.Close() })
			all.Go(func() { io.Copy(dropping{in, c}, out); in.Close(); out.Close() })
		}
	})
	return c
}

// dropping is where the exchange's answers go.
type dropping struct {
	net.Conn
	*cutter
}

func (d dropping) Write(b []byte) (int, error) {
	if n := d.drops.Load(); n > 0 && d.drops.CompareAndSwap(n, n-1) {
		return 0, io.ErrClosedPipe
	}
	if n := d.mutes.Load(); n > 0 && d.mutes.CompareAndSwap(n, n-1) {
		return len(b), nil
	}
	return d.Conn.Write(b)
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// A connection that is cut is made again, and goes on with what was missed: no image, no trade lost or doubled.
func TestFeedGoesOnWhereItWas(t *testing.T) {
	f := newFloor(t)
	c := newCutter(t, f.node.Addr())
	f.order(api.Buy, 4_000, 100)
	l := f.listen("http://127.0.0.1:1", feed.Options{Others: []string{"http://" + c.addr}}, f.books())
	l.until("the image", l.sees(f.market, exchange.Buy, 4_000, 100))
	for i := range 5 {
		c.cut()
		f.order(api.Sell, 4_000, 1) // nobody listens now
		f.order(api.Buy, 3_000, 1)
		l.until("what was missed", l.sees(f.market, exchange.Buy, 3_000, uint64(i+1)))
		l.until("the trade", func() bool { return len(l.deals) == i+1 })
	}
	if l.images != 1 || l.gaps != 0 || len(l.interrupted) < 5 {
		t.Errorf("%d images, %d gaps, interrupted %v", l.images, l.gaps, l.interrupted)
	}
	if b := l.Book(f.market); b.Quantity(0, exchange.Buy, 4_000) != 95 {
		t.Errorf("%+v", b.Levels(0, exchange.Buy))
	}
}

// More than the exchange keeps is missed: the books come anew, and it is said that trades are missing.
func TestFeedSaysWhatIsMissing(t *testing.T) {
	f := newFloor(t)
	c := newCutter(t, f.node.Addr())
	f.order(api.Buy, 4_000, 1_000)
	l := f.listen("http://"+c.addr, feed.Options{}, f.books())
	l.until("the image", l.sees(f.market, exchange.Buy, 4_000, 1_000))
	c.cut()
	for range 300 {
		f.order(api.Sell, 4_000, 1)
	}
	l.until("the book", l.sees(f.market, exchange.Buy, 4_000, 700))
	l.until("the gap", func() bool { return l.gaps == 1 })
	if l.images != 2 || len(l.deals) >= 300 { // the exchange may have been on its way to the end when it was asked
		t.Errorf("%d images, %d trades", l.images, len(l.deals))
	}
	f.order(api.Sell, 4_000, 3)
	l.until("the next trade", func() bool { return len(l.deals) > 0 && l.deals[len(l.deals)-1].Quantity == 3 })
}

// A refusal is the caller's, with its code; it does not end the connection, unless that was what was refused.
func TestFeedRefusals(t *testing.T) {
	f := newFloor(t)
	base := "http://" + f.node.Addr()
	next := func(l *listener) error {
		for {
			m, err := l.Next(t.Context())
			if _, interrupted := m.(*feed.Interrupted); err != nil || !interrupted {
				return err
			}
		}
	}
	c := newCutter(t, f.node.Addr())
	l := f.listen("http://"+c.addr, feed.Options{}, feed.Subscription{Channels: []message.Channel{message.Book}, Markets: []api.ID{99}})
	if err := next(l); client.Code(err) != "market_not_found" {
		t.Error(err)
	}
	if err := l.Subscribe(f.books()); err != nil {
		t.Fatal(err)
	}
	l.until("the image", func() bool { return l.images == 1 })
	c.cut()
	f.order(api.Buy, 4_000, 1)
	l.until("the order, without the refusal again", l.sees(f.market, exchange.Buy, 4_000, 1))
	if err := next(f.listen(base, feed.Options{}, feed.Subscription{Account: true})); client.Code(err) != "unauthenticated" {
		t.Error(err)
	}
	if err := next(f.listen(base, feed.Options{Token: "pm_wrong"}, f.books())); client.Code(err) != "unauthenticated" {
		t.Error(err)
	}
	l = f.listen(base, feed.Options{Token: f.key.Secret}, feed.Subscription{Account: true})
	l.until("the account", func() bool { return l.cash > 0 })
	must[api.KeyRevoked](t)(f.ada.RevokeKey(t.Context(), f.key.Key))
	if err := next(l); client.Code(err) != "unauthenticated" {
		t.Errorf("after the key was revoked: %v", err)
	}
	for _, bad := range []string{"", "127.0.0.1:8080", "ws://x", "http://[::1"} {
		if _, err := feed.New(bad, feed.Options{}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestContextEndsWaiting(t *testing.T) {
	f := newFloor(t)
	l := f.listen("http://"+f.node.Addr(), feed.Options{}, f.books())
	l.until("the image", func() bool { return l.images == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := l.Next(ctx)
		failed <- err
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	nowhere := f.listen("http://127.0.0.1:1", feed.Options{}, f.books())
	if _, err := nowhere.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
