package journal

import (
	"bytes"
	"errors"
	"testing"

	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// TestEveryEventIsProvenWhileTheTreeGrows proves events under checkpoint after checkpoint, across segments and chunks
// of the tree, with the journal opened again in between.
func TestEveryEventIsProvenWhileTheTreeGrows(t *testing.T) {
	signer, verifier := keys(t)
	fs := vfs.NewMem()
	o := testOptions()
	o.SegmentBytes = 30_000
	m := newMaker(50)
	var events [][]byte
	var before Checkpoint
	for round := range 5 {
		j := mustOpen(t, fs, o)
		for range 150 {
			r := m.next()
			mustAppend(t, j, r)
			events = append(events, eventsOf([]Record{r})...)
		}
		c, err := j.Checkpoint(signer)
		if err != nil {
			t.Fatal(err)
		}
		if latest, found := j.Latest(); !found || !bytes.Equal(latest.Note, c.Note) || c.Size != int64(len(events)) {
			t.Fatalf("latest %+v of %d events", latest, len(events))
		}
		step := 1
		if round < 4 {
			step = 37
		}
		for seq := 1; seq <= len(events); seq += step {
			proveOne(t, j, uint64(seq), events[seq-1], verifier)
		}
		if round > 0 {
			p, err := j.ProveConsistency(before.Size, c.Size)
			if err != nil {
				t.Fatal(err)
			}
			if err := merkle.VerifyConsistency(before, c, p); err != nil {
				t.Fatal(err)
			}
		}
		before = c
		mustClose(t, j)
	}
	if len(events) < 2*merkle.ChunkLeaves {
		t.Fatalf("only %d events", len(events))
	}
	report := mustVerify(t, fs, VerifyOptions{Verifier: verifier, Indexer: testIndexer, KeyVersion: 1})
	if report.Checkpoints != 5 || report.Root != before.Root {
		t.Errorf("report %+v", report)
	}
}

func proveOne(t *testing.T, j *Journal, seq uint64, event []byte, verifier interface {
	Name() string
	KeyHash() uint32
	Verify(msg, sig []byte) bool
}) {
	t.Helper()
	p, err := j.Prove(seq)
	if err != nil {
		t.Fatalf("event %d: %v", seq, err)
	}
	got, err := merkle.VerifyInclusion(p.Text(), verifier)
	if err != nil || got.Seq != seq || !bytes.Equal(got.Event, event) {
		t.Fatalf("event %d: %+v, %v", seq, got, err)
	}
}

func TestCheckpointsOfWhatIsThere(t *testing.T) {
	signer, verifier := keys(t)
	fs := vfs.NewMem()
	j := mustOpen(t, fs, testOptions())
	defer mustClose(t, j)
	if c, err := j.Checkpoint(signer); err != nil || c.Size != 0 {
		t.Fatalf("of nothing: %+v, %v", c, err)
	}
	records := newMaker(51).records(20)
	mustAppend(t, j, records[:10]...)
	first, err := j.Checkpoint(signer)
	if err != nil {
		t.Fatal(err)
	}
	again, err := j.Checkpoint(signer)
	if err != nil || !bytes.Equal(first.Note, again.Note) {
		t.Errorf("again: %+v, %v", again, err)
	}
	mustAppend(t, j, records[10:]...)
	if _, err := j.Prove(records[10].FirstSeq); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("a younger event: %v", err)
	}
	if _, err := j.Prove(0); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("event 0: %v", err)
	}
	if _, err := j.ProveConsistency(first.Size, int64(j.Last().Seq)+1); err == nil {
		t.Error("consistency with what is not there")
	}
	second, err := j.Checkpoint(signer)
	if err != nil {
		t.Fatal(err)
	}
	left := fs.Crash()
	if tip, _, err := openAndClose(left, testOptions()); err != nil || tip.Seq != uint64(second.Size) {
		t.Errorf("a crash after the checkpoint of %d leaves %d events, %v", second.Size, tip.Seq, err)
	}
	report := mustVerify(t, left, VerifyOptions{Verifier: verifier})
	if report.Checkpoints != 3 {
		t.Errorf("%d checkpoints, want those of 0, %d and %d", report.Checkpoints, first.Size, second.Size)
	}
}

// TestSignedEventsAreDerivedAgain loses events that were signed, as if a disk had lied, and appends the same or others.
func TestSignedEventsAreDerivedAgain(t *testing.T) {
	records := newMaker(52).records(30)
	signer, _ := keys(t)
	whole := vfs.NewMem()
	j := mustOpen(t, whole, Options{Shard: 3})
	mustAppend(t, j, records...)
	if _, err := j.Checkpoint(signer); err != nil {
		t.Fatal(err)
	}
	mustClose(t, j)
	files := contents(t, whole)
	files[activeName(1)] = files[activeName(1)][:1200]
	for _, honest := range []bool{true, false} {
		j := mustOpen(t, restore(t, files), Options{Shard: 3})
		if _, err := j.Checkpoint(signer); err == nil {
			t.Error("a checkpoint smaller than the latest")
		}
		var err error
		for _, r := range records {
			if r.FirstSeq <= j.Last().Seq {
				continue
			}
			if r.FirstSeq == records[25].FirstSeq && !honest {
				r.Events = bytes.Clone(r.Events)
				r.Events[7] ^= 1
			}
			if err = j.Append(r); err != nil {
				break
			}
		}
		var d *Divergence
		if errors.As(err, &d) == honest {
			t.Errorf("honest %v: %v", honest, err)
		}
		if err := j.Close(); (err == nil) != honest {
			t.Errorf("honest %v: close: %v", honest, err)
		}
	}
}
