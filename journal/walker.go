package journal

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/hustings/hustings/journal/index"
)

// readAt reads published bytes of a segment from memory or its file, as many as there are in one place.
func (j *Journal) readAt(s *segment, p []byte, offset int64) (int, error) {
	j.mu.RLock()
	n := j.tail.read(s, p, offset)
	inFile := s.flushed - offset
	closed := j.closed
	j.mu.RUnlock()
	if closed {
		return 0, ErrClosed
	}
	if n > 0 || inFile <= 0 {
		return n, nil
	}
	p = p[:min(int64(len(p)), inFile)]
	n, err := j.files.readAt(fileID{segment: s.number}, func() string { return j.segmentPath(s) }, p, offset)
	if errors.Is(err, io.EOF) && n == 0 {
		return 0, &Corruption{File: j.segmentPath(s), Byte: offset, What: "the file is shorter than it was"}
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

// segmentSource is a segment as readers of the journal see it.
type segmentSource struct {
	journal *Journal
	segment *segment
}

func (s segmentSource) readAt(p []byte, offset int64) (int, error) {
	return s.journal.readAt(s.segment, p, offset)
}

// walker finds records by Seq. It is best at Seqs that ascend, and good at those close together. It is for one
// goroutine.
type walker struct {
	journal *Journal
	segment *segment
	last    uint64 // the last Seq that segment is known to hold
	scan    scanner
	next    uint64 // the first Seq of the record at scan.at
	found   stored // the record found last; its bytes are in the scanner's buffer
}

// find returns the record that holds a published Seq. It is good until the next call.
func (w *walker) find(seq uint64) (Record, error) {
	if w.found.FirstSeq <= seq && seq < w.next && w.found.Count > 0 {
		return w.found.Record, nil
	}
	w.found = stored{}
	if err := w.approach(seq); err != nil {
		return Record{}, err
	}
	for {
		r, err := w.scan.next()
		if err == nil && r.FirstSeq != w.next {
			err = &Corruption{File: w.scan.file, Byte: w.scan.at - int64(r.size()),
				What: fmt.Sprintf("a record begins with Seq %d instead of %d", r.FirstSeq, w.next)}
		}
		if err != nil {
			return Record{}, w.explain(err, seq)
		}
		w.next = r.LastSeq() + 1
		if seq < w.next {
			w.found = r
			return r.Record, nil
		}
	}
}

// approach moves to the record that holds seq or one not far before it.
func (w *walker) approach(seq uint64) error {
	if w.segment == nil || seq < w.segment.firstSeq || seq > w.last {
		s, last := w.journal.segmentOf(seq)
		if s == nil {
			return fmt.Errorf("event %d is not in the journal", seq)
		}
		if s != w.segment {
			w.enter(s)
		}
		w.last = last
	}
	if seq == w.next {
		return nil
	}
	mark, err := w.journal.finder(w.segment).MarkOfSeq(seq)
	if err != nil {
		return w.journal.indexError(w.segment, err)
	}
	if seq < w.next || w.next < mark.Seq {
		w.moveTo(mark)
	}
	return nil
}

func (w *walker) enter(s *segment) {
	w.segment = s
	w.scan.source, w.scan.file = segmentSource{w.journal, s}, ""
	w.scan.buffer = w.scan.buffer[:0]
	w.moveTo(index.Mark{Seq: s.firstSeq, Offset: segmentHead})
}

func (w *walker) moveTo(mark index.Mark) {
	w.scan.at, w.next = mark.Offset, mark.Seq
	w.found = stored{}
}

// explain completes an error of the scanner. The walker begins anew after it.
func (w *walker) explain(err error, seq uint64) error {
	path := w.journal.segmentPath(w.segment)
	var c *Corruption
	switch {
	case errors.Is(err, io.EOF):
		err = &Corruption{File: path, Byte: w.scan.at, Seq: seq, What: "the segment ends too early"}
	case errors.As(err, &c):
		c.File, c.Seq = path, w.next
	}
	w.segment = nil
	return err
}

// walkers are kept for readers that come and go.
var walkers = sync.Pool{New: func() any { return &walker{scan: scanner{window: 16 << 10}} }}

// walker lends a walker; give it back with its release.
func (j *Journal) walker() *walker {
	w := walkers.Get().(*walker)
	w.journal = j
	return w
}

func (w *walker) release() {
	buffer := w.scan.buffer[:0]
	if cap(buffer) > 1<<20 {
		buffer = nil
	}
	*w = walker{scan: scanner{window: w.scan.window, buffer: buffer}}
	walkers.Put(w)
}
