package journal

import (
	"errors"
	"fmt"
)

// ErrCorrupt is wrapped by every Corruption, ErrDiverged by every Divergence.
var (
	ErrCorrupt  = errors.New("journal is corrupt")
	ErrDiverged = errors.New("derived events differ from those in the journal")
)

// ErrClosed is what a journal answers after Close.
var ErrClosed = errors.New("journal is closed")

// ErrVersion says that a newer program wrote what is to be read.
var ErrVersion = errors.New("unknown format version")

// Corruption says where stored bytes are not what was written. It is final for that copy of the journal; an index
// can be built again by Verify.
type Corruption struct {
	File string // its path
	Byte int64  // where the first record, page or text begins that is not good
	Seq  uint64 // the first event concerned; 0 if it is not known
	What string

	short bool // the file ends within a record or header
}

func (c *Corruption) Error() string {
	if c.Seq == 0 {
		return fmt.Sprintf("%v: %s at byte %d: %s", ErrCorrupt, c.File, c.Byte, c.What)
	}
	return fmt.Sprintf("%v: %s at byte %d, event %d: %s", ErrCorrupt, c.File, c.Byte, c.Seq, c.What)
}

func (c *Corruption) Unwrap() error { return ErrCorrupt }

// Divergence says that the state machine derived from the log something else than it did before.
type Divergence struct {
	Seq  uint64 // the first event that differs
	What string
}

func (d *Divergence) Error() string {
	return fmt.Sprintf("%v: event %d: %s", ErrDiverged, d.Seq, d.What)
}
func (d *Divergence) Unwrap() error { return ErrDiverged }
