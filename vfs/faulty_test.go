package vfs_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/hustings/hustings/vfs"
)

func TestSyncFailsTheNthTime(t *testing.T) {
	m := vfs.NewMem()
	rule := &vfs.Rule{On: vfs.OpSync, Path: "*.log", Skip: 2, Times: 1, Err: syscall.EIO}
	fsys := vfs.NewFaulty(m, rule)
	log, other := must(fsys.Create("/a.log"))(t), must(fsys.Create("/a.txt"))(t)
	check(t, fsys.SyncDir("/"))
	for i, want := range []error{nil, nil, syscall.EIO, nil} {
		check(t, other.Sync())
		write(t, log, "x")
		if err := log.Sync(); !errors.Is(err, want) {
			t.Errorf("sync %d: %v, want %v", i, err, want)
		}
		if want != nil {
			wantContent(t, m.Crash(), "/a.log", "xx")
		}
	}
	if rule.Fired() != 1 {
		t.Errorf("fired %d times", rule.Fired())
	}
}

func TestDiskOfSomeBytesFillsUp(t *testing.T) {
	m := vfs.NewMem()
	rule := &vfs.Rule{On: vfs.OpWrite, SkipBytes: 5, Err: syscall.ENOSPC}
	f := must(vfs.NewFaulty(m, rule).Create("/a"))(t)
	write(t, f, "abc")
	for _, want := range []int{2, 0, 0} {
		n, err := f.Write([]byte("def"))
		if n != want || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("wrote %d, %v; want %d and no space", n, err, want)
		}
	}
	wantContent(t, m, "/a", "abcde")
	if rule.Fired() != 3 {
		t.Errorf("fired %d times", rule.Fired())
	}
}

func TestTornWrite(t *testing.T) {
	m := vfs.NewMem()
	f := must(vfs.NewFaulty(m, &vfs.Rule{On: vfs.OpWrite, Skip: 1, Keep: 2, Times: 1, Err: syscall.EIO}).Create("/a"))(t)
	write(t, f, "abc")
	if n, err := f.WriteAt([]byte("defg"), 3); n != 2 || !errors.Is(err, syscall.EIO) {
		t.Errorf("wrote %d, %v", n, err)
	}
	wantContent(t, m, "/a", "abcde")
}

func TestHookSeesTheMomentBefore(t *testing.T) {
	m := vfs.NewMem()
	var before *vfs.Mem
	fsys := vfs.NewFaulty(m)
	f := must(fsys.Create("/a"))(t)
	check(t, fsys.SyncDir("/"))
	fsys.Add(&vfs.Rule{On: vfs.OpSync, Before: func() { before = m.Crash() }})
	write(t, f, "abc")
	check(t, f.Sync())
	wantContent(t, before, "/a", "")
	wantContent(t, m.Crash(), "/a", "abc")
}

func TestEveryOperationCanFail(t *testing.T) {
	broken := errors.New("broken")
	var f vfs.File
	fsys := vfs.NewFaulty(vfs.NewMem())
	for _, c := range []struct {
		op vfs.Op
		do func() error
	}{
		{vfs.OpCreate, func() error { return second(fsys.Create("/x")) }},
		{vfs.OpOpen, func() error { return second(fsys.Open("/f")) }},
		{vfs.OpOpen, func() error { return second(fsys.OpenReadWrite("/f")) }},
		{vfs.OpRead, func() error { return second(f.ReadAt(make([]byte, 1), 0)) }},
		{vfs.OpWrite, func() error { return second(f.Write([]byte("x"))) }},
		{vfs.OpSync, func() error { return f.Sync() }},
		{vfs.OpTruncate, func() error { return f.Truncate(1) }},
		{vfs.OpPreallocate, func() error { return f.Preallocate(9) }},
		{vfs.OpRename, func() error { return fsys.Rename("/f", "/x") }},
		{vfs.OpRemove, func() error { return fsys.Remove("/f") }},
		{vfs.OpMkdir, func() error { return fsys.MkdirAll("/d") }},
		{vfs.OpReadDir, func() error { return second(fsys.ReadDir("/")) }},
		{vfs.OpStat, func() error { return second(fsys.Stat("/f")) }},
		{vfs.OpSyncDir, func() error { return fsys.SyncDir("/") }},
		{vfs.OpLock, func() error { return second(fsys.Lock("/")) }},
		{vfs.OpClose, func() error { return f.Close() }},
	} {
		f = must(fsys.Create("/f"))(t)
		write(t, f, "content")
		rule := &vfs.Rule{On: c.op, Times: 1, Err: broken}
		fsys.Add(rule)
		if err := c.do(); !errors.Is(err, broken) || rule.Fired() != 1 {
			t.Errorf("operation %d: %v, fired %d times", c.op, err, rule.Fired())
		}
		if c.op == vfs.OpClose {
			continue
		}
		if err := c.do(); err != nil {
			t.Errorf("operation %d after its fault: %v", c.op, err)
		}
	}
}

func TestRuleFollowsARenamedFile(t *testing.T) {
	rule := &vfs.Rule{On: vfs.OpSync, Path: "new", Err: syscall.EIO}
	fsys := vfs.NewFaulty(vfs.NewMem(), rule)
	f := must(fsys.Create("/old"))(t)
	check(t, f.Sync())
	check(t, fsys.Rename("/old", "/new"))
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
}
