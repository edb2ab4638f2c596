package journal

import (
	"context"
	"sync"
	"sync/atomic"
)

// Cursor reads a journal forward from a Seq, every event once, and follows its end. It is for one goroutine. It needs
// no closing.
type Cursor struct {
	walker walker
	next   uint64
	known  uint64 // a Seq that was the last one some time ago
	wake   chan struct{}
}

// Subscribe returns a cursor whose first record begins with Seq from (0 is taken for 1). It may lie beyond the end;
// the cursor then waits for it.
func (j *Journal) Subscribe(from uint64) *Cursor {
	return &Cursor{
		walker: walker{journal: j, scan: scanner{window: 128 << 10}},
		next:   max(from, 1),
		wake:   make(chan struct{}, 1),
	}
}

// Seq is that of the next event.
func (c *Cursor) Seq() uint64 { return c.next }

// Poll returns the next record if there is one, without waiting. If the cursor begins within a record, the first one
// has only the rest of it. The record's bytes are good until the next call.
func (c *Cursor) Poll() (Record, bool, error) {
	j := c.walker.journal
	if c.next > c.known {
		if c.known = j.Last().Seq; c.next > c.known {
			return Record{}, false, j.ended()
		}
	}
	r, err := c.walker.find(c.next)
	if err != nil {
		return Record{}, false, err
	}
	r = r.from(c.next)
	c.next = r.LastSeq() + 1
	return r, true, nil
}

// ended says that nothing more will come, if so.
func (j *Journal) ended() error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return ErrClosed
	}
	return nil
}

// Next is Poll, but waits for a record until the context ends or the journal is closed. A journal that failed may
// keep it waiting.
func (c *Cursor) Next(ctx context.Context) (Record, error) {
	r, found, err := c.Poll()
	if found || err != nil {
		return r, err
	}
	waiting := &c.walker.journal.waiting
	waiting.add(c)
	defer waiting.remove(c)
	for {
		r, found, err := c.Poll()
		if found || err != nil {
			return r, err
		}
		select {
		case <-c.wake:
		case <-ctx.Done():
			return Record{}, ctx.Err()
		}
	}
}

// waiting is the cursors that wait for the next record.
type waiting struct {
	count   atomic.Int32
	mu      sync.Mutex
	cursors []*Cursor
}

func (w *waiting) add(c *Cursor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cursors = append(w.cursors, c)
	w.count.Add(1)
}

func (w *waiting) remove(c *Cursor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.cursors {
		if other == c {
			last := len(w.cursors) - 1
			w.cursors[i], w.cursors[last] = w.cursors[last], nil
			w.cursors = w.cursors[:last]
			w.count.Add(-1)
			return
		}
	}
}

func (w *waiting) wake() {
	if w.count.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.cursors {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}
