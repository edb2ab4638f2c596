package journal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// TestRewrittenJournalIsCaughtByAnOldCheckpoint plays the owner of the journal: an event is changed, everything after
// it is chained anew and all files are whole.
func TestRewrittenJournalIsCaughtByAnOldCheckpoint(t *testing.T) {
	records := newMaker(28).records(150)
	signer, verifier := keys(t)
	fs := vfs.NewMem()
	j := mustOpen(t, fs, testOptions())
	var kept []Checkpoint
	for i, r := range records {
		mustAppend(t, j, r)
		if i%30 == 29 {
			c, err := j.Checkpoint(signer)
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, c)
		}
	}
	mustClose(t, j)
	forged := newMaker(28).records(150)
	changed := forged[70].FirstSeq
	forged[70].Events[20] ^= 1
	rewritten := written(t, forged, testOptions())
	mustVerify(t, rewritten, verifyOptions())

	var found *Corruption
	o := verifyOptions()
	o.Verifier, o.Known = verifier, [][]byte{kept[3].Note}
	if _, err := Verify(rewritten, dir, o); !errors.As(err, &found) || found.Seq != 1 {
		t.Errorf("with one checkpoint: %v", err)
	}
	o.Known = [][]byte{kept[3].Note, kept[1].Note, kept[0].Note, kept[2].Note}
	if _, err := Verify(rewritten, dir, o); !errors.As(err, &found) || found.Seq != uint64(kept[1].Size)+1 ||
		found.Seq > changed || !strings.Contains(found.What, fmt.Sprint(kept[2].Size)) {
		t.Errorf("with all checkpoints: %v; event %d was changed", err, changed)
	}
	o.Known = [][]byte{kept[0].Note, kept[1].Note}
	if report, err := Verify(rewritten, dir, o); err != nil || report.Checkpoints != 2 {
		t.Errorf("with checkpoints before the change: %+v, %v", report, err)
	}
	// Nor can the owner open it beside the checkpoints that are there.
	var all []byte
	for _, c := range kept {
		all = append(append(all, c.Note...), '\n')
	}
	beside := restore(t, contents(t, rewritten))
	if err := vfs.WriteFile(beside, dir+"/"+checkpointsName, all); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openAndClose(beside, testOptions()); !errors.As(err, &found) || !strings.HasSuffix(found.File, checkpointsName) {
		t.Errorf("open: %v", err)
	}
	// The forger cannot make a checkpoint that extends one that is known.
	j = mustOpen(t, rewritten, testOptions())
	defer mustClose(t, j)
	c, err := j.Checkpoint(signer)
	if err != nil {
		t.Fatal(err)
	}
	p, err := j.ProveConsistency(kept[3].Size, c.Size)
	if err != nil {
		t.Fatal(err)
	}
	if merkle.VerifyConsistency(kept[3], c, p) == nil {
		t.Error("a consistency proof for a rewritten journal")
	}
}

func TestForeignCheckpointIsRefused(t *testing.T) {
	files := signedJournal(t, newMaker(29).records(40))
	private, public, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "exchange.example/shard/3")
	if err != nil {
		t.Fatal(err)
	}
	_ = private
	stranger, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	o := verifyOptions()
	o.Verifier = stranger
	var found *Corruption
	if _, err := Verify(restore(t, files), dir, o); !errors.As(err, &found) || !strings.HasSuffix(found.File, checkpointsName) {
		t.Errorf("verify: %v", err)
	}
}

func TestTornCheckpointIsCut(t *testing.T) {
	records := newMaker(30).records(40)
	files := signedJournal(t, records)
	content := files[checkpointsName]
	first := bytes.Index(content, []byte("\n\nexchange")) + 2
	for size := first; size < len(content); size++ {
		files[checkpointsName] = content[:size]
		fs := restore(t, files)
		j, recovery, err := Open(fs, dir, testOptions())
		if err != nil {
			t.Fatalf("cut to %d: %v", size, err)
		}
		if (recovery.CutCheckpoint == nil) != (size == first) {
			t.Errorf("cut to %d: %v", size, recovery.CutCheckpoint)
		}
		signer, _ := keys(t)
		if c, found := j.Latest(); !found || !bytes.Equal(c.Note, content[:first-1]) {
			t.Errorf("cut to %d: latest %q", size, c.Note)
		}
		if _, err := j.Checkpoint(signer); err != nil {
			t.Error(err)
		}
		mustClose(t, j)
		if report := mustVerify(t, fs, verifyOptions()); report.Checkpoints != 2 {
			t.Errorf("cut to %d: %d checkpoints", size, report.Checkpoints)
		}
	}
}
