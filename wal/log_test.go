package wal_test

import (
	"errors"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// Payloads of every size around the borders of sectors and segments come back, now and after opening again.
func TestRecordsComeBack(t *testing.T) {
	m := vfs.NewMem()
	l, recovery := open(t, m, small)
	if recovery != (wal.Recovery{Clean: true}) {
		t.Errorf("a new log was recovered: %+v", recovery)
	}
	var want []wal.Record
	for size := range l.MaxPayload() + 1 {
		if size > 1100 && size < l.MaxPayload()-20 {
			continue
		}
		want = append(want, record(size, size))
		check(t, second(l.AppendSync(want[len(want)-1])))
	}
	wantScan(t, l, 0, want)
	check(t, l.Close())

	l, recovery = open(t, m, small)
	if !recovery.Clean || recovery.TornBytes != 0 {
		t.Errorf("a closed log was recovered: %+v", recovery)
	}
	wantScan(t, l, 0, want)
	more := record(1, 10)
	check(t, second(l.AppendSync(more)))
	wantScan(t, l, 0, append(want, more))
	check(t, l.Close())
}

func TestBatches(t *testing.T) {
	m := vfs.NewMem()
	l, _ := open(t, m, small)
	var want []wal.Record
	for i := range 100 {
		batch := []wal.Record{record(i, i), record(i+1, 0), record(i+2, 3*i)}
		check(t, l.Append(batch[:2]...))
		check(t, l.Append(batch[2:]...))
		wantScan(t, l, 0, want) // gathered is not yet written
		end := l.End()
		from, err := l.Sync()
		check(t, err)
		want = append(want, batch...)
		wantScan(t, l, from, batch)
		wantScan(t, l, end, batch)
		wantScan(t, l, 0, want)
	}
	end := l.End()
	if from, err := l.Sync(); from != end || err != nil || l.End() != end {
		t.Errorf("nothing gathered: Sync = %v, %v at %v", from, err, end)
	}
	if end.Segment() < 10 {
		t.Errorf("only %d segments", end.Segment())
	}
	check(t, l.Close())
}

// More than fits into one write goes into several, and the position covers all of it.
func TestGatheringMoreThanABatch(t *testing.T) {
	l, _ := open(t, vfs.NewMem(), small)
	check(t, second(l.AppendSync(record(1, 20))))
	var want []wal.Record
	for i := range 50 {
		want = append(want, record(i, 300))
		check(t, l.Append(want[i]))
	}
	from, err := l.Sync()
	check(t, err)
	wantScan(t, l, from, want)
	check(t, l.Close())
}

func TestTooLargeIsRefusedAndNothingElse(t *testing.T) {
	l, _ := open(t, vfs.NewMem(), small)
	fits := record(1, l.MaxPayload())
	check(t, second(l.AppendSync(fits)))
	if err := l.Append(record(2, 5), record(3, l.MaxPayload()+1)); !errors.Is(err, wal.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	check(t, second(l.AppendSync(record(4, 5))))
	wantScan(t, l, 0, []wal.Record{fits, record(4, 5)})
	check(t, l.Close())
}

// Batches larger than what is read at once, and small ones across its borders.
func TestLargeSegments(t *testing.T) {
	m := vfs.NewMem()
	l, _ := open(t, m, wal.Options{SegmentSize: 4 << 20})
	var want []wal.Record
	for i := range 9 {
		for _, size := range []int{1_400_000, 10, 33_333, 2_500, 700_000, 4_000} {
			want = append(want, record(len(want), size+i))
			check(t, second(l.AppendSync(want[len(want)-1])))
		}
	}
	wantScan(t, l, 0, want)
	check(t, l.Close())
	l, _ = open(t, m, small)
	wantScan(t, l, 0, want)
	check(t, l.Close())
}

func TestSecondInstanceIsRefused(t *testing.T) {
	m := vfs.NewMem()
	l, _ := open(t, m, small)
	if _, _, err := wal.Open(m, dir, small); !errors.Is(err, vfs.ErrLocked) {
		t.Errorf("second instance: %v", err)
	}
	check(t, l.Close())
	l, _ = open(t, m, small)
	check(t, l.Close())
}

func TestClosedLogRefuses(t *testing.T) {
	l, _ := open(t, vfs.NewMem(), small)
	check(t, l.Append(record(1, 1)))
	check(t, l.Close())
	_, err := l.Sync()
	for _, err := range []error{err, l.Append(record(1, 1)), l.Scan(0, nil), l.DropBefore(0), l.Close()} {
		if !errors.Is(err, wal.ErrClosed) {
			t.Errorf("error %v, want ErrClosed", err)
		}
	}
}

func TestCloseWritesWhatWasGathered(t *testing.T) {
	m := vfs.NewMem()
	l, _ := open(t, m, small)
	check(t, l.Append(record(1, 1)))
	check(t, l.Close())
	l, _ = open(t, m.Crash(), small)
	wantScan(t, l, 0, []wal.Record{record(1, 1)})
	check(t, l.Close())
}

func TestSegmentSizes(t *testing.T) {
	for _, size := range []int64{-512, 1, 1536, 2049, 1<<30 + 512} {
		if _, _, err := wal.Open(vfs.NewMem(), dir, wal.Options{SegmentSize: size}); err == nil {
			t.Errorf("segment size %d was taken", size)
		}
	}
	// The size may change from one Open to the next.
	m := vfs.NewMem()
	var want []wal.Record
	for i, size := range []int64{2048, 65536, 4096, 2048} {
		l, _ := open(t, m, wal.Options{SegmentSize: size})
		for j := range 10 {
			want = append(want, record(i+j, min(l.MaxPayload(), 2000)))
			check(t, second(l.AppendSync(want[len(want)-1])))
		}
		wantScan(t, l, 0, want)
		check(t, l.Close())
	}
}

func TestOnARealDisk(t *testing.T) {
	path := t.TempDir()
	var want []wal.Record
	for round := range 3 {
		l, recovery, err := wal.Open(vfs.OS, path, wal.Options{SegmentSize: 1 << 20})
		check(t, err)
		if !recovery.Clean {
			t.Errorf("round %d: %+v", round, recovery)
		}
		for i := range 30 {
			want = append(want, record(i, 50000))
			check(t, second(l.AppendSync(want[len(want)-1])))
		}
		wantScan(t, l, 0, want)
		if _, _, err := wal.Open(vfs.OS, path, wal.Options{}); !errors.Is(err, vfs.ErrLocked) {
			t.Errorf("second instance: %v", err)
		}
		check(t, l.Close())
	}
	l, _, err := wal.Open(vfs.OS, path, wal.Options{SegmentSize: 1 << 20})
	check(t, err)
	check(t, l.DropBefore(l.End()))
	for i := range 60 { // into a dropped segment's file
		check(t, second(l.AppendSync(record(i, 50000))))
	}
	check(t, l.Close())
	check(t, second(wal.Read(vfs.OS, path, nil)))
}

func TestAppendAllocatesNothing(t *testing.T) {
	l, _ := open(t, nullFS{vfs.NewMem()}, wal.Options{})
	payload := pattern(16 << 10)
	records := []wal.Record{{Type: 1, Shard: 1, Payload: payload}, {Type: 2, Shard: 7, Payload: payload[:100]}}
	allocated := testing.AllocsPerRun(500, func() {
		check(t, l.Append(records...))
		check(t, second(l.AppendSync(wal.Record{Type: 3, Payload: payload[:10]})))
	})
	if allocated != 0 {
		t.Errorf("%v allocations to append and sync", allocated)
	}
	check(t, l.Close())
}
