package replica

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// filesOf reads everything that a replica keeps in its directory, by path.
func filesOf(t testing.TB, fsys vfs.FS) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, dir := range []string{"data/wal", "data/archive", "data/journal", "data/snapshots"} {
		for _, name := range list(t, fsys, dir) {
			content, err := vfs.ReadFile(fsys, name)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = content
		}
	}
	return all
}

// list returns the paths of the files in a directory.
func list(t testing.TB, fsys vfs.FS, dir string) (names []string) {
	t.Helper()
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, filepath.Join(dir, e.Name()))
	}
	return names
}

// diskOf makes a disk with these files, but one of them with other content.
func diskOf(t testing.TB, files map[string][]byte, name string, content []byte) *vfs.Mem {
	t.Helper()
	disk := vfs.NewMem()
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if err := disk.MkdirAll(filepath.Dir(file)); err != nil {
			t.Fatal(err)
		}
		is := files[file]
		if file == name {
			is = content
		}
		if err := vfs.WriteFile(disk, file, is); err != nil {
			t.Fatal(err)
		}
	}
	return disk
}

// newestFile returns the last of the files in a directory whose names end in a suffix.
func newestFile(files map[string][]byte, dir, suffix string) string {
	newest := ""
	for name := range files {
		if filepath.Dir(name) == dir && strings.HasSuffix(name, suffix) {
			newest = max(newest, name)
		}
	}
	return newest
}

// past lets one trader do something, in a log of one segment.
func past(t *testing.T) (disk *vfs.Mem, r *Replica, config Config, tr *trader) {
	t.Helper()
	disk, c := vfs.NewMem(), newCrowd(1, 3)
	config = testConfig(disk)
	config.WALSegment, config.JournalSegment, config.Now = 1<<15, 1<<20, stoppedClock
	r = open(t, config)
	found(t, r, 1)
	for range 12 {
		if err := c[0].trade(t.Context(), t, r); err != nil {
			t.Fatal(err)
		}
	}
	return disk, r, config, c[0]
}

// TestLogTornAtEveryByte cuts the last batch of the log at every byte: what was acknowledged before is there, and the
// batch itself is there as a whole or not at all.
func TestLogTornAtEveryByte(t *testing.T) {
	disk, r, config, tr := past(t)
	acked := tr.acked
	before := filesOf(t, disk)
	for tr.acked < acked+3 {
		before, acked = filesOf(t, disk), tr.acked
		if err := tr.trade(t.Context(), t, r); err != nil {
			t.Fatal(err)
		}
	}
	after := filesOf(t, disk)
	shut(t, r)

	name := newestFile(before, "data/wal", ".wal")
	from, to := difference(t, before[name], after[name])
	whole := 0
	for cut := from; cut <= to; cut++ {
		content := slices.Clone(before[name])
		copy(content[:cut], after[name][:cut])
		config.FS = diskOf(t, before, name, content)
		r := open(t, config)
		if torn := cut > from && cut < to; torn != (r.Recovery().TornBytes > 0) {
			t.Errorf("torn at byte %d of %d: %d bytes were cut off", cut-from, to-from, r.Recovery().TornBytes)
		}
		retry(t, r, tr.deeds[:acked])
		if r.View().Seq() >= tr.deeds[tr.acked-1].reply.Seq {
			whole++
			if cut != to {
				t.Errorf("torn at byte %d of %d, and still all there", cut-from, to-from)
			}
		}
		if _, err := send(t.Context(), t, r, tr.deeds[acked:tr.acked]); err != nil {
			t.Fatal(err)
		}
		shut(t, r)
		if cut%64 == 0 || cut == to {
			onceEach(t, config.FS, tr)
		}
		if t.Failed() {
			return
		}
	}
	if whole != 1 || to-from < 500 {
		t.Errorf("the batch of %d bytes was whole %d times", to-from, whole)
	}
}

// difference returns where two contents begin and cease to differ.
func difference(t *testing.T, a, b []byte) (from, to int) {
	t.Helper()
	if len(a) != len(b) || bytes.Equal(a, b) {
		t.Fatalf("contents of %d and %d bytes do not differ as expected", len(a), len(b))
	}
	for from = 0; a[from] == b[from]; from++ {
	}
	for to = len(a); a[to-1] == b[to-1]; to-- {
	}
	return from, to
}

// onceEach checks that every accepted deed of a trader had its effect once.
func onceEach(t *testing.T, fsys vfs.FS, tr *trader) {
	t.Helper()
	effects := effectsOf(t, fsys)
	for _, d := range tr.deeds[:tr.acked] {
		if want := d.reply.Code == exchange.Accepted && hasEffect(d.cmd); want != (effects[d.name] == 1) {
			t.Errorf("%s (%T) had %d effects", d.name, d.cmd, effects[d.name])
		}
	}
}

// TestJournalTorn cuts the end of the journal, at every byte in long runs: what is gone is derived again from the log.
func TestJournalTorn(t *testing.T) {
	disk, r, config, tr := past(t)
	if err := r.Journal().Sync(); err != nil {
		t.Fatal(err)
	}
	from := len(filesOf(t, disk)[newestFile(filesOf(t, disk), "data/journal", ".journal")])
	for range 3 {
		if err := tr.trade(t.Context(), t, r); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, r)
	last, files := r.Journal().Last(), filesOf(t, disk)
	name := newestFile(files, "data/journal", ".journal")
	if from == 0 || len(files[name]) <= from {
		t.Fatalf("the journal grew from %d to %d bytes", from, len(files[name]))
	}
	for cut := from; cut < len(files[name]); cut += rounds(9, 1) {
		config.FS = diskOf(t, files, name, files[name][:cut])
		r := open(t, config)
		if got := r.Journal().Last(); got != last {
			t.Errorf("torn at byte %d of %d: the journal ends at %+v, ended at %+v", cut, len(files[name]), got, last)
		}
		shut(t, r)
		if got, err := vfs.ReadFile(config.FS, name); err != nil || !bytes.Equal(got, files[name]) {
			t.Errorf("torn at byte %d of %d: the journal is not the same again (%v)", cut, len(files[name]), err)
		}
		if t.Failed() {
			return
		}
	}
}
