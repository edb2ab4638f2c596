package wal_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// lastBatch makes a log whose last batch was written but whose process died, and says where that batch is. It is four
// sectors and a bit long, and one of its sectors holds nothing but zeros.
func lastBatch(t testing.TB) (all map[string][]byte, acknowledged []wal.Record, at wal.Position, end int64) {
	m := vfs.NewMem()
	l, _ := open(t, m, wal.Options{SegmentSize: 16 * sector})
	for i := range 12 {
		acknowledged = append(acknowledged, record(i, 900))
		check(t, second(l.AppendSync(acknowledged[i])))
	}
	holed := record(100, 1600)
	clear(holed.Payload[300:1300])
	at, err := l.AppendSync(record(99, 300), holed, record(101, 200))
	check(t, err)
	all, end = files(t, m), l.End().Offset()
	check(t, l.Close())
	if l.End().Segment() != at.Segment() || end-at.Offset() != 5*sector {
		t.Fatalf("the last batch is from %v to %d", at, end)
	}
	return all, acknowledged, at, end
}

// wantTorn opens a log and wants the last batch cut off, reported, and nothing of it left on disk.
func wantTorn(t *testing.T, all map[string][]byte, acknowledged []wal.Record, at wal.Position, end int64) {
	t.Helper()
	m := put(t, all)
	l, recovery := open(t, m, small)
	if recovery.Clean || recovery.TornAt != at || recovery.TornBytes != end-at.Offset() {
		t.Fatalf("recovery %+v; want torn at %v up to %d", recovery, at, end)
	}
	wantScan(t, l, 0, acknowledged)
	if l.End() != at {
		t.Fatalf("the log ends at %v", l.End())
	}
	rest := files(t, m.Crash())[segmentName(int(at.Segment()))][at.Offset():]
	if slices.ContainsFunc(rest, func(b byte) bool { return b != 0 }) {
		t.Fatal("remains of the batch are on disk")
	}
	check(t, second(l.AppendSync(record(7, 600))))
	check(t, l.Close())
	if recovery, err := wal.Read(m, dir, nil); err != nil || !recovery.Clean {
		t.Fatalf("after closing: %+v, %v", recovery, err)
	}
}

func TestTornAtEveryByte(t *testing.T) {
	all, acknowledged, at, end := lastBatch(t)
	segment := segmentName(int(at.Segment()))
	whole := all[segment]
	for cut := at.Offset() + 1; cut < end; cut++ {
		all[segment] = slices.Clone(whole)
		clear(all[segment][cut:])
		remains := cut
		for whole[remains-1] == 0 {
			remains--
		}
		if remains = (remains + sector - 1) / sector * sector; remains == at.Offset() {
			t.Fatalf("nothing is left at %d", cut)
		}
		wantTorn(t, all, acknowledged, at, remains)
	}
}

func TestTornInEveryCombinationOfSectors(t *testing.T) {
	all, acknowledged, at, end := lastBatch(t)
	segment := segmentName(int(at.Segment()))
	whole := all[segment]
	sectors := int(end-at.Offset()) / sector
	for written := 1; written < 1<<sectors-1; written++ {
		all[segment] = slices.Clone(whole)
		remains := int64(0)
		for i := range sectors {
			from := at.Offset() + int64(i)*sector
			if written>>i&1 == 0 {
				clear(all[segment][from : from+sector])
			} else {
				remains = from + sector
			}
		}
		t.Run(fmt.Sprintf("%05b", written), func(t *testing.T) {
			wantTorn(t, all, acknowledged, at, remains)
		})
	}
}

// A batch of which all sectors were written counts, whether it was acknowledged or not.
func TestWholeLastBatchIsKept(t *testing.T) {
	all, acknowledged, _, _ := lastBatch(t)
	l, recovery := open(t, put(t, all), small)
	if recovery != (wal.Recovery{}) {
		t.Errorf("recovery %+v", recovery)
	}
	var got []wal.Record
	check(t, l.Scan(0, keeping(&got)))
	if difference := same(got[:12], acknowledged); difference != "" || len(got) != 15 {
		t.Errorf("%d records, %s", len(got), difference)
	}
	check(t, l.Close())
}

// A torn batch excuses nothing else.
func TestTornAndDamagedIsDamage(t *testing.T) {
	all, _, at, end := lastBatch(t)
	segment := segmentName(int(at.Segment()))
	whole := all[segment]
	last := at.Offset()
	for _, c := range []struct {
		name  string
		zeros int64 // offset of a sector that is missing, if not 0
		flip  int64 // offset of a byte that is flipped
	}{
		{"a flip in a whole batch, and no mark", 0, last + 100},
		{"a flip in the header, and a sector missing", last + sector, last + 5},
		{"a flip in a mark, and a sector missing", last + sector, last + 3*sector - 1},
		{"a mark behind, and a sector missing", last + sector, end + sector - 1},
	} {
		all[segment] = slices.Clone(whole)
		if c.zeros > 0 {
			clear(all[segment][c.zeros : c.zeros+sector])
		} else {
			all[segment][end+77] = 1 // cut off within a sector, but of which batch?
		}
		all[segment][c.flip] ^= 0x20
		_, err := wal.Read(put(t, all), dir, nil)
		if damage := wantCorruption(t, err); damage.File != segment || damage.Offset < last {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What tears the last batch is damage if there is a batch behind it: it was acknowledged before that was written.
func TestTornBeforeAnotherBatchIsDamage(t *testing.T) {
	all, _, at, end := lastBatch(t)
	m := put(t, all)
	l, _ := open(t, m, small)
	check(t, second(l.AppendSync(record(1, 10))))
	all = files(t, m)
	check(t, l.Close())
	segment := segmentName(int(at.Segment()))
	whole := all[segment]
	for cut := at.Offset(); cut < end; cut += 64 {
		all[segment] = slices.Clone(whole)
		clear(all[segment][cut:end])
		_, err := wal.Read(put(t, all), dir, nil)
		damage := wantCorruption(t, err)
		if damage.File != segment || damage.Offset < at.Offset() || damage.Offset > cut {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
}
