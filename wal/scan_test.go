package wal_test

import (
	"errors"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

func TestScanFromEveryPosition(t *testing.T) {
	l, _ := open(t, vfs.NewMem(), small)
	var want []wal.Record
	var positions []wal.Position
	for i := range 60 {
		want = append(want, record(i, 29*i%900))
		from, err := l.AppendSync(want[i])
		check(t, err)
		positions = append(positions, from)
	}
	i := 0
	check(t, l.Scan(l.Begin(), func(at wal.Position, _ wal.Record) error {
		if at != positions[i] {
			t.Errorf("record %d is at %v, want %v", i, at, positions[i])
		}
		i++
		return nil
	}))
	for i, from := range positions {
		wantScan(t, l, from, want[i:])
	}
	wantScan(t, l, l.End(), nil)
	for _, from := range []wal.Position{l.End() + sector, positions[0] + 1, 1<<32 + 1<<20} {
		if err := l.Scan(from, keeping(new([]wal.Record))); err == nil {
			t.Errorf("scan from %v found something", from)
		}
	}
	stop := errors.New("stop")
	if err := l.Scan(0, func(wal.Position, wal.Record) error { return stop }); err != stop {
		t.Errorf("error %v, want the one of the callback", err)
	}
	check(t, l.Close())
}

func TestDropBefore(t *testing.T) {
	m := vfs.NewMem()
	l, _ := open(t, m, small)
	var want []wal.Record
	var positions []wal.Position
	for i := range 60 {
		want = append(want, record(i, 700))
		from, err := l.AppendSync(want[i])
		check(t, err)
		positions = append(positions, from)
	}
	check(t, l.DropBefore(positions[31]))
	if l.Begin().Segment() != positions[31].Segment() || len(files(t, m)) != int(l.End().Segment()-l.Begin().Segment()+1) {
		t.Errorf("log begins at %v and has %d files after dropping all before %v", l.Begin(), len(files(t, m)), positions[31])
	}
	wantScan(t, l, positions[31], want[31:])
	if err := l.Scan(positions[0], keeping(new([]wal.Record))); !errors.Is(err, wal.ErrDropped) {
		t.Errorf("scan of dropped records: %v", err)
	}
	check(t, l.DropBefore(positions[10])) // already gone
	check(t, l.Close())

	l, _ = open(t, m.Crash(), small)
	wantScan(t, l, positions[31], want[31:])
	check(t, l.DropBefore(l.End()+1<<40))
	if l.Begin().Segment() != l.End().Segment() {
		t.Errorf("log from %v to %v after dropping all", l.Begin(), l.End())
	}
	check(t, second(l.AppendSync(want[0])))
	check(t, l.Close())
}

// The next segment is made from a dropped one, and holds nothing of it.
func TestDroppedSegmentIsUsedAgain(t *testing.T) {
	made := &vfs.Rule{On: vfs.OpCreate}
	m := vfs.NewMem()
	l, _ := open(t, vfs.NewFaulty(m, made), small)
	for i := range 40 {
		check(t, second(l.AppendSync(record(i, 700))))
		check(t, l.DropBefore(l.End()))
	}
	// The next segment is prepared meanwhile, and now and then before there is one to be used again.
	if segments := int(l.End().Segment()); made.Fired() > segments*3/4 || segments < 10 {
		t.Errorf("%d files were made for %d segments", made.Fired(), l.End().Segment())
	}
	check(t, l.Close())
	check(t, second(wal.Read(m, dir, nil)))
}

// DropBefore from within a scan takes away what the scan has not come to yet.
func TestScanOvertakenByDrop(t *testing.T) {
	l, _ := open(t, vfs.NewMem(), small)
	for i := range 20 {
		check(t, second(l.AppendSync(record(i, 700))))
	}
	err := l.Scan(0, func(wal.Position, wal.Record) error { return l.DropBefore(l.End()) })
	if !errors.Is(err, wal.ErrDropped) {
		t.Errorf("error %v", err)
	}
	check(t, l.Close())
}

func TestScanWhileAppending(t *testing.T) {
	l, _ := open(t, vfs.NewMem(), small)
	var want []wal.Record
	for i := range 400 {
		want = append(want, record(i, 13*i%800))
	}
	appended := make(chan error)
	go func() {
		for _, r := range want {
			if _, err := l.AppendSync(r); err != nil {
				appended <- err
				return
			}
		}
		appended <- nil
	}()
	for n := 0; n < len(want); {
		var got []wal.Record
		check(t, l.Scan(0, keeping(&got)))
		if len(got) < n {
			t.Fatalf("%d records after %d", len(got), n)
		}
		n = len(got)
		if difference := same(got, want[:n]); difference != "" {
			t.Fatal(difference)
		}
	}
	check(t, <-appended)
	check(t, l.Close())
}
