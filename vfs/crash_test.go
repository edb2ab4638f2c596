package vfs_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
)

func TestCrashKeepsOnlyWhatWasSynced(t *testing.T) {
	m := vfs.NewMem()
	check(t, m.MkdirAll("/d"))
	f := must(m.Create("/d/a"))(t)
	write(t, f, "synced")
	check(t, f.Sync())
	wantMissing(t, m.Crash(), "/d/a") // its name was not

	check(t, m.SyncDir("/d"))
	check(t, second(f.WriteAt([]byte("SYN"), 0)))
	check(t, f.Truncate(4))
	wantContent(t, m.Crash(), "/d/a", "synced")
	check(t, f.Sync())
	wantContent(t, m.Crash(), "/d/a", "SYNc")

	check(t, m.Rename("/d/a", "/d/b"))
	after := m.Crash()
	wantContent(t, after, "/d/a", "SYNc")
	wantMissing(t, after, "/d/b")
	check(t, m.SyncDir("/d"))
	after = m.Crash()
	wantContent(t, after, "/d/b", "SYNc")
	wantMissing(t, after, "/d/a")

	check(t, m.Remove("/d/b"))
	wantContent(t, m.Crash(), "/d/b", "SYNc")
	check(t, m.SyncDir("/d"))
	wantMissing(t, m.Crash(), "/d/b")
}

func TestCrashReleasesLocksAndSeparates(t *testing.T) {
	m := vfs.NewMem()
	must(m.Lock("/"))(t)
	f := must(m.Create("/a"))(t)
	write(t, f, "x")
	check(t, f.Sync())
	check(t, m.SyncDir("/"))
	after := m.Crash()
	must(after.Lock("/"))(t)
	check(t, second(f.WriteAt([]byte("y"), 0)))
	check(t, f.Sync())
	wantContent(t, after, "/a", "x")
	wantContent(t, m, "/a", "y")
}

// Each of the ways to lose a write that CrashKeeping promises must happen for some seed, and nothing else for any.
func TestCrashKeepingLosesInEveryWay(t *testing.T) {
	m := vfs.NewMem()
	f := must(m.Create("/a"))(t)
	write(t, f, strings.Repeat("o", 1024))
	check(t, f.Sync())
	check(t, m.SyncDir("/"))
	check(t, second(f.WriteAt([]byte(strings.Repeat("1", 1024)), 0)))
	check(t, second(f.WriteAt([]byte(strings.Repeat("2", 1024)), 512)))
	check(t, m.Rename("/a", "/b"))

	seen := map[string]bool{}
	for seed := range uint64(500) {
		after := m.CrashKeeping(seed)
		name := "/a"
		if _, err := after.Stat(name); err != nil {
			name = "/b"
			seen["new name"] = true
		}
		content, err := vfs.ReadFile(after, name)
		check(t, err)
		switch got := string(content); got {
		case strings.Repeat("o", 1024):
			seen["nothing"] = true
		case strings.Repeat("o", 512) + strings.Repeat("1", 512):
			seen["second sector of the first write alone"] = true
		case strings.Repeat("o", 512) + strings.Repeat("2", 1024):
			seen["second write without the first"] = true
		case strings.Repeat("1", 512) + strings.Repeat("2", 1024):
			seen["everything"] = true
		default:
			if head := strings.TrimLeft(got, "1"); len(head)%512 != 0 && strings.Trim(head, "o") == "" {
				seen["first write up to a byte"] = true
			}
		}
	}
	if len(seen) != 6 {
		t.Errorf("seen only %v", seen)
	}
	one, _ := vfs.ReadFile(m.CrashKeeping(7), "/a")
	two, _ := vfs.ReadFile(m.CrashKeeping(7), "/a")
	if string(one) != string(two) {
		t.Error("one seed gave two results")
	}
}

// The power is cut before and after every operation of WriteFile.
func TestWriteFileIsAtomic(t *testing.T) {
	m := vfs.NewMem()
	check(t, vfs.WriteFile(m, "/a", []byte("old")))
	fsys := vfs.NewFaulty(m)
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir} {
		fsys.Add(&vfs.Rule{On: op, Times: 1, Before: func() {
			for seed := range uint64(50) {
				content, err := vfs.ReadFile(m.CrashKeeping(seed), "/a")
				if err != nil || string(content) != "old" && string(content) != "new content" {
					t.Errorf("before operation %d, seed %d: %q, %v", op, seed, content, err)
				}
			}
		}})
	}
	check(t, vfs.WriteFile(fsys, "/a", []byte("new content")))
	wantContent(t, m.Crash(), "/a", "new content")
}

func wantMissing(t *testing.T, fsys vfs.FS, name string) {
	t.Helper()
	if _, err := fsys.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v, want it missing", name, err)
	}
}
