package journal

import (
	"math"
	"slices"
)

// Visit is shown an event with its Seq and log time (ns). The bytes are good until it returns; returning false ends
// the walk.
type Visit func(seq uint64, time int64, event []byte) bool

// History shows the events of a key with Seqs less than before (0 stands for the end), newest first, at most limit
// of them (0 stands for all). It holds up nobody.
func (j *Journal) History(key Key, before uint64, limit int, visit Visit) error {
	if limit == 0 {
		limit = math.MaxInt
	}
	segments, last := j.published()
	if before == 0 || before > last {
		before = last + 1
	}
	show := j.shower(visit)
	defer show.walker.release()
	for _, s := range slices.Backward(segments) {
		if s.firstSeq >= before {
			continue
		}
		err := j.finder(s).Newest(key, before, func(seq uint64) bool {
			limit--
			return show.event(seq) && limit > 0
		})
		if done, err := show.done(s, err); done || limit <= 0 {
			return err
		}
	}
	return nil
}

// HistoryForward shows the events of a key with Seqs greater than after and not greater than until (0 stands for the
// end), oldest first. For a bound in time see LastAt. It holds up nobody.
func (j *Journal) HistoryForward(key Key, after, until uint64, visit Visit) error {
	segments, last := j.published()
	if until == 0 || until > last {
		until = last
	}
	show := j.shower(visit)
	defer show.walker.release()
	for i, s := range segments {
		if s.firstSeq > until {
			return nil
		}
		if i+1 < len(segments) && segments[i+1].firstSeq <= after+1 {
			continue
		}
		err := j.finder(s).Oldest(key, after, func(seq uint64) bool {
			return seq <= until && show.event(seq)
		})
		if done, err := show.done(s, err); done {
			return err
		}
	}
	return nil
}

// published returns the segments and the last Seq of this moment.
func (j *Journal) published() ([]*segment, uint64) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.segments, j.tip.Seq
}

// shower reads events and shows them, until it may or can no more.
type shower struct {
	walker  *walker
	visit   Visit
	stopped bool
	err     error

	record uint64   // first Seq of the record that starts is of
	starts []uint32 // where its events begin, so that the many events of one key in it are not each looked for
}

func (j *Journal) shower(visit Visit) *shower {
	return &shower{walker: j.walker(), visit: visit}
}

func (s *shower) event(seq uint64) bool {
	r, err := s.walker.find(seq)
	if err != nil {
		s.err = err
		return false
	}
	if s.record != r.FirstSeq || len(s.starts) == 0 {
		s.record, s.starts = r.FirstSeq, r.starts(s.starts[:0])
	}
	event := r.Events[s.starts[seq-r.FirstSeq]:]
	n := le.Uint16(event)
	s.stopped = !s.visit(seq, r.Time, event[:n:n])
	return !s.stopped
}

// done says whether the walk is over after a segment, in whose index err happened.
func (s *shower) done(in *segment, err error) (bool, error) {
	if err != nil {
		return true, s.walker.journal.indexError(in, err)
	}
	return s.stopped || s.err != nil, s.err
}
