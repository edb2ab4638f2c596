package wal_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

var writeGolden = flag.Bool("write-golden", false, "write the golden log of a version that is not released yet")

// golden makes the log of testdata: several segments, batches of one and of many records and sectors, closed twice.
func golden(t testing.TB) (fsys *vfs.Mem, records []wal.Record) {
	t.Helper()
	m := vfs.NewMem()
	for round := range 2 {
		l, _ := open(t, m, small)
		for i := range 4 {
			batch := []wal.Record{record(10*round+i, 20), record(100, 0), record(200+i, 450*i)}
			records = append(records, batch...)
			check(t, second(l.AppendSync(batch...)))
		}
		check(t, l.Close())
	}
	return m, records
}

// Logs of every released version are read for ever.
func TestGoldenLogIsRead(t *testing.T) {
	_, want := golden(t)
	for _, version := range []string{"v1"} {
		var got []wal.Record
		recovery, err := wal.Read(vfs.OS, filepath.Join("testdata", version), keeping(&got))
		check(t, err)
		if !recovery.Clean {
			t.Errorf("%s: %+v", version, recovery)
		}
		if difference := same(got, want); difference != "" {
			t.Errorf("%s: %s", version, difference)
		}
	}
}

// The present version writes the same bytes as ever.
func TestGoldenLogIsWritten(t *testing.T) {
	m, _ := golden(t)
	const path = "testdata/v1"
	if *writeGolden {
		check(t, os.MkdirAll(path, 0o755))
		for name, content := range files(t, m) {
			check(t, os.WriteFile(filepath.Join(path, filepath.Base(name)), content, 0o644))
		}
	}
	written := files(t, m)
	for _, name := range slices.Sorted(maps.Keys(written)) {
		want, err := os.ReadFile(filepath.Join(path, filepath.Base(name)))
		check(t, err)
		if !bytes.Equal(written[name], want) {
			t.Errorf("%s differs from its golden file", name)
		}
	}
	if there, err := filepath.Glob(path + "/*.wal"); err != nil || len(there) != len(written) {
		t.Errorf("%d golden files, %d written, %v", len(there), len(written), err)
	}
}
