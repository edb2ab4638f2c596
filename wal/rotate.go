package wal

import (
	"errors"
	"fmt"

	"github.com/hustings/hustings/vfs"
)

// prepare has the next segment made while the second and third quarter of this one are written.
func (l *Log) prepare() {
	last := l.last()
	if over := last.end - last.size/4; over > 0 {
		l.next.want(2 * over * l.segmentSize / last.size)
	}
}

// rotate ends a segment and begins the next. The seal comes last, so that whenever there is one the next segment
// exists, or was lost.
func (l *Log) rotate(last segment) error {
	ended := l.file
	if err := l.begin(segmentHeader{number: last.number + 1, size: l.segmentSize, previous: l.chain.sum()}); err != nil {
		return err
	}
	if err := errors.Join(seal(ended, last), ended.Close()); err != nil {
		return fmt.Errorf("wal: end segment %d: %w", last.number, err)
	}
	return nil
}

func seal(file vfs.File, s segment) error {
	var b batch
	b.reset()
	sectors, _ := b.finish(kindSealed, s.number, s.end)
	return writeSynced(file, sectors, s.end)
}

// begin makes the spare the last segment.
func (l *Log) begin(h segmentHeader) error {
	file, err := l.next.take()
	if err != nil {
		return err
	}
	if err := l.publish(file, h); err != nil {
		return errors.Join(fmt.Errorf("wal: begin segment %d: %w", h.number, err), file.Close())
	}
	l.file, l.chain = file, newChain(h.encode())
	l.next = newSpare(l.fsys, l.dir, l.segmentSize)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.segments = append(l.segments, segment{number: h.number, size: h.size, end: firstBatch})
	return nil
}

// publish gives a segment its name only once all of it is durable.
func (l *Log) publish(file vfs.File, h segmentHeader) error {
	if err := writeSynced(file, h.encode(), 0); err != nil {
		return err
	}
	if err := l.fsys.Rename(l.next.path, segmentName(l.dir, h.number)); err != nil {
		return err
	}
	return l.fsys.SyncDir(l.dir)
}
