package lobster

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/load/naive"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
)

// wholeExchange runs, in this process.
type wholeExchange struct {
	*node.Node
	dir   string
	floor floor.Floor
}

func startExchange(t *testing.T) *wholeExchange {
	t.Helper()
	x := &wholeExchange{dir: t.TempDir()}
	var err error
	x.Node, err = node.Start(node.Config{
		Dir: x.dir, Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Replica: replica.Config{WALSegment: 1 << 20, CheckpointEvery: 20 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	if x.floor.Public, err = client.New("http://"+x.Addr(), client.Options{}); err != nil {
		t.Fatal(err)
	}
	if x.floor.Admin, err = client.New("http://"+x.AdminAddr(), client.Options{Token: x.AdminKey()}); err != nil {
		t.Fatal(err)
	}
	return x
}

// close stops the exchange, so that its files can be read.
func (x *wholeExchange) close(t *testing.T) {
	t.Helper()
	x.floor.Public.Close()
	x.floor.Admin.Close()
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

// planned returns a recording and its plan.
func planned(t *testing.T, text string) ([]Message, *Plan) {
	t.Helper()
	messages, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(messages)
	if err != nil {
		t.Fatal(err)
	}
	return messages, p
}

// busyRecording has more trades than go on one page of fills.
func busyRecording() string {
	var b strings.Builder
	for i := range api.MaxPage + 10 {
		fmt.Fprintf(&b, "%d,1,%d,2,100000,1\n%d,4,%d,1,100000,1\n", i, i+1, i, i+1)
	}
	return b.String()
}

func driveAndAudit(t *testing.T, x *wholeExchange, text string, c Config) (*Plan, *Outcome, *Audit, *Report) {
	t.Helper()
	messages, p := planned(t, text)
	c.Floor = &x.floor
	o, err := p.Drive(t.Context(), messages, c)
	if err != nil {
		t.Fatal(err)
	}
	a, err := o.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p, o, a, p.Report(messages, o, a)
}

func TestAnExchangeReconciles(t *testing.T) {
	var digests []string
	for _, run := range []struct {
		text string
		Config
	}{
		{recording, Config{}},
		{recording, Config{Speed: 1e-3, Hurry: true}},
		{recording, Config{}},
		{busyRecording(), Config{}},
	} {
		c := run.Config
		x := startExchange(t)
		last := Progress{}
		c.Progress = func(p Progress) { last = p }
		p, o, a, r := driveAndAudit(t, x, run.text, c)
		if err := r.CheckProofs(t.Context(), o, a); err != nil {
			t.Fatal(err)
		}
		if r.Judge(); !r.Reconciled {
			t.Errorf("%+v: by its proofs it does not reconcile: %+v", c, r)
		}
		x.close(t)
		if err := r.CheckJournal(x.dir, a); err != nil {
			t.Fatal(err)
		}
		if r.Judge(); !r.Reconciled || a.Fees == 0 {
			t.Errorf("%+v: by its files it does not reconcile: %+v", c, r)
		}
		expected := p.Expected()
		if diff := cmp.Diff(p.Reconcile(func(n uint32) []naive.Trade { return expected[n] }), r.Table); diff != "" {
			t.Errorf("%+v: table (-naive +exchange):\n%s", c, diff)
		}
		if last.Requests != o.Requests || last.Of != o.Requests {
			t.Errorf("%+v: the last progress was %+v of %d requests", c, last, o.Requests)
		}
		digests = append(digests, r.Digest)
	}
	if digests[0] != digests[2] {
		t.Errorf("two runs gave the digests %q", digests)
	}
}

// What an audit does not see, an exchange could do.
func TestAnAuditSeesWhatIsWrong(t *testing.T) {
	x := startExchange(t)
	_, o, a, r := driveAndAudit(t, x, recording, Config{})

	lie := *o
	lie.Filled = slices.Clone(o.Filled)
	lie.Filled[len(lie.Filled)-1]++
	lie.Traders = o.Traders[:2]
	seen, err := lie.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if seen.Matched || seen.Balanced || seen.Conserved || seen.Problems.Count == 0 {
		t.Errorf("with an account left out and an answer changed, the audit is %+v", seen)
	}

	changed := *a
	changed.Trades = slices.Clone(a.Trades)
	changed.Trades[0].Quantity++
	if err := r.CheckProofs(t.Context(), o, &changed); err != nil || r.JournalVerified || r.TradesInJournal {
		t.Errorf("the proof of another trade was taken: %v, %+v", err, r)
	}
	x.close(t)

	if err := r.CheckJournal(x.dir, &changed); err != nil || !r.JournalVerified || r.TradesInJournal {
		t.Errorf("another trade was found in the journal: %v, %+v", err, r)
	}
	for _, file := range []string{"journal/*.journal", "wal/*.wal"} {
		mend := damage(t, filepath.Join(node.ShardDir(x.dir, exchange.HomeShard), file))
		if err := r.CheckJournal(x.dir, a); err != nil || r.JournalVerified {
			t.Errorf("with damage in %s the journal was verified: %v, %+v", file, err, r)
		}
		mend()
	}
	if err := r.CheckJournal(x.dir, a); err != nil || !r.JournalVerified {
		t.Errorf("the mended journal was not verified: %v, %+v", err, r)
	}
}

// damage changes a bit of the last order in the only file of a pattern, until it is mended.
func damage(t *testing.T, pattern string) (mend func()) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) != 1 {
		t.Fatalf("files of %s: %v, %v", pattern, names, err)
	}
	whole, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(whole, []byte("row-"))
	if at < 0 {
		t.Fatalf("%s has no order of ours", names[0])
	}
	damaged := bytes.Clone(whole)
	damaged[at] ^= 1
	write := func(b []byte) {
		if err := os.WriteFile(names[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(damaged)
	return func() { write(whole) }
}

func TestADriveEndsWithItsContext(t *testing.T) {
	x := startExchange(t)
	defer x.close(t)
	messages, p := planned(t, recording)
	ctx, cancel := context.WithCancel(t.Context())
	stop := func(Progress) { cancel() }
	for _, speed := range []float64{0, 1} {
		if _, err := p.Drive(ctx, messages, Config{Floor: &x.floor, Speed: speed, Tag: api.ID(speed + 1).String(), Progress: stop}); err == nil {
			t.Error("a drive went on after its context had ended")
		}
		ctx, cancel = context.WithCancel(t.Context())
	}
	cancel()
}

func TestSpeedIsThatOfTheRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for _, c := range []struct {
			Config
			want time.Duration
		}{
			{Config{}, 0},
			{Config{Speed: 2, Hurry: true}, 0},
			{Config{Speed: 2}, 3 * time.Second},
			{Config{Speed: 0.5}, 12 * time.Second},
			{Config{Speed: 1}, 12 * time.Second}, // it was due already
		} {
			d := driver{Config: c.Config}
			if err := d.pause(t.Context(), start, 6*time.Second); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(start); got != c.want {
				t.Errorf("%+v: what was recorded 6 s after the first is sent after %v, want %v", c.Config, got, c.want)
			}
		}
	})
}
