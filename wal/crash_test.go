package wal_test

import (
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// history is what a program did with a log, and what it was promised.
type history struct {
	records      []wal.Record
	acknowledged int            // so many of them are durable
	needed       int            // all before this one may be dropped
	position     []wal.Position // of the acknowledged ones
}

// run works with a log until an error or the end, through several segments, with batches of many sizes, dropping some.
func (h *history) run(l *wal.Log) error {
	for i := range 24 {
		batch := []wal.Record{record(i, 100), record(i, 97*i%1500), record(i, 7)}
		h.records = append(h.records, batch...)
		from, err := l.AppendSync(batch...)
		if err != nil {
			return err
		}
		h.acknowledged += len(batch)
		h.position = append(h.position, from, from, from)
		if i%6 == 5 {
			h.needed = h.acknowledged - 4
			if err := l.DropBefore(h.position[h.needed]); err != nil {
				return err
			}
		}
	}
	return nil
}

// verify opens a log after a crash and wants every record that was acknowledged and is needed, in order, perhaps
// followed by the batch that was being written.
func (h history) verify(fsys vfs.FS) error {
	l, _, err := wal.Open(fsys, dir, small)
	if err != nil {
		return err
	}
	defer l.Close()
	var got []wal.Record
	if err := l.Scan(0, keeping(&got)); err != nil {
		return err
	}
	for _, end := range []int{h.acknowledged, len(h.records)} {
		if from := end - len(got); from >= 0 && from <= h.needed && same(got, h.records[from:end]) == "" {
			_, err := l.AppendSync(record(1, 2000))
			return err
		}
	}
	return fmt.Errorf("%d records found; of %d, %d were acknowledged and all from %d on needed",
		len(got), len(h.records), h.acknowledged, h.needed)
}

var writing = []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpTruncate, vfs.OpPreallocate, vfs.OpRename, vfs.OpRemove, vfs.OpSyncDir}

// The power is cut before every operation that writes, with nothing of what was not synced or some of it on disk.
func TestPowerCutAtEveryMoment(t *testing.T) {
	m := vfs.NewMem()
	fsys := vfs.NewFaulty(m)
	var h history
	moments := 0
	crash := func() {
		moments++
		for seed := range uint64(10) {
			after := m.Crash()
			if seed > 0 {
				after = m.CrashKeeping(seed)
			}
			if err := h.verify(after); err != nil {
				t.Fatalf("moment %d, seed %d: %v", moments, seed, err)
			}
		}
	}
	for _, op := range writing {
		fsys.Add(&vfs.Rule{On: op, Path: "0*.wal", Before: crash})
		fsys.Add(&vfs.Rule{On: op, Path: "dropped.tmp", Before: crash})
	}
	fsys.Add(&vfs.Rule{On: vfs.OpSyncDir, Before: crash})
	l, _ := open(t, fsys, small)
	check(t, h.run(l))
	crash()
	check(t, l.Close())
	crash()
	if moments < 100 {
		t.Errorf("only %d moments", moments)
	}
}

// While the spare is made in its goroutine, too.
func TestPowerCutWhileTheSpareIsMade(t *testing.T) {
	for _, op := range writing {
		for skip := range 12 {
			var after []*vfs.Mem
			m := vfs.NewMem()
			rule := &vfs.Rule{On: op, Path: "next.tmp", Skip: skip, Times: 1, Before: func() {
				for seed := range uint64(6) {
					after = append(after, m.CrashKeeping(seed))
				}
			}}
			l, _ := open(t, vfs.NewFaulty(m, rule), small)
			var h history
			check(t, h.run(l))
			check(t, l.Close())
			for _, crashed := range after {
				// What was acknowledged at that moment is not known here, but whatever there is must be sound.
				l, _, err := wal.Open(crashed, dir, small)
				check(t, err)
				check(t, l.Close())
			}
		}
	}
}

// unlocked lets a second log open a directory, as if the first one's process had been killed.
type unlocked struct{ vfs.FS }

func (unlocked) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// A process is killed between write and sync, or after a sync that failed: what it wrote can be read but is not
// durable. What the next process reads must be, even if the system takes pages for clean whose sync failed.
func TestWhatIsReadAfterAKillIsDurable(t *testing.T) {
	for failing := range 30 {
		afterFailureOf(t, &vfs.Rule{On: vfs.OpSync, Path: "0*.wal", Skip: failing, Times: 1, Err: syscall.EIO})
	}
	for failing := range 10 {
		afterFailureOf(t, &vfs.Rule{On: vfs.OpSyncDir, Path: "log", Skip: 1 + failing, Times: 1, Err: syscall.EIO})
	}
}

func afterFailureOf(t *testing.T, rule *vfs.Rule) {
	t.Helper()
	m := vfs.NewMem()
	killed, _ := open(t, vfs.NewFaulty(unlocked{m}, rule), small)
	var h history
	if err := h.run(killed); err == nil {
		t.Fatal("nothing failed")
	}
	l, _ := open(t, forgetful{unlocked{m}}, small)
	var got []wal.Record
	check(t, l.Scan(0, keeping(&got)))
	if len(got) == 0 {
		t.Fatal("nothing is there")
	}
	crashed, _ := open(t, m.Crash(), small)
	wantScan(t, crashed, 0, got)
	check(t, crashed.Close())
	check(t, l.Close())
	if err := killed.Close(); err == nil {
		t.Error("closing a broken log gave no error")
	}
}

// forgetful is a system that syncs only what was written through the handle that is synced.
type forgetful struct{ vfs.FS }

func (f forgetful) OpenReadWrite(name string) (vfs.File, error) {
	file, err := f.FS.OpenReadWrite(name)
	return &forgetfulFile{File: file}, err
}

type forgetfulFile struct {
	vfs.File
	written bool
}

func (f *forgetfulFile) WriteAt(p []byte, offset int64) (int, error) {
	f.written = f.written || len(p) > 0
	return f.File.WriteAt(p, offset)
}

func (f *forgetfulFile) Sync() error {
	if !f.written {
		return nil
	}
	return f.File.Sync()
}

// Any one operation fails, once. Then the log must be broken, and what was acknowledged must survive a power cut.
func TestEveryFailingOperation(t *testing.T) {
	for _, op := range writing {
		fired := 0
		for skip := range 400 {
			m := vfs.NewMem()
			rule := &vfs.Rule{On: op, Skip: skip, Times: 1, Keep: skip * 37 % 1500, Err: syscall.EIO}
			fsys := vfs.NewFaulty(m, rule)
			l, _, err := wal.Open(fsys, dir, small)
			var h history
			if err == nil {
				err = h.run(l)
				if rule.Fired() > 0 && err != nil {
					wantBroken(t, l, fsys, err)
				}
				closing := l.Close()
				if rule.Fired() > 0 && err == nil && closing == nil && op != vfs.OpSync {
					// Only the spare met it, and it was never needed.
					check(t, h.verify(m.Crash()))
					continue
				}
			}
			fired += rule.Fired()
			for seed := range uint64(4) {
				check(t, h.verify(m.CrashKeeping(seed)))
			}
			if rule.Fired() == 0 {
				break
			}
		}
		if fired == 0 && op != vfs.OpRemove {
			t.Errorf("operation %d never failed", op)
		}
	}
}

// wantBroken wants the same error from everything, and nothing done to the disk.
func wantBroken(t *testing.T, l *wal.Log, fsys *vfs.Faulty, err error) {
	t.Helper()
	var rules []*vfs.Rule
	for _, op := range writing {
		rules = append(rules, &vfs.Rule{On: op, Path: "[0d]*"})
		fsys.Add(rules[len(rules)-1])
	}
	_, syncing := l.Sync()
	_, both := l.AppendSync(record(1, 1))
	for i, again := range []error{l.Append(record(1, 1)), syncing, both, l.Scan(0, nil), l.DropBefore(1 << 60)} {
		if again != err {
			t.Errorf("call %d of a broken log: %v, want %v", i, again, err)
		}
	}
	if slices.ContainsFunc(rules, func(r *vfs.Rule) bool { return r.Fired() > 0 }) {
		t.Errorf("a broken log went on writing after %v", err)
	}
}

// A disk of every size fills up.
func TestFullDisk(t *testing.T) {
	full := 0
	for room := int64(1000); room < 120_000; room += 1777 {
		m := vfs.NewMem()
		l, _, err := wal.Open(vfs.NewFaulty(m, &vfs.Rule{On: vfs.OpPreallocate, SkipBytes: room, Err: syscall.ENOSPC}), dir, small)
		var h history
		if err == nil {
			if h.run(l) != nil {
				full++
			}
			l.Close()
		}
		check(t, h.verify(m.Crash()))
	}
	if full < 5 {
		t.Errorf("the disk was full %d times", full)
	}
}

// Nothing is acknowledged, and nothing is found by Scan, before it is durable.
func TestNothingIsShownBeforeItIsDurable(t *testing.T) {
	var l *wal.Log
	shown := 0
	rule := &vfs.Rule{On: vfs.OpSync, Path: "0000000001.wal"}
	rule.Before = func() {
		if rule.Fired() > 1 {
			check(t, l.Scan(0, func(wal.Position, wal.Record) error { shown++; return nil }))
		}
	}
	l, _ = open(t, vfs.NewFaulty(vfs.NewMem(), rule), small)
	check(t, second(l.AppendSync(record(1, 1))))
	check(t, second(l.AppendSync(record(2, 1))))
	check(t, l.Close())
	if shown != 0+0+1+2 {
		t.Errorf("%d records were shown", shown)
	}
}
