package demo

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newExchange starts an exchange in memory.
func newExchange(t *testing.T) (public, admin *client.Client) {
	t.Helper()
	n, err := node.Start(node.Config{
		Dir: "data", Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0",
		Replica: replica.Config{FS: vfs.NewMem(), WALSegment: 1 << 20}, Log: slog.New(slog.DiscardHandler),
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
		c, err := client.New("http://"+addr, client.Options{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	return dial(n.Addr(), ""), dial(n.AdminAddr(), n.AdminKey())
}

// Many markets come and go in a hurry. All the while books have two sides and nobody lacks money, and in the end every
// unit that was paid in is somewhere.
func TestDemoNeverRunsDry(t *testing.T) {
	public, admin := newExchange(t)
	d, err := New(Config{Public: public, Admin: admin, Markets: 12, Rate: 1_200, Speed: 120, Seed: 7, Hurry: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 6*time.Minute)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	looks, wide := 0, 0
	for d.Tally().Resolved < 16 && ctx.Err() == nil {
		l, w := lookAtBooks(t, public)
		looks, wide = looks+l, wide+w
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	tally := d.Tally()
	t.Logf("%+v, %d looks at books, of which %d were wide", tally, looks, wide)
	if bad := tally.Unexpected(); len(bad) > 0 {
		t.Errorf("refused: %v", bad)
	}
	if looks == 0 || wide > looks/20 || tally.Orders < 10_000 || tally.Contracts == 0 || tally.Resolved < 16 {
		t.Error("there was not much of a demo")
	}
	wantConserved(t, d, admin)
}

// lookAtBooks checks the books of all markets in which the crowd trades, and counts them and those whose sides are far apart.
func lookAtBooks(t *testing.T, public *client.Client) (looks, wide int) {
	t.Helper()
	for m, err := range public.EachMarket(t.Context(), url.Values{"status": {"open"}}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range m.Outcomes {
			if o.Volume == 0 {
				continue
			}
			looks++
			if o.BestAsk-o.BestBid > 1_000 {
				wide++
			}
			if o.BestBid == 0 || o.BestAsk == 0 || o.BestBid >= o.BestAsk || m.Halted {
				t.Errorf("market %s (%s), %s: bid %s, ask %s, last %s, halted %v", m.Market, m.Status, o.Outcome, o.BestBid, o.BestAsk, o.LastPrice, m.Halted)
			}
		}
	}
	return looks, wide
}

// wantConserved checks that what was paid in is cash, behind orders, behind pairs of contracts, or was paid as fees.
func wantConserved(t *testing.T, d *Demo, admin *client.Client) {
	t.Helper()
	var have api.Money
	for a, err := range admin.Fresh().EachAccount(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		have += a.Cash + a.Held
	}
	for m, err := range d.run.config.Public.Fresh().EachMarket(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range m.Outcomes {
			if m.Kind == api.Binary && i > 0 {
				continue // No is the other view of the same pairs
			}
			have += api.Money(o.OpenInterest) * api.Money(one)
		}
	}
	for _, trader := range d.run.cast.all {
		key, err := admin.CreateKeyFor(t.Context(), trader.account, "", api.CreateKey{}) // the demo's own are revoked
		if err != nil {
			t.Fatal(err)
		}
		for f, err := range trader.As(key.Secret).EachFill(t.Context(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			have += f.Fee
		}
	}
	if paid := d.Tally().Deposits; have != paid {
		t.Errorf("%s was paid in, and %s is there", paid, have)
	}
}

// A demo that is stopped leaves no orders and no keys behind, and the next one goes on with its markets and accounts.
func TestDemoGoesOn(t *testing.T) {
	public, admin := newExchange(t)
	for round := range 2 {
		goesOn := 0
		d, err := New(Config{Public: public, Admin: admin, Markets: 3, Rate: 100, Speed: 1, Seed: uint64(round), Hurry: true,
			Say: func(format string, _ ...any) {
				if format == "goes on   %s" {
					goesOn++
				}
			}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		for d.Tally().Orders < 200 {
			time.Sleep(time.Millisecond)
		}
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if want := 3 * round; goesOn != want {
			t.Errorf("round %d: it went on with %d markets, want %d", round, goesOn, want)
		}
	}
	for m, err := range public.Fresh().EachMarket(t.Context(), nil) {
		if err != nil || m.Market > 3 || m.Outcomes[0].BestBid+m.Outcomes[0].BestAsk != 0 {
			t.Errorf("%+v, %v", m, err)
		}
	}
	for a, err := range admin.Fresh().EachAccount(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if keys, err := admin.KeysOf(t.Context(), a.Account); err != nil || len(keys.Keys) > 0 || a.OpenOrders > 0 {
			t.Errorf("%+v: %+v, %v", a, keys, err)
		}
	}
}

// What is thought likely happens as often as it was thought, at whatever moment it was thought.
func TestBeliefIsCalibrated(t *testing.T) {
	const runs = 4_000
	random := rand.New(rand.NewPCG(1, 2))
	for _, chance := range [][]float64{yes(0.5), yes(0.2), yes(0.9), {0.5, 0.3, 0.2}} {
		won, halfway := 0.0, 0.0
		for range runs {
			b := newBelief(chance, 1, 4, random)
			for b.left > 0 {
				if b.pass(0.02); math.Abs(b.left-0.5) < 0.001 {
					halfway += b.chances()[0]
				}
			}
			if b.winner() == 0 {
				won++
			}
		}
		if won, halfway = won/runs, halfway/runs; math.Abs(won-chance[0]) > 0.06 || math.Abs(halfway-won) > 0.04 {
			t.Errorf("%v: the first happens in %.3f of all runs, and is thought to halfway in %.3f", chance, won, halfway)
		}
	}
}

func TestBeliefEndsCertain(t *testing.T) {
	for seed := range uint64(50) {
		b := newBelief([]float64{0.4, 0.4, 0.2}, 1, 5, rand.New(rand.NewPCG(seed, 0)))
		for b.left > 0 {
			b.pass(0.001)
			sum := 0.0
			for _, c := range b.chances() {
				sum += c
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Fatalf("chances add up to %v", sum)
			}
		}
		if c := b.chances()[b.winner()]; c < 0.5 {
			t.Errorf("seed %d ends at %v", seed, b.chances())
		}
	}
}

func TestGridIsWhatMarketsTake(t *testing.T) {
	for i, p := range grid {
		step := tick.Step
		if p < tick.EdgeWidth || p > one-tick.EdgeWidth {
			step = tick.EdgeStep
		}
		if p <= 0 || p >= one || p%step != 0 || i > 0 && p <= grid[i-1] {
			t.Errorf("%d: %s", i, p)
		}
		if near := place(float64(p) / float64(one)); i >= 6 && i < len(grid)-6 && at(int(math.Round(near))) != p {
			t.Errorf("%s is placed at %v, which is %s", p, near, at(int(math.Round(near))))
		}
	}
	if low, high := place(0), place(1); low < 6 || high > float64(len(grid)-7) {
		t.Errorf("%v to %v leaves no room for quotes", low, high)
	}
}

func TestCatalogue(t *testing.T) {
	for i := range catalogue {
		e := &catalogue[i]
		sum := 0.0
		for _, c := range e.chance {
			sum += c
		}
		if math.Abs(sum-1) > 1e-9 || len(e.chance) != max(2, len(e.outcomes)) || e.interest <= 0 || e.news <= 0 || e.lasts <= 0 {
			t.Errorf("%s: %+v", e.question, e)
		}
		for j := range catalogue {
			if n, ok := catalogue[j].number(e.name(e.first + 3)); ok != (i == j) || ok && n != e.first+3 {
				t.Errorf("%q is %q: number %d, %v", e.name(e.first+3), catalogue[j].question, n, ok)
			}
		}
	}
}
