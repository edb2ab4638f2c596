package workload

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/load/naive"
)

func generate(t *testing.T, shape Shape) *Stream {
	t.Helper()
	s, err := Generate(shape)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStreamA(t *testing.T) {
	s := generate(t, StreamA)
	hash := sha256.New()
	var b []byte
	for _, r := range s.Records {
		b = AppendRecord(b[:0], r)
		hash.Write(b)
	}
	const want = "de67d75837497a977b6f8d9e4f3e8660a19842696f66e3887c0cc354fc76ee6c"
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		t.Errorf("SHA-256 of the records is %s, want %s", got, want)
	}
	tally, live := Replay(s)
	if want := (Tally{Trades: 181_349, Quantity: 4_982_617, Hash: 11648767915095828786}); tally != want || live != 994 {
		t.Errorf("got %+v and %d live orders, want %+v and 994", tally, live, want)
	}
}

// The middle of these drifts along its borders, the book runs empty, and prices are clamped.
var oddShapes = []Shape{
	{Seed: 1, Count: 20_000, Width: 1, Mid: 300},
	{Seed: 2, Count: 20_000, Width: 9_999, Mid: 9_700, Target: 5},
	{Seed: 3, Count: 20_000, Prefill: 10, Width: 3, Mid: 5_000, Target: 1_000_000},
	{Seed: 4},
}

func TestGeneratedStreamsCanBeRead(t *testing.T) {
	for _, shape := range oddShapes {
		if shape.Width == 0 {
			shape.Width, shape.Mid = 120, 5_000
		}
		s := generate(t, shape)
		var file bytes.Buffer
		if err := s.Write(&file); err != nil {
			t.Fatal(err)
		}
		got, err := Read(&file)
		if err != nil {
			t.Fatalf("%+v: %v", shape, err)
		}
		if got.Prefill != shape.Prefill || got.Timed() != shape.Count {
			t.Errorf("%+v: read %d + %d commands", shape, got.Prefill, got.Timed())
		}
		for i := range s.Records {
			if got.Records[i] != s.Records[i] {
				t.Fatalf("%+v: record %d is %+v, was written as %+v", shape, i, got.Records[i], s.Records[i])
			}
		}
	}
}

// A generator that loses count of what rests would cancel orders that are gone.
func TestCancelsMeetLiveOrders(t *testing.T) {
	for _, shape := range oddShapes[:3] {
		b := naive.New()
		for i, r := range generate(t, shape).Records {
			if r.Kind != Cancel {
				b.Place(r.Side, r.Tick, r.Quantity, true)
				continue
			}
			if b.Order(r.ID).Open == 0 {
				t.Fatalf("%+v: record %d cancels order %d, which is gone", shape, i, r.ID)
			}
			b.Cancel(r.ID)
		}
	}
}

func TestImpossibleShapesAreRefused(t *testing.T) {
	for _, change := range []func(*Shape){
		func(s *Shape) { s.Prefill = -1 },
		func(s *Shape) { s.Count = MaxRecords + 1 },
		func(s *Shape) { s.Target = -1 },
		func(s *Shape) { s.Width = 0 },
		func(s *Shape) { s.Width = 10_000 },
		func(s *Shape) { s.Mid = 299 },
		func(s *Shape) { s.Mid = 9_701 },
	} {
		shape := StreamA
		shape.Count = 10
		change(&shape)
		if _, err := Generate(shape); err == nil {
			t.Errorf("%+v was generated", shape)
		}
	}
}

// file returns the bytes of a stream with the given records, none of them prefill.
func file(records ...Record) []byte {
	var b bytes.Buffer
	if err := (&Stream{Records: records}).Write(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestReadRefusesWhatIsNotAStream(t *testing.T) {
	buy := Record{ID: 1, Quantity: 5, Tick: 10}
	cancel := Record{ID: 1, Tick: 10, Kind: Cancel}
	change := func(r Record, f func(*Record)) Record { f(&r); return r }
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "head"},
		{"short head", make([]byte, 7), "head"},
		{"too many", []byte{0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0}, "at most"},
		{"torn record", file(buy)[:19], "record 1 of 1 at byte 8"},
		{"more bytes", append(file(buy), 0), "bytes follow"},
		{"kind", file(change(buy, func(r *Record) { r.Kind = 3 })), "kind 3"},
		{"side", file(change(buy, func(r *Record) { r.Side = 2 })), "side 2"},
		{"tick 0", file(change(buy, func(r *Record) { r.Tick = 0 })), "tick 0"},
		{"tick above", file(change(buy, func(r *Record) { r.Tick = 10_000 })), "tick 10000"},
		{"quantity", file(change(buy, func(r *Record) { r.Quantity = 0 })), "quantity 0"},
		{"gap in ids", file(buy, change(buy, func(r *Record) { r.ID = 3 })), "record 2 at byte 20: an order has id 3"},
		{"cancel of nothing", file(cancel), "order 1, which was not placed"},
		{"cancel of 0", file(buy, change(cancel, func(r *Record) { r.ID = 0 })), "order 0"},
		{"cancel with quantity", file(buy, change(cancel, func(r *Record) { r.Quantity = 1 })), "quantity 1"},
		{"cancel at another tick", file(buy, change(cancel, func(r *Record) { r.Tick = 11 })), "tick 11"},
		{"cancel on another side", file(buy, change(cancel, func(r *Record) { r.Side = Sell })), "side 1"},
		{"cancelled twice", file(buy, cancel, cancel), "twice"},
	} {
		_, err := Read(bytes.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
	}
	if _, err := Read(bytes.NewReader(file(buy, cancel))); err != nil {
		t.Errorf("a stream in order: %v", err)
	}
}

func TestReplayIgnoresCancelsOfGoneOrders(t *testing.T) {
	tally, live := Replay(&Stream{Records: []Record{
		{ID: 1, Quantity: 5, Tick: 10},
		{ID: 2, Quantity: 7, Tick: 9, Kind: Aggressive, Side: Sell},
		{ID: 1, Tick: 10, Kind: Cancel},
	}})
	want := NewTally()
	want.Add(1, 2, 10, 5)
	if tally != want || live != 1 {
		t.Errorf("got %+v and %d live orders, want %+v and 1", tally, live, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(Record{ID: 1, Quantity: 5, Tick: 10}, Record{ID: 1, Tick: 10, Kind: Cancel}))
	f.Add(file())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := s.Write(&again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, again.Bytes()); diff != "" {
			t.Fatalf("a stream was read and written differently:\n%s", diff)
		}
		Replay(s)
	})
}

func TestThinStreamEmptiesTheBestLevel(t *testing.T) {
	const rounds = 3
	s := Thin(rounds)
	if _, err := Read(bytes.NewReader(file(s.Records...))); err != nil {
		t.Fatal(err)
	}
	b := naive.New()
	jumps := 0
	for i, r := range s.Records {
		before := [2]uint16{b.Best(Buy), b.Best(Sell)}
		if r.Kind == Cancel {
			b.Cancel(r.ID)
		} else {
			b.Place(r.Side, r.Tick, r.Quantity, true)
		}
		if i >= s.Prefill && (before[Buy] == b.Best(Buy)+9_000 || before[Sell]+9_000 == b.Best(Sell)) {
			jumps++
		}
	}
	if jumps != 4*rounds || s.Timed() != 8*rounds || len(b.Live()) != 2 {
		t.Errorf("%d jumps of 9,000 ticks in %d commands, %d live orders; want %d in %d, 2", jumps, s.Timed(), len(b.Live()), 4*rounds, 8*rounds)
	}
}

func TestTheMiddleIsReflectedAtItsBorders(t *testing.T) {
	for _, border := range []int{lowestMid, highestMid} {
		g := generator{random: 1}
		inward := border
		for range 1_000 {
			g.mid = border
			g.drift()
			if g.mid < lowestMid || g.mid > highestMid || g.mid < border-1 || g.mid > border+1 {
				t.Fatalf("the middle went from %d to %d", border, g.mid)
			}
			if g.mid != border {
				inward = g.mid
			}
		}
		if inward == border {
			t.Errorf("the middle never left %d", border)
		}
	}
}
