package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
)

// Scan calls do for each durable record from a position on, in order, up to the End of the moment of the call. The
// position must be one that Scan, Sync, Begin or End of this log returned; zero stands for Begin. The payload is valid
// until do returns. The error of do ends the scan and is returned as it is. Checksums are checked again, and damage is
// reported as a *CorruptionError after the records before it were delivered. A scan that asks for dropped records, or
// is overtaken by DropBefore, returns ErrDropped.
func (l *Log) Scan(from Position, do func(Position, Record) error) error {
	l.mu.Lock()
	segments, err := slices.Clone(l.segments), l.failure
	l.mu.Unlock()
	if err != nil {
		return err
	}
	if from > 0 && from.Segment() < segments[0].number {
		return fmt.Errorf("wal: scan from %v: %w", from, ErrDropped)
	}
	for _, s := range segments {
		offset := int64(firstBatch)
		switch {
		case s.number < from.Segment():
			continue
		case s.number == from.Segment():
			offset = from.Offset()
		}
		if offset < firstBatch || offset > s.end || offset%sectorSize != 0 {
			return fmt.Errorf("wal: scan from %v: no batch begins there", from)
		}
		if err := l.scanSegment(s, offset, do); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) scanSegment(s segment, offset int64, do func(Position, Record) error) error {
	path := segmentName(l.dir, s.number)
	file, err := l.fsys.Open(path)
	if errors.Is(err, fs.ErrNotExist) && s.number < l.Begin().Segment() {
		return fmt.Errorf("wal: scan segment %d: %w", s.number, ErrDropped)
	}
	if err != nil {
		return fmt.Errorf("wal: open segment: %w", err)
	}
	defer file.Close()
	r := segmentReader{file: file, path: path, number: s.number, offset: offset, limit: s.end}
	for r.offset < r.limit {
		at := r.offset
		h, content, damage, err := r.readBatch()
		if err == nil && damage == nil {
			damage, err = scanBatch(&r, h, content, at, do)
		}
		if err != nil {
			return err
		}
		if damage != nil {
			return damage
		}
	}
	return nil
}

func scanBatch(r *segmentReader, h batchHeader, content []byte, at int64, do func(Position, Record) error) (*CorruptionError, error) {
	if h.kind != kindRecords && h.kind != kindClosed {
		return r.damaged(0, "a batch has vanished"), nil
	}
	position := positionOf(r.number, at)
	return forEach(content, r.path, at, func(_ []byte, record Record) error { return do(position, record) })
}

// DropBefore removes the segments all of whose records are before a position, or moves them to the archive. The caller
// must need none of them any more. The last segment stays in any case.
func (l *Log) DropBefore(position Position) error {
	l.dropping.Lock()
	defer l.dropping.Unlock()
	for {
		l.mu.Lock()
		first, keep, err := l.segments[0].number, len(l.segments) == 1, l.failure
		if err == nil && !keep && first < position.Segment() {
			l.segments = l.segments[1:]
		}
		l.mu.Unlock()
		if err != nil || keep || first >= position.Segment() {
			return err
		}
		if err := l.remove(first); err != nil {
			return l.fail(err)
		}
	}
}

// remove takes a segment out of the log. That is made durable before the next one goes, lest a power cut leave a gap,
// and before the file may be used again, lest the zeros of the spare appear under the segment's name.
func (l *Log) remove(number uint32) error {
	if l.archive != "" {
		return l.keep(number)
	}
	dropped := filepath.Join(l.dir, droppedName)
	if err := l.fsys.Rename(segmentName(l.dir, number), dropped); err != nil {
		return fmt.Errorf("wal: drop segment %d: %w", number, err)
	}
	if err := l.fsys.SyncDir(l.dir); err != nil {
		return fmt.Errorf("wal: drop segment %d: %w", number, err)
	}
	if err := l.fsys.Rename(dropped, filepath.Join(l.dir, usedName)); err != nil {
		return fmt.Errorf("wal: drop segment %d: %w", number, err)
	}
	return nil
}

// keep moves a segment to the archive. Its new name is durable before its old one is gone.
func (l *Log) keep(number uint32) error {
	if err := l.fsys.Rename(segmentName(l.dir, number), segmentName(l.archive, number)); err != nil {
		return fmt.Errorf("wal: archive segment %d: %w", number, err)
	}
	for _, dir := range []string{l.archive, l.dir} {
		if err := l.fsys.SyncDir(dir); err != nil {
			return fmt.Errorf("wal: archive segment %d: %w", number, err)
		}
	}
	return nil
}
