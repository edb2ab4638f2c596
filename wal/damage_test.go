package wal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// severalSegments is a log of three segments, and where the last batch of each ends: of the last one the data, of the
// others the seal too.
func severalSegments(t testing.TB, options wal.Options, closed bool) (all map[string][]byte, records []wal.Record, ends map[string]int64) {
	t.Helper()
	m := vfs.NewMem()
	l, _ := open(t, m, options)
	ends = map[string]int64{}
	for i := 0; l.End().Segment() < 3 || l.End().Offset() < options.SegmentSize-3*sector; i++ {
		long, short := record(i, 150+100*i), record(i, 3*i)
		check(t, second(l.AppendSync(long, short)))
		records = append(records, long, short)
		ends[segmentName(int(l.End().Segment()))] = l.End().Offset()
	}
	all = files(t, m)
	check(t, l.Close())
	if closed {
		all = files(t, m)
		ends[segmentName(3)] = l.End().Offset()
	}
	return all, records, ends
}

// Every bit of a log is flipped in turn. The flip must be found and named, or be where the log keeps nothing, and then
// every record must be there.
func TestEveryFlippedBitIsFound(t *testing.T) {
	for _, closed := range []bool{false, true} {
		all, want, ends := severalSegments(t, wal.Options{SegmentSize: 5 * sector}, closed)
		m := put(t, all)
		found, harmless := 0, 0
		for name, whole := range all {
			f, err := m.OpenReadWrite(name)
			check(t, err)
			for bit := range len(whole) * 8 {
				at := int64(bit / 8)
				check(t, second(f.WriteAt([]byte{whole[at] ^ 1<<(bit%8)}, at)))
				if flipIsFound(t, m, want, name, at, ends[name]) {
					found++
				} else {
					harmless++
				}
				check(t, second(f.WriteAt(whole[at:at+1], at)))
				check(t, f.Sync())
			}
		}
		t.Logf("closed %v: %d flips found, %d in unused space", closed, found, harmless)
	}
}

func flipIsFound(t *testing.T, m *vfs.Mem, want []wal.Record, name string, at, end int64) bool {
	t.Helper()
	var got []wal.Record
	_, err := wal.Read(m, dir, keeping(&got))
	if err == nil {
		if at < end {
			t.Fatalf("%s: a flip at byte %d was not found", name, at)
		}
		if difference := same(got, want); difference != "" {
			t.Fatalf("%s: a flip at byte %d in unused space: %s", name, at, difference)
		}
		return false
	}
	damage := wantCorruption(t, err)
	if damage.File != name || damage.Offset > at || at-damage.Offset > 5*sector {
		t.Fatalf("%s: a flip at byte %d was reported as %v", name, at, damage)
	}
	if len(got) > len(want) || same(got, want[:len(got)]) != "" {
		t.Fatalf("%s: wrong records came with a flip at byte %d", name, at)
	}
	return true
}

// Opening a damaged log changes nothing on disk. One bit of each byte will do.
func TestDamagedLogIsLeftAlone(t *testing.T) {
	all, want, _ := severalSegments(t, small, false)
	for name, whole := range all {
		for at := range whole {
			damaged := maps.Clone(all)
			damaged[name] = slices.Clone(whole)
			damaged[name][at] ^= 0x10
			m := put(t, damaged)
			l, _, err := wal.Open(m, dir, small)
			if err == nil {
				wantScan(t, l, 0, want)
				check(t, l.Close())
				continue
			}
			wantCorruption(t, err)
			if !maps.EqualFunc(files(t, m), damaged, bytes.Equal) {
				t.Fatalf("%s damaged at %d was changed", name, at)
			}
		}
	}
}

// Damage that comes after Open is found by Scan.
func TestScanFindsDamage(t *testing.T) {
	all, want, ends := severalSegments(t, small, true)
	m := put(t, all)
	l, _ := open(t, m, small)
	f, err := m.OpenReadWrite(segmentName(2))
	check(t, err)
	for at := int64(sector); at < ends[segmentName(2)]; at++ {
		check(t, second(f.WriteAt([]byte{all[segmentName(2)][at] ^ 4}, at)))
		var got []wal.Record
		err = l.Scan(0, keeping(&got))
		if damage := wantCorruption(t, err); damage.File != segmentName(2) || damage.Offset > at {
			t.Fatalf("damage at %d: %v", at, err)
		}
		if same(got, want[:len(got)]) != "" {
			t.Fatalf("damage at %d: wrong records", at)
		}
		check(t, second(f.WriteAt([]byte{all[segmentName(2)][at]}, at)))
	}
	clear(all[segmentName(2)][sector:])
	check(t, vfs.WriteFile(m, segmentName(2), all[segmentName(2)]))
	wantCorruption(t, l.Scan(0, keeping(new([]wal.Record))))
	check(t, l.Close())
}

func TestDamage(t *testing.T) {
	first, middle, last := segmentName(1), segmentName(2), segmentName(3)
	for _, c := range []struct {
		name   string
		change func(all map[string][]byte)
		file   string
		reason string
	}{
		{"a segment in the middle is missing", func(all map[string][]byte) { delete(all, middle) }, middle, "missing"},
		{"the last segment is missing", func(all map[string][]byte) { delete(all, last) }, last, "missing"},
		{"two segments are exchanged", func(all map[string][]byte) {
			all[middle], all[last] = all[last], all[middle]
		}, middle, "under the name of another"},
		{"a file is too short", func(all map[string][]byte) { all[last] = all[last][:7*sector] }, last, "should have"},
		{"a file is empty", func(all map[string][]byte) { all[last] = nil }, last, "ends within"},
		{"a file is too long", func(all map[string][]byte) { all[first] = append(all[first], 0) }, first, "should have"},
		{"a file is another", func(all map[string][]byte) {
			all[last] = bytes.Repeat([]byte("x"), len(all[last]))
		}, last, "checksum"},
		{"a segment is all zeros", func(all map[string][]byte) { clear(all[middle]) }, middle, "checksum"},
		{"batches at the end of a segment are lost", func(all map[string][]byte) {
			clear(all[middle][3*sector:])
		}, middle, "hash"},
		{"a segment is from another log", func(all map[string][]byte) {
			m := vfs.NewMem()
			l, _ := open(t, m, small)
			for l.End().Segment() < 3 {
				check(t, second(l.AppendSync(record(5, 77))))
			}
			check(t, l.Close())
			all[middle] = files(t, m)[middle]
		}, first, "hash"},
		{"a batch in the last segment is lost", func(all map[string][]byte) {
			clear(all[last][sector : 3*sector])
		}, last, "missing"},
		{"there is text after the end", func(all map[string][]byte) {
			copy(all[last][7*sector:], bytes.Repeat([]byte("x"), sector))
		}, last, "incomplete or damaged"},
		{"there is text far after the end", func(all map[string][]byte) {
			clear(all[last][6*sector:])
			copy(all[last][7*sector:], bytes.Repeat([]byte("x"), sector))
		}, last, "after the end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, _, _ := severalSegments(t, small, true)
			c.change(all)
			_, err := wal.Read(put(t, all), dir, nil)
			damage := wantCorruption(t, err)
			if damage.File != c.file || !strings.Contains(damage.Reason, c.reason) {
				t.Errorf("%v; want %s: …%s…", err, c.file, c.reason)
			}
		})
	}
}

// After an orderly close the end is marked, so that records which a disk lost are missed.
func TestClosedLogMissesItsLastRecords(t *testing.T) {
	all, _, ends := severalSegments(t, small, true)
	last := segmentName(3)
	closing := ends[last] - sector
	for from := int64(sector); from < closing; from += sector {
		damaged := maps.Clone(all)
		damaged[last] = slices.Clone(all[last])
		clear(damaged[last][from:closing])
		_, err := wal.Read(put(t, damaged), dir, nil)
		wantCorruption(t, err)
	}
}

func TestNewerVersionIsNoDamage(t *testing.T) {
	all, _, _ := severalSegments(t, small, true)
	header := all[segmentName(2)][:sector]
	binary.LittleEndian.PutUint32(header[8:], 2)
	binary.LittleEndian.PutUint32(header[508:], crc32.Checksum(header[:508], crc32.MakeTable(crc32.Castagnoli)))
	_, err := wal.Read(put(t, all), dir, nil)
	if !errors.Is(err, wal.ErrVersion) || !strings.Contains(err.Error(), "2") {
		t.Errorf("error %v", err)
	}
}

// Files of other names are nobody's business.
func TestForeignFilesAreIgnored(t *testing.T) {
	all, want, _ := severalSegments(t, small, true)
	for _, name := range []string{"LOCK", "4.wal", "00000000004.wal", "0000000009.wal.bak", "x.wal", "next.tmp", "used.tmp"} {
		all[dir+"/"+name] = []byte("x")
	}
	l, _ := open(t, put(t, all), small)
	wantScan(t, l, 0, want)
	check(t, l.Close())
}
