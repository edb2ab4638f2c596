package wal

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// batchHeaderSize is the size of the beginning of a batch's content:
//
//	 0      4         8        12       16     17     20
//	┌──────┬─────────┬────────┬────────┬──────┬──────┬───────────┬──────┐
//	│ CRC  │ segment │ sector │ length │ kind │ zero │ records … │ zero │
//	└──────┴─────────┴────────┴────────┴──────┴──────┴───────────┴──────┘
//
// The CRC-32C covers bytes 4 to 19; length is that of the records; segment and sector say where the batch is. Zeros
// fill the last sector.
const batchHeaderSize = 20

// batchKind says what a batch means. Only batches of records have records.
type batchKind uint8

const (
	kindRecords batchKind = 1
	kindClosed  batchKind = 2 // the log was closed here, and all before it is durable
	kindSealed  batchKind = 3 // the segment ends here, and the next one exists
)

// batchHeader is a decoded header. Its place is not in it because it was checked.
type batchHeader struct {
	kind   batchKind
	length int // of the records
}

// sectors is how many sectors the batch takes.
func (h batchHeader) sectors() int { return sectorsOf(batchHeaderSize + h.length) }

// decodeBatchHeader reads the header of a batch that begins at an offset of a segment. If there is a reason it is not
// one.
func decodeBatchHeader(content []byte, segment uint32, offset int64) (h batchHeader, reason string) {
	header := content[:batchHeaderSize]
	if crc32.Checksum(header[4:], castagnoli) != binary.LittleEndian.Uint32(header) {
		return h, "a batch header's checksum is wrong"
	}
	if binary.LittleEndian.Uint32(header[4:]) != segment ||
		int64(binary.LittleEndian.Uint32(header[8:])) != offset/sectorSize {
		return h, "a batch belongs elsewhere"
	}
	length := binary.LittleEndian.Uint32(header[12:])
	if length > maxSegmentSize {
		return h, "a batch is longer than any segment"
	}
	h = batchHeader{kind: batchKind(header[16]), length: int(length)}
	if h.kind < kindRecords || h.kind > kindSealed || (h.kind == kindRecords) != (h.length > 0) {
		return h, "a batch is of no known kind"
	}
	return h, ""
}

// batch gathers records in the form in which they go to disk. Its memory is used again and again.
type batch struct {
	sectors []byte
	size    int    // of the content so far, with the header
	heads   []byte // headers of the records, for the chain
}

func (b *batch) reset() {
	b.sectors, b.size, b.heads = b.sectors[:0], 0, b.heads[:0]
	var header [batchHeaderSize]byte
	b.write(header[:])
}

func (b *batch) empty() bool { return b.size <= batchHeaderSize }

func (b *batch) add(r Record) {
	at := len(b.heads)
	b.heads = slices.Grow(b.heads, recordHeaderSize)[:at+recordHeaderSize]
	putRecordHeader(b.heads[at:], r)
	b.write(b.heads[at:])
	b.write(r.Payload)
}

// write appends content and leaves out the place of the marks.
func (b *batch) write(content []byte) {
	for len(content) > 0 {
		used := b.size % contentSize
		if used == 0 {
			b.sectors = slices.Grow(b.sectors, sectorSize)[:len(b.sectors)+sectorSize]
		}
		last := b.sectors[len(b.sectors)-sectorSize:]
		n := copy(last[used:contentSize], content)
		b.size += n
		content = content[n:]
	}
}

// finish makes the batch one of a kind at a place, and returns the bytes for the disk and the batch's header.
func (b *batch) finish(kind batchKind, segment uint32, offset int64) (sectors, header []byte) {
	if used := b.size % contentSize; used > 0 {
		clear(b.sectors[len(b.sectors)-sectorSize+used:])
	}
	for at := contentSize; at < len(b.sectors); at += sectorSize {
		binary.LittleEndian.PutUint32(b.sectors[at:], markOf(offset))
	}
	header = b.sectors[:batchHeaderSize]
	binary.LittleEndian.PutUint32(header[4:], segment)
	binary.LittleEndian.PutUint32(header[8:], uint32(offset/sectorSize))
	binary.LittleEndian.PutUint32(header[12:], uint32(b.size-batchHeaderSize))
	binary.LittleEndian.PutUint32(header[16:], uint32(kind))
	binary.LittleEndian.PutUint32(header, crc32.Checksum(header[4:], castagnoli))
	return b.sectors, header
}
