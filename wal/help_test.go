package wal_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

const (
	sector = 512
	dir    = "/log"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tester is what tests, benchmarks and model tests have in common.
type tester interface {
	Helper()
	Fatal(...any)
}

func check(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func second[T any](_ T, err error) error { return err }

// small is a log of segments that hold a header, six sectors of batches and a seal.
var small = wal.Options{SegmentSize: 8 * sector}

func open(t testing.TB, fsys vfs.FS, options wal.Options) (*wal.Log, wal.Recovery) {
	t.Helper()
	l, recovery, err := wal.Open(fsys, dir, options)
	check(t, err)
	return l, recovery
}

// record makes the record of some number with a payload of some size.
func record(number, size int) wal.Record {
	payload := pattern(size)
	for i := range payload {
		payload[i] += byte(number)
	}
	return wal.Record{Type: uint8(number), Shard: uint32(number) << 9, Payload: payload}
}

// same says how two lists of records differ, or nothing.
func same(got, want []wal.Record) string {
	for i := range min(len(got), len(want)) {
		g, w := got[i], want[i]
		if g.Type != w.Type || g.Shard != w.Shard || !bytes.Equal(g.Payload, w.Payload) {
			return fmt.Sprintf("record %d is of type %d, shard %d, %d bytes; want %d, %d, %d bytes (or other content)",
				i, g.Type, g.Shard, len(g.Payload), w.Type, w.Shard, len(w.Payload))
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d records, want %d", len(got), len(want))
	}
	return ""
}

// keeping returns a function for Scan and Read that collects copies of the records.
func keeping(to *[]wal.Record) func(wal.Position, wal.Record) error {
	return func(_ wal.Position, r wal.Record) error {
		r.Payload = bytes.Clone(r.Payload)
		*to = append(*to, r)
		return nil
	}
}

func wantScan(t testing.TB, l *wal.Log, from wal.Position, want []wal.Record) {
	t.Helper()
	var got []wal.Record
	check(t, l.Scan(from, keeping(&got)))
	if difference := same(got, want); difference != "" {
		t.Fatalf("scan from %v: %s", from, difference)
	}
}

func wantCorruption(t testing.TB, err error) *wal.CorruptionError {
	t.Helper()
	var corruption *wal.CorruptionError
	if !errors.As(err, &corruption) {
		t.Fatalf("error %v, want a corruption", err)
	}
	return corruption
}

// files are all segments of a log by name.
func files(t testing.TB, fsys vfs.FS) map[string][]byte {
	t.Helper()
	entries, err := fsys.ReadDir(dir)
	check(t, err)
	all := map[string][]byte{}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".wal" {
			name := filepath.Join(dir, entry.Name())
			all[name], err = vfs.ReadFile(fsys, name)
			check(t, err)
		}
	}
	return all
}

// put makes a file system that holds these files, all durable.
func put(t testing.TB, all map[string][]byte) *vfs.Mem {
	t.Helper()
	m := vfs.NewMem()
	check(t, m.MkdirAll(dir))
	for name, content := range all {
		check(t, vfs.WriteFile(m, name, content))
	}
	return m
}

func segmentName(number int) string { return filepath.Join(dir, fmt.Sprintf("%010d.wal", number)) }
