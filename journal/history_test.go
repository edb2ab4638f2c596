package journal

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/vfs"
)

// longSegments are options under which a segment has several marks.
func longSegments() Options {
	o := testOptions()
	o.SegmentBytes = 60_000
	return o
}

// seen is an event as a reader saw it.
type seen struct {
	seq   uint64
	time  int64
	event string
}

// seqs is what a failure shows.
func seqs(all []seen) []uint64 {
	var s []uint64
	for _, e := range all {
		s = append(s, e.seq)
	}
	return s
}

// naiveHistory is all events of a key, oldest first.
func naiveHistory(records []Record, key Key) []seen {
	var found []seen
	for _, r := range records {
		for seq, event := range r.All() {
			if slices.Contains(testIndexer(event, nil), key) {
				found = append(found, seen{seq, r.Time, string(event)})
			}
		}
	}
	return found
}

func TestHistoryIsThatOfANaiveScan(t *testing.T) {
	records := newMaker(40).records(1000)
	fs := vfs.NewMem()
	j := mustOpen(t, fs, longSegments())
	defer func() { mustClose(t, j) }()
	mustAppend(t, j, records...)
	check := func(t *rapid.T) {
		key := Key(1<<56 | rapid.Uint64Range(0, 3).Draw(t, "few"))
		if rapid.Bool().Draw(t, "rare") {
			key = Key(2<<56 | rapid.Uint64Range(0, 220).Draw(t, "many"))
		}
		end := j.Last().Seq
		border := rapid.SampledFrom(j.segments).Draw(t, "segment").firstSeq
		bound := rapid.OneOf(rapid.Uint64Range(0, end+3), rapid.Uint64Range(max(border, 25)-25, border+2)).Draw(t, "bound")
		until := rapid.Uint64Range(0, end+3).Draw(t, "until")
		limit := rapid.IntRange(0, 30).Draw(t, "limit")
		all := naiveHistory(records, key)

		var got []seen
		show := func(seq uint64, time int64, event []byte) bool {
			got = append(got, seen{seq, time, string(event)})
			return true
		}
		want := slices.Clone(all)
		slices.Reverse(want)
		if bound > 0 {
			want = slices.DeleteFunc(want, func(s seen) bool { return s.seq >= bound })
		}
		if limit > 0 {
			want = want[:min(limit, len(want))]
		}
		if err := j.History(key, bound, limit, show); err != nil || !slices.Equal(got, want) {
			t.Fatalf("history of %x before %d: %v\n%v\nwant\n%v", key, bound, err, seqs(got), seqs(want))
		}
		got = nil
		want = slices.DeleteFunc(all, func(s seen) bool { return s.seq <= bound || until > 0 && s.seq > until })
		if err := j.HistoryForward(key, bound, until, show); err != nil || !slices.Equal(got, want) {
			t.Fatalf("history of %x after %d until %d: %v\n%v\nwant\n%v", key, bound, until, err, seqs(got), seqs(want))
		}
	}
	rapid.Check(t, check)
	mustClose(t, j)
	j = mustOpen(t, fs, longSegments())
	rapid.Check(t, check)
}

func TestVisitorEndsHistory(t *testing.T) {
	records := newMaker(41).records(300)
	fs := written(t, records, testOptions())
	j := mustOpen(t, fs, testOptions())
	defer mustClose(t, j)
	n := 0
	stop := func(uint64, int64, []byte) bool { n++; return n < 25 }
	if err := j.History(1<<56, 0, 0, stop); err != nil || n != 25 {
		t.Errorf("%d events, %v", n, err)
	}
	n = 0
	if err := j.HistoryForward(1<<56, 0, 0, stop); err != nil || n != 25 {
		t.Errorf("forward: %d events, %v", n, err)
	}
}

func TestMomentsAreThoseOfANaiveScan(t *testing.T) {
	records := newMaker(42).records(1000)
	fs := vfs.NewMem()
	j := mustOpen(t, fs, longSegments())
	defer func() { mustClose(t, j) }()
	mustAppend(t, j, records...)
	for range 2 {
		for i := range 3 * len(records) {
			at := records[i/3].Time + int64(i%3) - 1
			first := slices.IndexFunc(records, func(r Record) bool { return r.Time >= at })
			last := len(records) - 1
			for last >= 0 && records[last].Time > at {
				last--
			}
			checkMoment(t, fmt.Sprintf("first at %d", at), records, first, j.FirstAt, at)
			checkMoment(t, fmt.Sprintf("last at %d", at), records, last, j.LastAt, at)
		}
		mustClose(t, j)
		j = mustOpen(t, fs, longSegments())
	}
}

func checkMoment(t *testing.T, what string, records []Record, n int, find func(int64) (Moment, bool, error), at int64) {
	t.Helper()
	got, found, err := find(at)
	if err != nil || found != (n >= 0) {
		t.Fatalf("%s: found %v, %v; want record %d", what, found, err, n)
	}
	if n >= 0 && got != momentOf(records[n]) {
		t.Fatalf("%s: %+v, want %+v", what, got, momentOf(records[n]))
	}
}

func TestCompareNamesTheFirstEventThatDiffers(t *testing.T) {
	records := newMaker(43).records(200)
	j := mustOpen(t, vfs.NewMem(), testOptions())
	defer mustClose(t, j)
	mustAppend(t, j, records...)
	for _, r := range records {
		if err := j.Compare(r); err != nil {
			t.Fatal(err)
		}
	}
	n := slices.IndexFunc(records, func(r Record) bool { return r.Count >= 4 && r.FirstSeq > 300 })
	changes := map[string]struct {
		change func(*Record)
		seq    uint64 // minus first
	}{
		"index":       {func(r *Record) { r.Index++ }, 0},
		"time":        {func(r *Record) { r.Time++ }, 0},
		"third event": {func(r *Record) { r.event(r.FirstSeq + 2)[5] ^= 1 }, 2},
		"one more":    {func(r *Record) { r.Count++; r.Events = append(r.Events, makeEvent(0, 0, 12)...) }, uint64(records[n].Count)},
		"one less": {func(r *Record) {
			r.Events = r.Events[:len(r.Events)-len(r.event(r.LastSeq()))]
			r.Count--
		}, uint64(records[n].Count) - 1},
		"first event is missing": {func(r *Record) { *r = r.from(r.FirstSeq + 1) }, 1},
	}
	for name, c := range changes {
		r := records[n]
		r.Events = bytes.Clone(r.Events)
		c.change(&r)
		var d *Divergence
		if err := j.Compare(r); !errors.As(err, &d) || d.Seq != records[n].FirstSeq+c.seq {
			t.Errorf("%s: %v, want event %d", name, err, records[n].FirstSeq+c.seq)
		}
	}
	if err := j.Compare(Record{Index: 5}); err != nil {
		t.Errorf("a record without events: %v", err)
	}
	next := newMaker(43).records(201)[200]
	if err := j.Compare(next); err == nil {
		t.Error("a record that is not in the journal: no error")
	}
}

func TestAKeyInOneOfManySegmentsIsFound(t *testing.T) {
	m := newMaker(44)
	records := m.records(300)
	rare := Record{Index: m.index + 1, Time: m.time, FirstSeq: m.seq + 1, Count: 1, Events: makeEvent(9, 99_999, 40)}
	m.index, m.seq = m.index+1, m.seq+1
	records = append(append(records, rare), m.records(300)...)
	j := mustOpen(t, written(t, records, testOptions()), testOptions())
	defer mustClose(t, j)
	var got []uint64
	err := j.History(2<<56|99_999, 0, 0, func(seq uint64, _ int64, _ []byte) bool { got = append(got, seq); return true })
	if err != nil || !slices.Equal(got, []uint64{rare.FirstSeq}) {
		t.Errorf("%v, %v", got, err)
	}
}
