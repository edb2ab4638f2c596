package journal

import (
	"bytes"
	"fmt"
	"sync"
)

// comparing is the place where Compare was last.
type comparing struct {
	mu     sync.Mutex
	walker walker
}

// Compare checks a record that was derived again against the one in the journal, whose events must all be there. It
// returns a *Divergence that names the first event that differs. It is fast if the records come in order.
func (j *Journal) Compare(r Record) error {
	if r.Count == 0 && len(r.Events) == 0 {
		return nil
	}
	if err := r.checkEvents(); err != nil {
		return fmt.Errorf("the record of Seq %d is malformed: %w", r.FirstSeq, err)
	}
	c := &j.compare
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.walker.journal == nil {
		c.walker = walker{journal: j, scan: scanner{window: 128 << 10}}
	}
	there, err := c.walker.find(r.FirstSeq)
	if err != nil {
		return err
	}
	return compareRecords(there, r)
}

func compareRecords(there, derived Record) error {
	diverged := func(seq uint64, format string, args ...any) error {
		return &Divergence{Seq: seq, What: fmt.Sprintf(format, args...)}
	}
	switch {
	case there.FirstSeq != derived.FirstSeq:
		return diverged(derived.FirstSeq, "a record begins with it, and in the journal with %d", there.FirstSeq)
	case there.Index != derived.Index:
		return diverged(derived.FirstSeq, "its log index is %d, and in the journal %d", derived.Index, there.Index)
	case there.Time != derived.Time:
		return diverged(derived.FirstSeq, "its log time is %d, and in the journal %d", derived.Time, there.Time)
	case bytes.Equal(there.Events, derived.Events):
		return nil
	}
	for seq, event := range there.All() {
		if seq > derived.LastSeq() {
			return diverged(seq, "it is in the journal only")
		}
		if other := derived.event(seq); !bytes.Equal(event, other) {
			return diverged(seq, "it is %x, and in the journal %x", other, event)
		}
	}
	return diverged(there.LastSeq()+1, "its record ends before it in the journal")
}
