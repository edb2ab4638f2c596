package wal

import "encoding/binary"

// A disk writes a sector entirely or not at all. Every sector of a batch ends in a mark that names the batch by the
// sector it begins in, and that no single flipped bit turns into zeros:
//
//	 0                                       508          511    512
//	┌───────────────────────────────────────┬────────────┬──────┐
//	│ content                               │ first      │ 0xA5 │
//	└───────────────────────────────────────┴────────────┴──────┘
//
// so that a sector which was never written, and one which was written and then damaged, can be told apart.
const (
	sectorSize  = 512
	contentSize = sectorSize - 4 // content bytes in a sector
	markByte    = 0xA5
)

// markOf is the mark of all sectors of the batch that begins at an offset.
func markOf(offset int64) uint32 { return markByte<<24 | uint32(offset/sectorSize) }

func mark(sector []byte) uint32 { return binary.LittleEndian.Uint32(sector[contentSize:]) }

// sectorsOf is the number of sectors that so many bytes of content take.
func sectorsOf(content int) int { return (content + contentSize - 1) / contentSize }

// compact moves the content of sectors together, in place.
func compact(sectors []byte) []byte {
	content := sectors[:contentSize]
	for at := sectorSize; at < len(sectors); at += sectorSize {
		content = append(content, sectors[at:at+contentSize]...)
	}
	return content
}

var zeros [readAhead]byte

// isZero reports whether p, which is not larger than readAhead, holds nothing but zeros.
func isZero(p []byte) bool { return string(p) == string(zeros[:len(p)]) }
