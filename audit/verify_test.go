package audit

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
)

func verify(t testing.TB, fsys vfs.FS) *Report {
	t.Helper()
	r, err := Verify(dir, options(t, fsys))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Report) result(check string) string {
	for _, c := range r.Checks {
		if c.Name == check {
			return c.Result
		}
	}
	return "absent"
}

// one returns the first finding of a check, and fails if there is none.
func (r *Report) one(t testing.TB, check string) Finding {
	t.Helper()
	for _, f := range r.Damage {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("nothing was found of %q, only %+v", check, r.Damage)
	return Finding{}
}

// snapshotOf is the content of all files, to see that none changed.
func snapshotOf(t testing.TB, fsys vfs.FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name := range fixtureFiles {
		if _, err := fsys.Stat(name); err == nil {
			all[name] = string(get(t, fsys, name))
		}
	}
	return all
}

func same(t testing.TB, fsys vfs.FS, before map[string]string) {
	t.Helper()
	after := snapshotOf(t, fsys)
	for name, content := range before {
		if after[name] != content {
			t.Errorf("%s was changed", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
}

func TestCleanFilesVerifyClean(t *testing.T) {
	fsys := fixture(t)
	before := snapshotOf(t, fsys)
	r := verify(t, fsys)
	for _, f := range r.Damage {
		t.Error(f.String())
	}
	for _, c := range r.Checks {
		if c.Result != Sound {
			t.Errorf("%s is %s: %s", c.Name, c.Result, c.Detail)
		}
	}
	if r.Events < 1500 || r.Commands < 800 || r.Snapshots != 2 || r.Checkpoints == 0 || len(r.Checks) != 8 || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	if len(files(t, fsys, "archive", ".wal")) == 0 || len(files(t, fsys, "journal", ".index")) == 0 {
		t.Error("the fixture lacks an archived segment of the log or a sealed one of the journal")
	}
	same(t, fsys, before)
}

func TestFilesInUseAreNotRead(t *testing.T) {
	fsys := fixture(t)
	lock, err := fsys.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(dir, options(t, fsys)); !errors.Is(err, vfs.ErrLocked) {
		t.Errorf("got %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(dir, options(t, fsys)); err != nil {
		t.Error(err)
	}
	if lock, err = fsys.Lock(dir); err != nil {
		t.Fatalf("it was not released: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDirectoryWithoutData(t *testing.T) {
	if _, err := Verify("/elsewhere", options(t, fixture(t))); !errors.Is(err, ErrNoData) {
		t.Errorf("got %v", err)
	}
}

func TestWithoutPublicKeySignaturesAreUnchecked(t *testing.T) {
	r, err := Verify(dir, Options{FS: fixture(t)})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Clean() || r.result(CheckCheckpoints) != Unchecked || r.Checkpoints == 0 {
		t.Errorf("%+v", r)
	}
}

func TestMissingParts(t *testing.T) {
	for _, part := range []struct{ sub, suffix, check, what string }{
		{"wal", ".wal", CheckLog, "missing"},
		{"journal", "", CheckJournal, "missing"},
		{"archive", "1.wal", "", ""}, // the oldest log is not needed
	} {
		fsys := fixture(t)
		names := files(t, fsys, part.sub, part.suffix)
		for _, name := range names {
			if err := fsys.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		r := verify(t, fsys)
		if part.check == "" {
			if !r.Clean() || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "replayed from") {
				t.Errorf("without %v: %+v", names, r)
			}
			continue
		}
		r.one(t, part.check)
	}
}

// What a crash leaves behind, and the next start mends, is no damage.
func TestCrashLeavesNotes(t *testing.T) {
	fsys := fixture(t)
	active := unsealed(t, fsys)
	content := get(t, fsys, active)
	put(t, fsys, active, content[:len(content)-10])
	if err := fsys.Remove(filepath.Join(dir, "journal/checkpoints")); err != nil {
		t.Fatal(err)
	}
	r := verify(t, fsys)
	if !r.Clean() {
		t.Errorf("damage: %+v", r.Damage)
	}
	notes := strings.Join(r.Notes, "\n")
	if !strings.Contains(notes, active) || !strings.Contains(notes, "the next start appends them") {
		t.Errorf("notes:\n%s", notes)
	}
	if r.result(CheckFold) != Sound || r.result(CheckReplay) != Sound {
		t.Errorf("%+v", r.Checks)
	}
}

// unsealed returns the journal's segment that is not sealed.
func unsealed(t testing.TB, fsys vfs.FS) string {
	t.Helper()
	for _, name := range files(t, fsys, "journal", ".journal") {
		if !strings.Contains(filepath.Base(name), "-") {
			return name
		}
	}
	t.Fatal("all segments are sealed")
	return ""
}
