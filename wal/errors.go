package wal

import (
	"errors"
	"fmt"
)

var (
	// ErrTooLarge is wrapped by the error of Append for a record larger than MaxPayload. Nothing was gathered.
	ErrTooLarge = errors.New("record too large")
	// ErrDropped is wrapped by the error of Scan when the records asked for were dropped.
	ErrDropped = errors.New("records were dropped")
	// ErrVersion is wrapped when a segment has a format that this program does not know. Nothing is wrong with it.
	ErrVersion = errors.New("unknown format version")
	// ErrClosed is returned by a log after Close.
	ErrClosed = errors.New("wal: log is closed")
)

// CorruptionError says that a log holds something that no crash can explain. Nothing was changed on disk. There is no
// use in trying again: the log must be repaired from another replica.
type CorruptionError struct {
	File   string // path of the damaged segment
	Offset int64  // where the damaged part begins, in bytes
	Reason string
}

func (e *CorruptionError) Error() string {
	return fmt.Sprintf("wal: %s is damaged at byte %d: %s", e.File, e.Offset, e.Reason)
}
