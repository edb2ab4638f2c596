package audit

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
)

func flip(t testing.TB, fsys vfs.FS, name string, at int) {
	t.Helper()
	content := bytes.Clone(get(t, fsys, name))
	content[at] ^= 0x10
	put(t, fsys, name, content)
}

func TestAFlippedBitIsFoundInEveryKindOfFile(t *testing.T) {
	fsys := fixture(t)
	for _, kind := range []struct{ sub, suffix, check string }{
		{"wal", ".wal", CheckLog},
		{"archive", ".wal", CheckLog},
		{"journal", ".journal", CheckJournal},
		{"journal", ".index", CheckIndexes},
		{"journal", "checkpoints", CheckCheckpoints},
		{"snapshots", ".snapshot", CheckSnapshots},
	} {
		name := files(t, fsys, kind.sub, kind.suffix)[0]
		at := 700
		if kind.suffix == "checkpoints" {
			at = 30
		}
		damaged := fixture(t)
		flip(t, damaged, name, at)
		r := verify(t, damaged)
		f := r.one(t, kind.check)
		if f.File != name || f.Byte > int64(at) || f.Byte < int64(at-600) {
			t.Errorf("%s at byte %d: found %v", name, at, f.String())
		}
		if r.result(kind.check) != Damaged {
			t.Errorf("%s: %+v", name, r.Checks)
		}
		if kind.check == CheckLog || kind.check == CheckJournal { // what comes behind cannot be vouched for
			if r.result(CheckReplay) == Sound {
				t.Errorf("%s: %+v", name, r.Checks)
			}
		}
	}
}

// Any bit of a journal, an index or a snapshot, and any of the log that is in use.
func TestNoFlippedBitIsOverlooked(t *testing.T) {
	clean := fixture(t)
	var names []string
	for name := range fixtureFiles {
		if !strings.HasSuffix(name, ".tmp") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	random := rand.New(rand.NewPCG(1, 2))
	for range 80 {
		name := names[random.IntN(len(names))]
		content := get(t, clean, name)
		at := random.IntN(len(content))
		if strings.HasSuffix(name, ".wal") { // what follows the last records, seal and zeros, keeps nothing
			const sector = 512
			at = random.IntN(len(bytes.TrimRight(content, "\x00")) - sector)
		}
		damaged := fixture(t)
		flip(t, damaged, name, at)
		r := verify(t, damaged)
		notes := strings.Join(r.Notes, "\n")
		if r.Clean() && !strings.Contains(notes, name) && !strings.Contains(notes, "crash") {
			t.Errorf("byte %d of %s was flipped and nobody noticed", at, name)
		}
	}
}
