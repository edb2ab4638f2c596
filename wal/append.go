package wal

import (
	"fmt"

	"github.com/hustings/hustings/vfs"
)

// maxBatchSectors bounds the memory of writer and reader.
const maxBatchSectors = (16 << 20) / sectorSize

// MaxPayload is the size in bytes of the largest payload that Append takes: 16 MiB less the overhead, or less if the
// segments are small.
func (l *Log) MaxPayload() int { return l.maxContent() - batchHeaderSize - recordHeaderSize }

// maxContent is the size of the largest batch that fits into a segment between its header and its seal.
func (l *Log) maxContent() int {
	return int(min(l.segmentSize/sectorSize-2, maxBatchSectors)) * contentSize
}

// Append gathers records for the next Sync. It copies them, so the payloads may be used again at once. Normally it
// touches no disk; only if more is gathered than one write can take, it writes and syncs what came before.
func (l *Log) Append(records ...Record) error {
	if err := l.failed(); err != nil {
		return err
	}
	for _, r := range records {
		if len(r.Payload) > l.MaxPayload() {
			return fmt.Errorf("wal: %w: %d bytes, at most %d", ErrTooLarge, len(r.Payload), l.MaxPayload())
		}
	}
	for _, r := range records {
		if l.batch.size+recordHeaderSize+len(r.Payload) > l.maxContent() {
			if err := l.flush(); err != nil {
				return err
			}
		}
		l.batch.add(r)
	}
	return nil
}

// Sync makes everything durable that was gathered, with one write and one sync. It returns a position from which Scan
// finds all of it: a log is needed from there as long as any of these records is. With nothing gathered it does
// nothing and returns End.
func (l *Log) Sync() (Position, error) {
	if err := l.failed(); err != nil {
		return 0, err
	}
	if err := l.flush(); err != nil {
		return 0, err
	}
	from := l.written
	if from == 0 {
		from = l.End()
	}
	l.written = 0
	return from, nil
}

// AppendSync is Append and then Sync.
func (l *Log) AppendSync(records ...Record) (Position, error) {
	if err := l.Append(records...); err != nil {
		return 0, err
	}
	return l.Sync()
}

// flush puts what was gathered.
func (l *Log) flush() error {
	if l.batch.empty() {
		return nil
	}
	return l.put(kindRecords)
}

// put makes the gathered batch durable, in a new segment if it does not fit into the last one beside a seal.
func (l *Log) put(kind batchKind) error {
	last, size := l.last(), int64(len(l.batch.sectors))
	if last.end+size > last.size-sectorSize {
		if err := l.rotate(last); err != nil {
			return l.fail(err)
		}
		last = l.last()
	}
	sectors, header := l.batch.finish(kind, last.number, last.end)
	if err := writeSynced(l.file, sectors, last.end); err != nil {
		return l.fail(fmt.Errorf("wal: segment %d: %w", last.number, err))
	}
	l.chain.Write(header)
	l.chain.Write(l.batch.heads)
	if l.written == 0 {
		l.written = positionOf(last.number, last.end)
	}
	l.batch.reset()
	l.mu.Lock()
	l.segments[len(l.segments)-1].end += size
	l.mu.Unlock()
	l.prepare()
	return nil
}

func writeSynced(file vfs.File, p []byte, offset int64) error {
	if _, err := file.WriteAt(p, offset); err != nil {
		return fmt.Errorf("write %d bytes at %d: %w", len(p), offset, err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("sync %d bytes at %d: %w", len(p), offset, err)
	}
	return nil
}
