package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	dir = "/shard-1"
	// A pair that signs checkpoints of tests only.
	private = "PRIVATE+KEY+audit.test+75284d90+AQAlu8PuK2cMd+xZOQuRlsWWOZ26yOwWr4BJn0qn+2Cc"
	public  = "audit.test+75284d90+ATmCZ3XU/Ic4R61UO2oWHoVolFOScREEska3CcuAlArt"
)

// The fixture is made once, by a replica that runs for real, and copied for each test.
var (
	fixtureOnce  sync.Once
	fixtureFiles map[string][]byte
	fixtureSeen  []seen

	fixtureNoMarket exchange.Time // when there were accounts and no markets
)

// seen is a market as a reader of the running exchange saw it.
type seen struct {
	at       exchange.Time
	market   exchange.MarketID
	last     exchange.Price
	bids     string
	holdings string
}

// fixture returns a fresh copy of the files of a shard that traded for a while.
func fixture(t *testing.T) *vfs.Mem {
	t.Helper()
	fixtureOnce.Do(func() { makeFixture(t) })
	if fixtureFiles == nil {
		t.Fatal("there is no fixture")
	}
	fsys := vfs.NewMem()
	for name, content := range fixtureFiles {
		put(t, fsys, name, content)
	}
	return fsys
}

// awaitSnapshots waits until so many snapshots are written.
func awaitSnapshots(t testing.TB, fsys vfs.FS, count int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); len(files(t, fsys, "snapshots", ".snapshot")) < count; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("snapshot %d was never written", count)
		}
	}
}

func options(t testing.TB, fsys vfs.FS) Options {
	t.Helper()
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return Options{FS: fsys, Verifier: verifier}
}

func put(t testing.TB, fsys vfs.FS, name string, content []byte) {
	t.Helper()
	if err := fsys.MkdirAll(filepath.Dir(name)); err != nil {
		t.Fatal(err)
	}
	if err := vfs.WriteFile(fsys, name, content); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, fsys vfs.FS, name string) []byte {
	t.Helper()
	content, err := vfs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// files returns the names in a directory below the shard's that end like this, sorted.
func files(t testing.TB, fsys vfs.FS, sub, suffix string) (names []string) {
	t.Helper()
	entries, err := fsys.ReadDir(filepath.Join(dir, sub))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), suffix) {
			names = append(names, filepath.Join(dir, sub, e.Name()))
		}
	}
	return names
}

// exchangeOf is a running replica with a clock that the test moves.
type exchangeOf struct {
	t   testing.TB
	r   *replica.Replica
	mu  sync.Mutex
	now time.Time
	n   int
}

func start(t testing.TB, fsys vfs.FS, now time.Time) *exchangeOf {
	t.Helper()
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	x := &exchangeOf{t: t, now: now}
	x.r, err = replica.Open(replica.Config{FS: fsys, Dir: dir, Now: x.clock, WALSegment: 1 << 14, JournalSegment: 1 << 14,
		SnapshotEvery: 600, Signer: signer, CheckpointEvery: time.Hour, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.r.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *exchangeOf) clock() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now = x.now.Add(time.Millisecond)
	return x.now
}

func (x *exchangeOf) close() {
	x.t.Helper()
	if err := x.r.Close(); err != nil {
		x.t.Fatal(err)
	}
}

// do executes commands in one entry and returns their replies.
func (x *exchangeOf) do(cmds ...exchange.Command) []exchange.Reply {
	x.t.Helper()
	var frames []byte
	for _, c := range cmds {
		var err error
		if frames, err = wire.AppendCommand(frames, c); err != nil {
			x.t.Fatal(err)
		}
	}
	replies := make([]exchange.Reply, len(cmds))
	if err := x.r.Submit(context.Background(), frames, len(cmds), replies); err != nil {
		x.t.Fatal(err)
	}
	return replies
}

func (x *exchangeOf) key() exchange.Key {
	x.n++
	sum := sha256.Sum256([]byte{byte(x.n), byte(x.n >> 8)})
	return exchange.Key(sum[:16])
}

// order is the nth order of a trader, of all kinds that there are.
func (x *exchangeOf) order(trader, n int) *exchange.PlaceOrder {
	o := &exchange.PlaceOrder{Account: exchange.AccountID(trader), Key: x.key(), Market: exchange.MarketID(1 + n%2),
		Side: exchange.Side(n / 2 & 1), Price: exchange.Price(4900 + (n*7+trader*13)%200), Quantity: exchange.Quantity(1 + n%9)}
	if o.Market == 2 {
		o.Outcome = exchange.Outcome(n % 3)
	}
	switch n % 11 {
	case 3:
		o.TimeInForce = exchange.ImmediateOrCancel
	case 5:
		o.TimeInForce, o.ExpireAt = exchange.GoodTillTime, exchange.Time(x.clock().Add(30*time.Millisecond).UnixNano())
	case 7:
		o.Flags = exchange.PostOnly
	case 9:
		o.ClientID = fmt.Appendf(nil, "order-%d", n)
	}
	return o
}

// look notes what a reader sees of a market now, once it sees everything up to seq.
func (x *exchangeOf) look(market exchange.MarketID, seq exchange.Seq) {
	x.t.Helper()
	v := x.r.View()
	if err := v.WaitSeq(x.t.Context(), seq); err != nil {
		x.t.Fatal(err)
	}
	m, _ := v.Market(market)
	d, _ := v.Depth(market, 0, 10)
	fixtureSeen = append(fixtureSeen, seen{at: exchange.Time(x.clock().UnixNano()), market: market, last: m.Books[0].Last,
		bids: fmt.Sprint(d.Bids), holdings: fmt.Sprint(v.Holders(market))})
}

const traders = 5

func makeFixture(t *testing.T) {
	fsys := vfs.NewMem()
	x := start(t, fsys, time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC))
	for i := range traders {
		id := exchange.AccountID(i + 1)
		x.do(&exchange.Register{Name: fmt.Sprintf("trader%d", id), PasswordHash: "secret", Key: x.key()})
		x.do(&exchange.Deposit{Account: id, Amount: 1e10, Reference: "a first deposit", Key: x.key()},
			&exchange.CreateCredential{Account: id, Key: x.key(), Hash: [32]byte{byte(id)}, Permissions: 3, Label: "laptop", ExpireAt: 1 << 62})
	}
	fixtureNoMarket = exchange.Time(x.clock().UnixNano())
	x.do(&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?",
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition, TakerFee: 700, MakerShare: 2500}})
	x.do(&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Which colour will win?", Outcomes: []string{"red", "green", "blue"},
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}})
	for n := range 80 {
		var orders []exchange.Command
		for trader := 1; trader <= traders; trader++ {
			orders = append(orders, x.order(trader, n), x.order(trader, n+17))
		}
		replies := x.do(orders...)
		last := replies[len(replies)-1]
		if n%7 == 0 {
			x.do(&exchange.CancelOrder{Account: 1, Market: 1, Order: exchange.OrderID(replies[0].ID)},
				&exchange.AmendOrder{Account: 2, Market: 1, Order: exchange.OrderID(replies[2].ID), Quantity: 3},
				&exchange.PlaceOrder{Account: 3, Market: 1, Price: 5000, Quantity: 0})
		}
		if n == 50 {
			awaitSnapshots(t, fsys, 1) // so that the next one is not put off
		}
		if n%20 == 19 {
			x.look(1, last.Seq)
			x.look(2, last.Seq)
		}
	}
	x.do(&exchange.MassCancel{Account: 4, Key: x.key()}, &exchange.CloseMarket{MarketAction: exchange.MarketAction{Market: 2}})
	x.do(&exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: 2}, Values: []exchange.Price{10_000, 0, 0}, Source: "the count"})
	for range 3 {
		last := x.do(&exchange.Withdraw{Account: 5, Amount: 12_345, Reference: "out", Key: x.key()})[0]
		x.look(1, last.Seq)
	}
	awaitSnapshots(t, fsys, 2)
	x.close()
	fixtureFiles = map[string][]byte{}
	for _, sub := range []string{"wal", "archive", "journal", "snapshots"} {
		for _, name := range files(t, fsys, sub, "") {
			fixtureFiles[name] = get(t, fsys, name)
		}
	}
}
