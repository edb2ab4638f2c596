package wal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hustings/hustings/vfs"
)

const (
	version        = 1
	minSegmentSize = 4 * sectorSize // header, one batch of a sector or two, seal
	maxSegmentSize = 1 << 30
	firstBatch     = sectorSize // offset of the first batch of a segment
	suffix         = ".wal"
	magic          = "HUSTWAL\n"
)

// segmentHeader is the first sector of a segment:
//
//	 0       8         12       16     24              56     508   512
//	┌───────┬─────────┬────────┬──────┬───────────────┬──────┬─────┐
//	│ magic │ version │ number │ size │ previous hash │ zero │ CRC │
//	└───────┴─────────┴────────┴──────┴───────────────┴──────┴─────┘
//
// The CRC-32C covers all before it; magic, version and CRC keep their places in every version.
type segmentHeader struct {
	number   uint32
	size     int64             // of the file in bytes
	previous [sha256.Size]byte // the chain's hash of the segment before; zeros in segment 1
}

func (h segmentHeader) encode() []byte {
	to := make([]byte, sectorSize)
	copy(to, magic)
	binary.LittleEndian.PutUint32(to[8:], version)
	binary.LittleEndian.PutUint32(to[12:], h.number)
	binary.LittleEndian.PutUint64(to[16:], uint64(h.size))
	copy(to[24:], h.previous[:])
	binary.LittleEndian.PutUint32(to[contentSize:], crc32.Checksum(to[:contentSize], castagnoli))
	return to
}

// decodeSegmentHeader checks the first sector of a file that should be a segment of some number and size.
func decodeSegmentHeader(from []byte, file string, number uint32, size int64) (segmentHeader, error) {
	damaged := func(offset int64, reason string) (segmentHeader, error) {
		return segmentHeader{}, &CorruptionError{File: file, Offset: offset, Reason: reason}
	}
	if crc32.Checksum(from[:contentSize], castagnoli) != binary.LittleEndian.Uint32(from[contentSize:]) {
		return damaged(0, "the segment header's checksum is wrong")
	}
	if string(from[:8]) != magic {
		return damaged(0, "it is no segment of a log")
	}
	if v := binary.LittleEndian.Uint32(from[8:]); v != version {
		return segmentHeader{}, fmt.Errorf("wal: %s: %w %d, this program knows %d", file, ErrVersion, v, version)
	}
	if n := binary.LittleEndian.Uint32(from[12:]); n != number {
		return damaged(12, fmt.Sprintf("it is segment %d under the name of another", n))
	}
	h := segmentHeader{number: number, size: int64(binary.LittleEndian.Uint64(from[16:]))}
	if h.size < minSegmentSize || h.size > maxSegmentSize {
		return damaged(16, "no segment has that size")
	}
	if h.size != size {
		return damaged(min(h.size, size), fmt.Sprintf("the file has %d bytes and should have %d", size, h.size))
	}
	copy(h.previous[:], from[24:])
	return h, nil
}

func segmentName(dir string, number uint32) string {
	return filepath.Join(dir, fmt.Sprintf("%010d%s", number, suffix))
}

// listSegments returns the numbers of the segments in a directory, ascending, and complains if one is missing between
// others.
func listSegments(fsys vfs.FS, dir string) ([]uint32, error) {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("wal: list segments in %s: %w", dir, err)
	}
	var numbers []uint32
	for _, entry := range entries {
		digits, isSegment := strings.CutSuffix(entry.Name(), suffix)
		number, err := strconv.ParseUint(digits, 10, 32)
		if !isSegment || err != nil || segmentName(dir, uint32(number)) != filepath.Join(dir, entry.Name()) {
			continue
		}
		if n := len(numbers); n > 0 && numbers[n-1]+1 != uint32(number) {
			missing := segmentName(dir, numbers[n-1]+1)
			return nil, &CorruptionError{File: missing, Reason: "the segment is missing, although later ones exist"}
		}
		numbers = append(numbers, uint32(number))
	}
	return numbers, nil
}
