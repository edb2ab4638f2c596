package wal

import (
	"errors"
	"fmt"
	"io"

	"github.com/hustings/hustings/vfs"
)

// readAhead is how much is read at once, unless a batch is larger.
const readAhead = 1 << 20

// segmentReader reads the batches of one segment, one after the other.
type segmentReader struct {
	file   vfs.File
	path   string
	number uint32
	offset int64 // of the next batch
	limit  int64 // where reading ends
	buffer []byte
	ahead  []byte // what was read into the buffer and not yet used; begins at offset
}

// readBatch returns the next batch: its header and its content, which begins with that header once more and is valid
// until the next call. The kind is zero at the limit and where nothing was written. What is not a batch either is
// returned as damage, and err is for what kept the reader from finding out.
func (r *segmentReader) readBatch() (h batchHeader, content []byte, damage *CorruptionError, err error) {
	if r.offset == r.limit {
		return h, nil, nil, nil
	}
	first, err := r.window(sectorSize)
	if err != nil || isZero(first) {
		return h, nil, nil, err
	}
	if mark(first) != markOf(r.offset) {
		return h, nil, r.damaged(0, "the first sector of a batch is incomplete or damaged"), nil
	}
	h, reason := decodeBatchHeader(first, r.number, r.offset)
	if reason != "" {
		return h, nil, r.damaged(0, reason), nil
	}
	size := int64(h.sectors()) * sectorSize
	if size > r.limit-r.offset {
		return h, nil, r.damaged(0, "a batch is longer than the rest of its segment"), nil
	}
	sectors, err := r.window(int(size))
	if err != nil {
		return h, nil, nil, err
	}
	content, damage = r.unpack(sectors, h)
	if damage == nil {
		r.offset += size
		r.ahead = r.ahead[size:]
	}
	return h, content, damage, nil
}

// unpack checks everything about a batch but its records.
func (r *segmentReader) unpack(sectors []byte, h batchHeader) ([]byte, *CorruptionError) {
	for at := 0; at < len(sectors); at += sectorSize {
		if mark(sectors[at:]) != markOf(r.offset) {
			return nil, r.damaged(int64(at), "a sector of a batch is missing or damaged")
		}
	}
	content := compact(sectors)
	size := batchHeaderSize + h.length
	if !isZero(content[size:]) {
		return nil, r.damaged(int64(len(sectors)-sectorSize), "a batch is not followed by zeros")
	}
	return content[:size], nil
}

func (r *segmentReader) damaged(at int64, reason string) *CorruptionError {
	return &CorruptionError{File: r.path, Offset: r.offset + at, Reason: reason}
}

// window returns the next size bytes, which are not beyond the limit.
func (r *segmentReader) window(size int) ([]byte, error) {
	if size <= len(r.ahead) {
		return r.ahead[:size], nil
	}
	wanted := int(min(max(readAhead, int64(size)), r.limit-r.offset))
	if wanted > len(r.buffer) {
		larger := make([]byte, wanted)
		copy(larger, r.ahead)
		r.buffer = larger
	} else {
		copy(r.buffer, r.ahead)
	}
	have := len(r.ahead)
	r.ahead = r.buffer[:wanted]
	if err := readFull(r.file, r.path, r.ahead[have:], r.offset+int64(have)); err != nil {
		r.ahead = nil
		return nil, err
	}
	return r.ahead[:size], nil
}

func readFull(file vfs.File, path string, p []byte, offset int64) error {
	if n, err := file.ReadAt(p, offset); n < len(p) {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("wal: read %d bytes of %s at %d: %w", len(p), path, offset, err)
	}
	return nil
}

// forEach calls do for each record in the content of a batch that begins at an offset, with the record's header, and
// returns the error of do. What is not a record is returned as damage.
func forEach(content []byte, path string, offset int64, do func(header []byte, r Record) error) (*CorruptionError, error) {
	for rest := content[batchHeaderSize:]; len(rest) > 0; {
		r, after, reason := cutRecord(rest)
		if reason != "" {
			at := int64(len(content) - len(rest))
			at += at / contentSize * (sectorSize - contentSize)
			return &CorruptionError{File: path, Offset: offset + at, Reason: reason}, nil
		}
		if err := do(rest[:recordHeaderSize], r); err != nil {
			return nil, err
		}
		rest = after
	}
	return nil, nil
}
