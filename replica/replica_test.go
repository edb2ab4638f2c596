package replica

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testConfig(fsys vfs.FS) Config {
	return Config{FS: fsys, Dir: "data", WALSegment: 1 << 18, JournalSegment: 1 << 18, SnapshotEvery: 2000,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func open(t testing.TB, config Config) *Replica {
	t.Helper()
	r, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func shut(t testing.TB, r *Replica) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func encode(t testing.TB, cmds ...exchange.Command) []byte {
	t.Helper()
	var buf []byte
	for _, c := range cmds {
		var err error
		if buf, err = wire.AppendCommand(buf, c); err != nil {
			t.Fatal(err)
		}
	}
	return buf
}

func submit(t testing.TB, r *Replica, cmds ...exchange.Command) []exchange.Reply {
	t.Helper()
	replies := make([]exchange.Reply, len(cmds))
	if err := r.Submit(context.Background(), encode(t, cmds...), len(cmds), replies); err != nil {
		t.Fatal(err)
	}
	return replies
}

func found(t testing.TB, r *Replica, accounts int) {
	t.Helper()
	for i := range accounts {
		submit(t, r, &exchange.Register{Name: fmt.Sprintf("trader%d", i)},
			&exchange.Deposit{Account: exchange.AccountID(i + 1), Amount: 1e12, Reference: "test"})
	}
	submit(t, r, &exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?",
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition, TakerFee: 700}})
}

// key returns the idempotency key of the nth order of a trader. Like those of the gateway it is a hash.
func key(trader, n int) exchange.Key {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d", trader, n))
	return exchange.Key(sum[:16])
}

func order(trader, n int) *exchange.PlaceOrder {
	return &exchange.PlaceOrder{Account: exchange.AccountID(trader + 1), Key: key(trader, n), Market: 1,
		Side: exchange.Side(n & 1), Price: exchange.Price(4900 + (n*7+trader*13)%200), Quantity: exchange.Quantity(1 + n%9)}
}

func TestReplicaAnswersAndRemembers(t *testing.T) {
	fsys := vfs.NewMem()
	r := open(t, testConfig(fsys))
	found(t, r, 4)
	const each = 1500
	first := make([][]exchange.Reply, 4)
	var wait sync.WaitGroup
	for trader := range first {
		wait.Go(func() {
			for n := range each {
				first[trader] = append(first[trader], submit(t, r, order(trader, n))...)
			}
		})
	}
	wait.Wait()
	for trader := range first {
		if err := r.View().WaitSeq(t.Context(), first[trader][each-1].Seq); err != nil {
			t.Fatal(err)
		}
	}
	last := r.Journal().Last()
	shut(t, r)

	r = open(t, testConfig(fsys))
	defer shut(t, r)
	if r.Recovery().Snapshot == 0 || r.Recovery().Commands == 0 {
		t.Errorf("recovered from snapshot %d and %d commands, want both", r.Recovery().Snapshot, r.Recovery().Commands)
	}
	if got := r.Journal().Last(); got != last {
		t.Errorf("the journal ends at %+v, ended at %+v", got, last)
	}
	for trader := range first {
		for n := 0; n < each; n += 97 {
			if again := submit(t, r, order(trader, n))[0]; again != first[trader][n] {
				t.Fatalf("order %d of trader %d was answered %+v, and again %+v", n, trader, first[trader][n], again)
			}
		}
	}
	if err := r.View().Check(); err != nil {
		t.Error(err)
	}
	state, err := r.applier.shard.View()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range r.View().Diff(state) {
		t.Error(line)
	}
}
