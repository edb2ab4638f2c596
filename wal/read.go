package wal

import (
	"errors"
	"fmt"
	"io/fs"

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
	found, err := read(fsys, dir, "", do)
	return found.recovery, err
}

// ReadArchived is Read, but begins with the dropped segments that Options.Archive has kept.
func ReadArchived(fsys vfs.FS, dir, archive string, do func(Position, Record) error) (Recovery, error) {
	found, err := read(fsys, dir, archive, do)
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

func read(fsys vfs.FS, dir, archive string, do func(Position, Record) error) (contents, error) {
	found := contents{recovery: Recovery{Clean: true}}
	headers, err := readHeaders(fsys, dir, archive)
	if err != nil {
		return found, err
	}
	for i, h := range headers {
		w := walk{path: h.path, header: h.segmentHeader, do: do}
		if err := w.read(fsys, headers[i+1:]); err != nil {
			return found, err
		}
		found.segments = append(found.segments, segment{h.number, h.size, w.end})
		found.lastBatch, found.chain = w.lastBatch, w.chain
		found.recovery = w.recovery
	}
	return found, nil
}

// segmentFile is a segment with the path that it has.
type segmentFile struct {
	segmentHeader
	path string
}

// readHeaders finds the segments of a log, and before them those in its archive, if one is named.
func readHeaders(fsys vfs.FS, dir, archive string) ([]segmentFile, error) {
	var files []segmentFile
	for _, d := range []string{archive, dir} {
		if d == "" {
			continue
		}
		numbers, err := listSegments(fsys, d)
		if d == archive && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, number := range numbers {
			path := segmentName(d, number)
			if n := len(files); n > 0 && files[n-1].number+1 != number {
				return nil, &CorruptionError{path, 0, fmt.Sprintf("segment %d is missing before it", files[n-1].number+1)}
			}
			h, err := readHeader(fsys, path, number)
			if err != nil {
				return nil, err
			}
			files = append(files, segmentFile{h, path})
		}
	}
	return files, nil
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
