package wal

import (
	"fmt"

	"github.com/hustings/hustings/vfs"
)

// Recovery says how a log was found.
type Recovery struct {
	// Clean tells that the log was closed in order, or is new.
	Clean bool
	// TornBytes is how much of a batch was found that a crash kept from being written. It was never acknowledged, and
	// Open removes it. TornAt is where. Zero if there was none.
	TornBytes int64
	TornAt    Position
}

// Read reads and checks every byte of a log that nobody has open, and calls do, which may be nil, for each record in
// order. It changes nothing on disk. The payload is valid until do returns. Damage is reported as a *CorruptionError,
// after the records before it were delivered; the error of do is returned as it is.
func Read(fsys vfs.FS, dir string, do func(Position, Record) error) (Recovery, error) {
	found, err := read(fsys, dir, do)
	return found.recovery, err
}

// contents is what reading a whole log finds.
type contents struct {
	recovery  Recovery
	segments  []segment
	lastBatch int64 // offset of the last batch in the last segment, or of its end if it has none
	chain     chain // of the last segment
}

// segment is a segment that is known to be sound.
type segment struct {
	number uint32
	size   int64 // of the file
	end    int64 // behind its last batch, the seal not counted
}

func read(fsys vfs.FS, dir string, do func(Position, Record) error) (contents, error) {
	found := contents{recovery: Recovery{Clean: true}}
	headers, err := readHeaders(fsys, dir)
	if err != nil {
		return found, err
	}
	for i, h := range headers {
		w := walk{path: segmentName(dir, h.number), header: h, do: do}
		if err := w.read(fsys, headers[i+1:]); err != nil {
			return found, err
		}
		found.segments = append(found.segments, segment{h.number, h.size, w.end})
		found.lastBatch, found.chain = w.lastBatch, w.chain
		found.recovery = w.recovery
	}
	return found, nil
}

func readHeaders(fsys vfs.FS, dir string) ([]segmentHeader, error) {
	numbers, err := listSegments(fsys, dir)
	if err != nil {
		return nil, err
	}
	headers := make([]segmentHeader, len(numbers))
	for i, number := range numbers {
		if headers[i], err = readHeader(fsys, segmentName(dir, number), number); err != nil {
			return nil, err
		}
	}
	return headers, nil
}

func readHeader(fsys vfs.FS, path string, number uint32) (segmentHeader, error) {
	file, err := fsys.Open(path)
	if err != nil {
		return segmentHeader{}, fmt.Errorf("wal: open segment: %w", err)
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return segmentHeader{}, fmt.Errorf("wal: size of %s: %w", path, err)
	}
	if size < sectorSize {
		return segmentHeader{}, &CorruptionError{path, size, "the file ends within the segment header"}
	}
	var first [sectorSize]byte
	if err := readFull(file, path, first[:], 0); err != nil {
		return segmentHeader{}, err
	}
	return decodeSegmentHeader(first[:], path, number, size)
}
