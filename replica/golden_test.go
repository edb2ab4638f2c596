package replica

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
)

// The golden directory is that of a replica which ran with files of version 1. The files of a released version are never
// rewritten: -update is for a version that nobody has used yet.
var updateGolden = flag.Bool("update", false, "write the golden directory anew")

const (
	goldenDir      = "testdata/golden-v1"
	goldenExpected = "expected.txt"

	// A pair that signs the checkpoints of the golden directory only.
	goldenPrivate = "PRIVATE+KEY+audit.test+75284d90+AQAlu8PuK2cMd+xZOQuRlsWWOZ26yOwWr4BJn0qn+2Cc"
	goldenPublic  = "audit.test+75284d90+ATmCZ3XU/Ic4R61UO2oWHoVolFOScREEska3CcuAlArt"
)

var goldenBegin = time.Date(2026, 11, 3, 21, 0, 0, 0, time.UTC)

// goldenConfig has small segments, and a clock that stands still at the beginning, so that nothing falls due.
func goldenConfig(fsys vfs.FS) Config {
	c := testConfig(fsys)
	c.Dir, c.WALSegment, c.JournalSegment, c.SnapshotEvery = "shard-1", 1<<14, 1<<14, 250
	c.Now = func() time.Time { return goldenBegin }
	return c
}

func goldenKey(n int) exchange.Key {
	sum := sha256.Sum256(fmt.Append(nil, "golden ", n))
	return exchange.Key(sum[:16])
}

// goldenOrders are the orders of one entry: of all kinds that there are.
func goldenOrders(n int, now time.Time) []exchange.Command {
	var all []exchange.Command
	for trader := range 4 {
		i := n*4 + trader
		o := &exchange.PlaceOrder{Account: exchange.AccountID(trader + 1), Key: goldenKey(i), Market: exchange.MarketID(1 + i%2),
			Side: exchange.Side(i / 2 & 1), Price: exchange.Price(4950 + (i*7+trader*13)%100), Quantity: exchange.Quantity(1 + i%9)}
		if o.Market == 2 {
			o.Outcome = exchange.Outcome(i % 3)
		}
		switch i % 7 {
		case 2:
			o.TimeInForce = exchange.ImmediateOrCancel
		case 3:
			o.TimeInForce, o.ExpireAt = exchange.GoodTillTime, exchange.Time(now.Add(20*time.Second).UnixNano())
		case 4:
			o.Flags, o.ClientID = exchange.PostOnly, fmt.Appendf(nil, "golden-%d", i)
		case 5:
			o.Group = exchange.GroupID(trader%2 + 1)
		}
		all = append(all, o)
	}
	return all
}

// recordGolden runs the replica whose files are kept, and returns it before it is shut.
func recordGolden(t *testing.T, fsys vfs.FS) *Replica {
	t.Helper()
	signer, err := note.NewSigner(goldenPrivate)
	if err != nil {
		t.Fatal(err)
	}
	c := goldenConfig(fsys)
	c.Signer, c.CheckpointEvery = signer, time.Hour
	var seconds atomic.Int64
	c.Now = func() time.Time { return goldenBegin.Add(time.Duration(seconds.Load()) * time.Second) }
	r := open(t, c)
	do := func(cmds ...exchange.Command) {
		t.Helper()
		submit(t, r, cmds...)
		seconds.Add(1)
	}
	for i := range exchange.AccountID(4) {
		do(&exchange.Register{Name: fmt.Sprintf("trader%d", i+1), PasswordHash: "hash"},
			&exchange.Deposit{Account: i + 1, Amount: 5e9, Reference: "golden"},
			&exchange.CreateCredential{Account: i + 1, Hash: [32]byte{1, byte(i)}, Permissions: 3, ExpireAt: 1 << 62, Label: "laptop"})
	}
	do(&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?", Tick: exchange.TickRule{Middle: 1},
		TakerFee: 700, MakerShare: 2500, PositionLimit: exchange.MaxPosition}},
		&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Which colour will win?", Outcomes: []string{"red", "green", "blue"},
			Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}},
		&exchange.CreateGroup{Account: 2, Limit: 40, Window: 60e9}, &exchange.CreateGroup{Account: 1, Limit: 40, Window: 60e9})
	do(&exchange.SwitchRules{Version: exchange.TransferRules}, &exchange.SendTransfer{Account: 1, To: 2, Amount: 5_000},
		&exchange.SendTransfer{Account: 2, To: 2, Amount: 7_000}, &exchange.ReleaseTransfer{To: 2, Number: 1},
		&exchange.ReceiveTransfer{From: 3, Number: 1, Account: 6, Amount: 9_000})
	for n := range 80 {
		if n == 60 { // so that the first snapshot is done when the second falls due
			awaitSnapshot(t, fsys)
		}
		do(goldenOrders(2*n, c.Now())...)
		do(goldenOrders(2*n+1, c.Now())...)
	}
	do(&exchange.MassCancel{Account: 3}, &exchange.SetLimits{Account: 4, MaxOpenOrders: 100},
		&exchange.CloseMarket{MarketAction: exchange.MarketAction{Market: 2}})
	do(&exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: 2}, Values: []exchange.Price{0, 10_000, 0}, Source: "the count"},
		&exchange.Withdraw{Account: 1, Amount: 123_456, Reference: "golden"})
	return r
}

func awaitSnapshot(t *testing.T, fsys vfs.FS) {
	t.Helper()
	for {
		names, err := Snapshots(fsys, "shard-1")
		if err != nil {
			t.Fatal(err)
		}
		if len(names) > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// expectation is what recovering a golden directory must give, as its text has it.
func expectation(t *testing.T, r *Replica) string {
	t.Helper()
	last := r.journal.Last()
	r.applier.shard.Thaw() // a snapshot may have been under way to the end
	sum, err := SumState(r.applier.shard)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("last event: %d\nof entry: %d\njournal chain: %x\nstate hash: %x\n", last.Seq, last.Index, last.Chain, sum.Hash)
}

func TestUpdateGoldenDirectory(t *testing.T) {
	if !*updateGolden {
		t.Skip("the golden directory is written with -update only")
	}
	fsys := vfs.NewMem()
	r := recordGolden(t, fsys)
	shut(t, r)
	if err := os.RemoveAll(goldenDir); err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(goldenDir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(goldenDir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"wal", "archive", "journal", "snapshots"} {
		entries, err := fsys.ReadDir(filepath.Join("shard-1", sub))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			name := filepath.Join("shard-1", sub, e.Name())
			if strings.HasSuffix(name, ".tmp") || e.IsDir() {
				continue
			}
			content, err := vfs.ReadFile(fsys, name)
			if err != nil {
				t.Fatal(err)
			}
			write(name, content)
		}
	}
	write(goldenExpected, []byte(expectation(t, r)))
}

// readGolden copies the golden directory to a file system in memory.
func readGolden(t *testing.T) *vfs.Mem {
	t.Helper()
	fsys := vfs.NewMem()
	err := filepath.WalkDir(filepath.Join(goldenDir, "shard-1"), func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(goldenDir, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return fsys.MkdirAll(name)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return vfs.WriteFile(fsys, name, content)
	})
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

func TestGoldenDirectoryIsRecovered(t *testing.T) {
	want, err := os.ReadFile(filepath.Join(goldenDir, goldenExpected))
	if err != nil {
		t.Fatal(err)
	}
	fsys := readGolden(t)
	r := open(t, goldenConfig(fsys))
	if got := r.Recovery(); got.Snapshot == 0 || got.Commands == 0 || len(got.Damaged) != 0 || got.Journal.Cut != nil || got.Journal.RebuiltIndexes != nil {
		t.Errorf("recovery: %+v", got)
	}
	if a, found := r.View().AccountByName("trader1"); !found || a.ID != 1 {
		t.Errorf("trader1 is %+v", a)
	}
	shut(t, r)
	if got := expectation(t, r); got != string(want) {
		t.Errorf("recovered to\n%swant\n%s", got, want)
	}
}

// The oldest entry is as readable as the newest, and this program makes of them all what the one made that wrote them.
func TestGoldenLogIsReplayed(t *testing.T) {
	fsys := readGolden(t)
	verifier, err := note.NewVerifier(goldenPublic)
	if err != nil {
		t.Fatal(err)
	}
	var recorded bytes.Buffer
	o := JournalOptions(exchange.HomeShard)
	report, err := journal.Verify(fsys, JournalDir("shard-1"), journal.VerifyOptions{Verifier: verifier, Indexer: o.Indexer,
		KeyVersion: o.KeyVersion, Each: func(r journal.Record) error { _, err := recorded.Write(r.Events); return err }})
	if err != nil || report.Checkpoints != 1 || report.Problems != nil {
		t.Fatalf("%+v, %v", report, err)
	}
	state, out := shard.New(), shard.Output{}
	_, err = ReadLog(fsys, "shard-1", func(e Entry) error {
		if len(e.Data) == 0 {
			return nil
		}
		if err := state.Apply(e.Data, &out); err != nil {
			return err
		}
		if there := recorded.Next(len(out.Events)); !bytes.Equal(out.Events, there) {
			return fmt.Errorf("entry %d gives events %x, recorded are %x", e.Index, out.Events, there)
		}
		return nil
	})
	if err != nil || recorded.Len() != 0 {
		t.Errorf("%v; the journal has %d bytes of events more", err, recorded.Len())
	}
	sum, err := SumState(state)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(goldenDir, goldenExpected))
	if err != nil {
		t.Fatal(err)
	}
	if line := fmt.Sprintf("state hash: %x\n", sum.Hash); !strings.HasSuffix(string(want), line) {
		t.Errorf("%swant\n%s", line, want)
	}
}
