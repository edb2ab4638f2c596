package journal

import (
	"errors"
	"io"
	"sort"

	"github.com/hustings/hustings/journal/index"
)

// Moment is a record's place in the log and in time.
type Moment struct {
	Index             uint64 // log index
	Time              int64  // log time, ns
	FirstSeq, LastSeq uint64
}

// FirstAt finds the first record whose time is t or later.
func (j *Journal) FirstAt(t int64) (Moment, bool, error) {
	s := j.pick(func(n int, at func(int) *index.Span) int {
		return sort.Search(n, func(i int) bool { return at(i).LastTime >= t })
	})
	if s == nil {
		return Moment{}, false, nil
	}
	var found Moment
	err := j.scanFrom(s, t, false, func(r Record) bool {
		found = momentOf(r)
		return r.Time < t
	})
	return found, err == nil, err
}

// LastAt finds the last record whose time is t or earlier.
func (j *Journal) LastAt(t int64) (Moment, bool, error) {
	s := j.pick(func(n int, at func(int) *index.Span) int {
		return sort.Search(n, func(i int) bool { return at(i).FirstTime > t }) - 1
	})
	if s == nil {
		return Moment{}, false, nil
	}
	var found Moment
	err := j.scanFrom(s, t, true, func(r Record) bool {
		if r.Time <= t {
			found = momentOf(r)
		}
		return r.Time <= t
	})
	return found, err == nil, err
}

func momentOf(r Record) Moment {
	return Moment{Index: r.Index, Time: r.Time, FirstSeq: r.FirstSeq, LastSeq: r.LastSeq()}
}

// pick returns the segment that choose finds among the spans, nil if it finds none.
func (j *Journal) pick(choose func(n int, at func(int) *index.Span) int) *segment {
	j.mu.RLock()
	defer j.mu.RUnlock()
	i := choose(len(j.segments), func(i int) *index.Span { return &j.segments[i].span })
	if i < 0 || i >= len(j.segments) {
		return nil
	}
	return j.segments[i]
}

// scanFrom visits the records of a segment from one that is earlier than t, or not later if equal is set, until visit
// returns false or the segment ends. It begins with the first one if none is earlier.
func (j *Journal) scanFrom(s *segment, t int64, equal bool, visit func(Record) bool) error {
	mark, err := j.finder(s).MarkBefore(t, equal)
	if err != nil {
		return j.indexError(s, err)
	}
	w := j.walker()
	defer w.release()
	w.enter(s)
	w.moveTo(mark)
	for {
		r, err := w.scan.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return w.explain(err, w.next)
		}
		if !visit(r.Record) {
			return nil
		}
		w.next = r.LastSeq() + 1
	}
}
