package journal

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
)

func TestIndexIsBuiltAgain(t *testing.T) {
	records := newMaker(26).records(150)
	files := contents(t, written(t, records, testOptions()))
	name := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(n string) bool { return !strings.HasSuffix(n, indexSuffix) })[1]
	damage := map[string]func(fs vfs.FS) error{
		"missing": func(fs vfs.FS) error { return fs.Remove(dir + "/" + name) },
		"first page": func(fs vfs.FS) error {
			b := bytes.Clone(files[name])
			b[50]++
			return vfs.WriteFile(fs, dir+"/"+name, b)
		},
		"of another": func(fs vfs.FS) error {
			for other := range files {
				if strings.HasSuffix(other, indexSuffix) && other != name {
					return vfs.WriteFile(fs, dir+"/"+name, files[other])
				}
			}
			panic("no other")
		},
	}
	for what, spoil := range damage {
		fs := restore(t, files)
		if err := spoil(fs); err != nil {
			t.Fatal(err)
		}
		report, err := Verify(fs, dir, VerifyOptions{})
		if err != nil || len(report.Problems) != 1 || !strings.HasSuffix(report.Problems[0].File, name) {
			t.Errorf("%s: verify without an indexer: %v, %v", what, report.Problems, err)
		}
		_, recovery, err := openAndClose(fs, testOptions())
		if err != nil || len(recovery.RebuiltIndexes) != 1 {
			t.Errorf("%s: open: %+v, %v", what, recovery, err)
		}
		if !maps.EqualFunc(contents(t, fs), files, bytes.Equal) {
			t.Errorf("%s: the index built again is another one", what)
		}
		if err := spoil(fs); err != nil {
			t.Fatal(err)
		}
		o := verifyOptions()
		o.RepairIndexes = true
		if report, err := Verify(fs, dir, o); err != nil || len(report.Repaired) != 1 {
			t.Errorf("%s: repair: %+v, %v", what, report, err)
		}
		if !maps.EqualFunc(contents(t, fs), files, bytes.Equal) {
			t.Errorf("%s: the repaired index is another one", what)
		}
	}
}

func TestOtherKeysNeedOtherIndexes(t *testing.T) {
	records := newMaker(27).records(150)
	fs := written(t, records, testOptions())
	o := testOptions()
	o.KeyVersion = 2
	o.Indexer = func(event []byte, keys []Key) []Key { return append(keys, 3<<56|Key(event[2])) }
	j, recovery, err := Open(fs, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, j)
	if len(recovery.RebuiltIndexes) < 3 {
		t.Errorf("rebuilt %v", recovery.RebuiltIndexes)
	}
	n, want := 0, 0
	for _, e := range eventsOf(records) {
		if e[2] == 1 {
			want++
		}
	}
	if err := j.History(3<<56|1, 0, 0, func(uint64, int64, []byte) bool { n++; return true }); err != nil || n != want {
		t.Errorf("%d events, want %d; %v", n, want, err)
	}
}
