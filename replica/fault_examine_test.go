package replica

import (
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// retry sends acknowledged deeds again: each must get the answer that it got at first.
func retry(t testing.TB, r *Replica, deeds []deed) {
	t.Helper()
	for len(deeds) > 0 {
		some := deeds[:min(len(deeds), 100)]
		deeds = deeds[len(some):]
		replies, err := send(t.Context(), t, r, some)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range some {
			if replies[i] != d.reply {
				t.Fatalf("%s (%T) was answered %+v, and after recovery %+v", d.name, d.cmd, d.reply, replies[i])
			}
		}
	}
}

// retryAll does so with everything that the crowd was answered.
func (c crowd) retryAll(t testing.TB, r *Replica) {
	t.Helper()
	for _, tr := range c {
		retry(t, r, tr.deeds[:tr.acked])
	}
}

// examine shuts a replica and audits what it leaves: the fold of the journal is believable and equals the state, journal
// and log are whole, and what the crowd was told has happened did so once.
func examine(t testing.TB, r *Replica, c crowd) {
	t.Helper()
	shut(t, r)
	if err := r.View().Check(); err != nil {
		t.Error(err)
	}
	state, err := r.applier.shard.View()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range r.View().Diff(state) {
		t.Error("fold of the journal against state:", line)
	}
	auditLog(t, r.config.FS)
	effects := effectsOf(t, r.config.FS)
	for _, tr := range c {
		for n, d := range tr.deeds {
			got := effects[d.name]
			want := 0
			if accepted := d.done && d.reply.Code == exchange.Accepted; accepted && hasEffect(d.cmd) {
				want = 1
			}
			if got > 1 || n < tr.acked && got != want {
				t.Errorf("%s (%T, acknowledged %v with %v) had %d effects", d.name, d.cmd, d.done, d.reply.Code, got)
			}
		}
	}
}

// auditLog checks the log of a replica that is shut: every byte, and that log time never goes back.
func auditLog(t testing.TB, fsys vfs.FS) {
	t.Helper()
	var last exchange.Time
	_, err := wal.Read(fsys, "data/wal", func(at wal.Position, rec wal.Record) error {
		if rec.Type != recordEntry {
			return nil
		}
		e, err := readEntry(rec.Payload)
		if err != nil || len(e.data) == 0 {
			return err
		}
		now, _, _, err := wire.ReadBatch(e.data)
		if now < last {
			t.Errorf("log time goes back from %d to %d in entry %d at %v", last, now, e.index, at)
		}
		last = now
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// hasEffect reports whether the event of a command's effect has its name.
func hasEffect(cmd exchange.Command) bool {
	k := cmd.CommandKind()
	return k == exchange.KindPlaceOrder || k == exchange.KindDeposit
}

// effectsOf verifies the journal of a replica that is shut, and counts the effects of deeds in it by name.
func effectsOf(t testing.TB, fsys vfs.FS) map[string]int {
	t.Helper()
	effects := map[string]int{}
	eachEvent(t, fsys, func(_ exchange.Seq, e exchange.Event) {
		switch e := e.(type) {
		case *exchange.OrderPlaced:
			effects[string(e.ClientID)]++
		case *exchange.FundsDeposited:
			effects[e.Reference]++
		}
	})
	delete(effects, "test") // the deposits at the beginning
	delete(effects, "")
	return effects
}

// eachEvent verifies the journal of a replica that is shut, and shows its events.
func eachEvent(t testing.TB, fsys vfs.FS, do func(exchange.Seq, exchange.Event)) journal.Report {
	t.Helper()
	var decoder wire.Decoder
	report, err := verifyJournal(fsys, func(rec journal.Record) error {
		for seq, frame := range rec.All() {
			e, err := decoder.Event(frame)
			if err != nil {
				return err
			}
			do(exchange.Seq(seq), e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range report.Problems {
		t.Errorf("in the journal of a replica that was shut: %v", problem)
	}
	return report
}

func verifyJournal(fsys vfs.FS, each func(journal.Record) error) (journal.Report, error) {
	return journal.Verify(fsys, "data/journal", journal.VerifyOptions{Verifier: testVerifier, Indexer: indexKeys, KeyVersion: 1, Each: each})
}

// testSigner signs the checkpoints of replicas under test.
var testSigner, testVerifier = func() (note.Signer, note.Verifier) {
	private, public, err := note.GenerateKey(nil, "test.example/journal")
	if err != nil {
		panic(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		panic(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		panic(err)
	}
	return signer, verifier
}()

// extends fails the test unless a journal begins with all records, up to a Seq, of one that a replica left that is shut.
func extends(t testing.TB, later *journal.Journal, earlier vfs.FS, seq exchange.Seq) {
	t.Helper()
	compared := 0
	_, err := verifyJournal(earlier, func(rec journal.Record) error {
		if rec.FirstSeq > uint64(seq) {
			return nil
		}
		compared++
		return later.Compare(rec)
	})
	if err != nil || compared == 0 && seq > 0 {
		t.Fatalf("comparing %d records of the journal with those before the crash: %v", compared, err)
	}
}
