package wal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// FuzzSegment reads a file of any content behind a sound header.
func FuzzSegment(f *testing.F) {
	m, _ := golden(f)
	for _, content := range files(f, m) {
		f.Add(content[sector:])
	}
	f.Add([]byte{})
	header := files(f, m)[segmentName(1)][:sector]
	f.Fuzz(func(t *testing.T, batches []byte) {
		size := (len(batches) + 2*sector) / sector * sector
		content := make([]byte, max(size, 4*sector))
		copy(content, header)
		copy(content[sector:], batches)
		binary.LittleEndian.PutUint64(content[16:], uint64(len(content)))
		binary.LittleEndian.PutUint32(content[508:], crc32.Checksum(content[:508], crc32.MakeTable(crc32.Castagnoli)))
		wantSoundOrRefused(t, put(t, map[string][]byte{segmentName(1): content}))
	})
}

// FuzzDamage changes bytes of a sound log: each edit is a place, of two bytes, and a length and a value.
func FuzzDamage(f *testing.F) {
	m, want := golden(f)
	sound := files(f, m)
	f.Add([]byte{})
	f.Add([]byte{4, 0, 1, 0})
	f.Add([]byte{2, 0, 255, 0, 3, 0, 255, 0})
	f.Fuzz(func(t *testing.T, edits []byte) {
		all := map[string][]byte{}
		total := 0
		for name, content := range sound {
			all[name] = bytes.Clone(content)
			total += len(content)
		}
		for ; len(edits) >= 4; edits = edits[4:] {
			place := int(binary.BigEndian.Uint16(edits)) * 2 % total
			segment := all[segmentName(1+place/len(sound[segmentName(1)]))]
			at := place % len(segment)
			for i := at; i < min(at+int(edits[2])*4, len(segment)); i++ {
				segment[i] = edits[3]
			}
		}
		got := wantSoundOrRefused(t, put(t, all))
		if len(got) > len(want) || same(got, want[:len(got)]) != "" {
			t.Fatal("the log holds what nobody wrote")
		}
	})
}

// wantSoundOrRefused reads and opens a log. It is either refused, with nothing changed, or sound for ever after.
func wantSoundOrRefused(t *testing.T, m *vfs.Mem) []wal.Record {
	t.Helper()
	before := files(t, m)
	var read []wal.Record
	found, err := wal.Read(m, dir, keeping(&read))
	if !maps.EqualFunc(files(t, m), before, bytes.Equal) {
		t.Fatal("reading changed the log")
	}
	l, recovery, opening := wal.Open(m, dir, small)
	if err != nil || opening != nil {
		if err == nil || opening == nil || err.Error() != opening.Error() {
			t.Fatalf("Read: %v; Open: %v", err, opening)
		}
		var damage *wal.CorruptionError
		if !errors.As(err, &damage) && !errors.Is(err, wal.ErrVersion) {
			t.Fatal(err)
		}
		if !maps.EqualFunc(files(t, m), before, bytes.Equal) {
			t.Fatal("a refused log was changed")
		}
		return read
	}
	if found != recovery {
		t.Fatalf("Read found %+v, Open %+v", found, recovery)
	}
	wantScan(t, l, 0, read)
	more := record(1, 600)
	check(t, second(l.AppendSync(more)))
	check(t, l.Close())
	var again []wal.Record
	found, err = wal.Read(m.Crash(), dir, keeping(&again))
	check(t, err)
	if difference := same(again, append(read, more)); difference != "" || !found.Clean {
		t.Fatalf("after appending: %s, %+v", difference, found)
	}
	return read
}
