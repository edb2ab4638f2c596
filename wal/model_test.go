package wal_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// model is a log as its users think of it: records that are durable, from the first one kept.
type model struct {
	m        *vfs.Mem
	l        *wal.Log
	records  []wal.Record
	position []wal.Position
	gathered []wal.Record
	kept     int // all records before this one may be gone
}

// Any sequence of operations, power cuts included, gives what a list would.
func TestLogBehavesLikeAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &model{m: vfs.NewMem()}
		s.open(t)
		t.Cleanup(func() { _ = s.l.Close() }) // rapid gives up some sequences half-way
		t.Repeat(map[string]func(*rapid.T){
			"append": s.append,
			"sync":   s.sync,
			"scan":   s.scan,
			"drop":   s.drop,
			"close":  func(t *rapid.T) { s.sync(t); check(t, s.l.Close()); s.open(t) },
			"crash":  s.crash,
			"":       func(t *rapid.T) {},
		})
		check(t, s.l.Close())
	})
}

func (s *model) open(t *rapid.T) {
	size := rapid.SampledFrom([]int64{4, 5, 9, 40}).Draw(t, "sectors") * sector
	l, _, err := wal.Open(s.m, dir, wal.Options{SegmentSize: size})
	check(t, err)
	s.l = l
}

func (s *model) append(t *rapid.T) {
	size := min(s.l.MaxPayload(), rapid.IntRange(0, 3000).Draw(t, "size"))
	r := record(len(s.records)+len(s.gathered), size)
	check(t, s.l.Append(r))
	s.gathered = append(s.gathered, r)
}

func (s *model) sync(t *rapid.T) {
	from, err := s.l.Sync()
	check(t, err)
	for _, r := range s.gathered {
		s.records = append(s.records, r)
		s.position = append(s.position, from)
	}
	s.gathered = nil
}

func (s *model) scan(t *rapid.T) {
	s.sync(t)
	var got []wal.Record
	check(t, s.l.Scan(0, keeping(&got)))
	s.wantSuffix(t, got)
	if s.kept < len(s.records) {
		from := rapid.IntRange(s.kept, len(s.records)-1).Draw(t, "from")
		got = nil
		check(t, s.l.Scan(s.position[from], keeping(&got)))
		if skip := len(got) - len(s.records[from:]); skip < 0 || same(got[skip:], s.records[from:]) != "" {
			t.Fatalf("scan from record %d of %d found %d", from, len(s.records), len(got))
		}
	}
}

// wantSuffix wants all records that are kept, and perhaps some before them.
func (s *model) wantSuffix(t *rapid.T, got []wal.Record) {
	first := len(s.records) - len(got)
	if first < 0 || first > s.kept {
		t.Fatalf("%d records found of %d, of which %d may be gone", len(got), len(s.records), s.kept)
	}
	if difference := same(got, s.records[first:]); difference != "" {
		t.Fatal(difference)
	}
}

func (s *model) drop(t *rapid.T) {
	if s.kept == len(s.records) {
		return
	}
	s.kept = rapid.IntRange(s.kept, len(s.records)-1).Draw(t, "keep from")
	check(t, s.l.DropBefore(s.position[s.kept]))
}

// crash cuts the power between two operations, when some of what was gathered may be durable, but never acknowledged.
func (s *model) crash(t *rapid.T) {
	after := s.m.Crash()
	if rapid.Bool().Draw(t, "keeping some") {
		after = s.m.CrashKeeping(rapid.Uint64().Draw(t, "seed"))
	}
	check(t, s.l.Close())
	s.m = after
	s.open(t)
	var got []wal.Record
	var positions []wal.Position
	check(t, s.l.Scan(0, func(at wal.Position, r wal.Record) error {
		positions = append(positions, at)
		return keeping(&got)(at, r)
	}))
	known := len(s.records)
	s.records = append(s.records, s.gathered...)
	for known <= len(s.records) {
		if first := known - len(got); first >= 0 && first <= s.kept && same(got, s.records[first:known]) == "" {
			break
		}
		known++
	}
	if known > len(s.records) {
		t.Fatalf("%d records found after a power cut; %d acknowledged", len(got), len(s.records)-len(s.gathered))
	}
	s.records, s.gathered = s.records[:known], nil
	for missing := known - len(s.position); missing > 0; missing-- {
		s.position = append(s.position, positions[len(positions)-missing])
	}
}
