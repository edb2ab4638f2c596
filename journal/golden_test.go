package journal

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

var writeGolden = flag.Bool("write-golden", false, "write the files of a new format version; those there are never changed")

const (
	goldenDir   = "testdata/v1"
	goldenProof = "event-70.tlog-proof"
)

// golden makes the journal whose files are kept: 40 records in a few segments, two checkpoints and a proof.
func golden(t *testing.T) map[string][]byte {
	t.Helper()
	records := goldenRecords()
	signer, _ := keys(t)
	fs := vfs.NewMem()
	j := mustOpen(t, fs, testOptions())
	mustAppend(t, j, records[:20]...)
	if _, err := j.Checkpoint(signer); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, records[20:]...)
	if _, err := j.Checkpoint(signer); err != nil {
		t.Fatal(err)
	}
	p, err := j.Prove(70)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, j)
	files := contents(t, fs)
	files[goldenProof] = p.Text()
	return files
}

func goldenRecords() []Record { return newMaker(1_000).records(40) }

func TestFilesOfVersion1AreWrittenAsEver(t *testing.T) {
	files := golden(t)
	if *writeGolden {
		if err := os.Mkdir(goldenDir, 0o755); err != nil {
			t.Fatalf("golden files are not written twice: %v", err)
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(goldenDir, name), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	kept := readGolden(t)
	if got, want := slices.Sorted(maps.Keys(files)), slices.Sorted(maps.Keys(kept)); !slices.Equal(got, want) {
		t.Fatalf("files %v, want %v", got, want)
	}
	for name, want := range kept {
		if at := firstDifference(files[name], want); !bytes.Equal(files[name], want) {
			t.Errorf("%s differs at byte %d", name, at)
		}
	}
}

func readGolden(t *testing.T) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(goldenDir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestFilesOfVersion1AreRead(t *testing.T) {
	files := readGolden(t)
	_, verifier := keys(t)
	p, err := merkle.VerifyInclusion(files[goldenProof], verifier)
	if err != nil || p.Seq != 70 || !bytes.Equal(p.Event, eventsOf(goldenRecords())[69]) {
		t.Errorf("proof: %+v, %v", p, err)
	}
	delete(files, goldenProof)
	fs := restore(t, files)
	o := verifyOptions()
	o.Verifier = verifier
	if report := mustVerify(t, fs, o); report.Checkpoints != 2 || report.Records != 40 {
		t.Errorf("report %+v", report)
	}
	j, recovery, err := Open(fs, dir, testOptions())
	if err != nil || recovery.Cut != nil || recovery.RebuiltIndexes != nil {
		t.Fatalf("open: %+v, %v", recovery, err)
	}
	defer mustClose(t, j)
	sameRecords(t, readAll(t, j, 1), goldenRecords())
}
