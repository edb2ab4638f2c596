package wal

import "fmt"

// Position is the place of a batch in a log: the number of its segment in the upper 32 bits, its byte offset in that
// segment's file in the lower ones. Positions grow with time; all records of a batch share one. Zero is before
// everything.
type Position uint64

func positionOf(segment uint32, offset int64) Position {
	return Position(uint64(segment)<<32 | uint64(offset))
}

// Segment is the number of the segment, from 1.
func (p Position) Segment() uint32 { return uint32(p >> 32) }

// Offset is the offset in bytes in the segment's file.
func (p Position) Offset() int64 { return int64(uint32(p)) }

func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Segment(), p.Offset()) }
