package wal

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/hustings/hustings/vfs"
)

// Log is an open log.
//
// Append, Sync, AppendSync and Close belong to one goroutine at a time. Scan, DropBefore, Begin and End may be called
// concurrently with them and with each other.
//
// After the first error of a write or a sync the log is broken for good: every later call returns that same error and
// touches nothing. What was appended since the last Sync that returned nil may or may not be found by the next Open.
type Log struct {
	fsys        vfs.FS
	dir         string
	segmentSize int64
	archive     string // or empty
	lock        io.Closer

	// Of the goroutine that appends.
	file    vfs.File // the last segment
	chain   chain    // of the last segment
	batch   batch    // what is gathered
	written Position // first batch since the last Sync, or zero
	next    *spare

	dropping sync.Mutex // held while segments are removed
	mu       sync.Mutex
	segments []segment // ascending, never empty
	failure  error     // final
}

// Options are how a log is kept. They may differ from one Open to the next.
type Options struct {
	// SegmentSize is the size in bytes of segments to be made: a multiple of 512 from 2,048 to 1 GiB. 0 stands for
	// DefaultSegmentSize.
	SegmentSize int64
	// Archive is a directory that keeps the segments that DropBefore removes. Empty: they are not kept.
	Archive string
}

// DefaultSegmentSize is 64 MiB. Smaller segments can be dropped sooner, larger ones are changed less often.
const DefaultSegmentSize = 64 << 20

// Open opens the log in a directory for this process alone, or makes a new one, which takes the time to write a whole
// segment. It checks every byte first. If there is damage it returns a *CorruptionError and has changed nothing.
// Otherwise it removes a torn batch from the end, and makes durable once more what a process that died may have
// written but not synced: all that Scan returns is durable.
func Open(fsys vfs.FS, dir string, options Options) (*Log, Recovery, error) {
	size := options.SegmentSize
	if size == 0 {
		size = DefaultSegmentSize
	}
	if size < minSegmentSize || size > maxSegmentSize || size%sectorSize != 0 {
		return nil, Recovery{}, fmt.Errorf("wal: segment size %d is not a multiple of 512 from 2048 to 1 GiB", size)
	}
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, Recovery{}, fmt.Errorf("wal: make directory: %w", err)
	}
	if options.Archive != "" {
		if err := fsys.MkdirAll(options.Archive); err != nil {
			return nil, Recovery{}, fmt.Errorf("wal: make directory: %w", err)
		}
	}
	lock, err := fsys.Lock(dir)
	if err != nil {
		return nil, Recovery{}, fmt.Errorf("wal: %w", err)
	}
	l := &Log{fsys: fsys, dir: dir, segmentSize: size, archive: options.Archive, lock: lock}
	recovery, err := l.open()
	if err != nil {
		return nil, recovery, errors.Join(err, l.release())
	}
	return l, recovery, nil
}

func (l *Log) open() (Recovery, error) {
	found, err := read(l.fsys, l.dir, "", nil)
	if err != nil {
		return found.recovery, err
	}
	for _, name := range []string{spareName, droppedName, usedName} {
		if err := removeIfThere(l.fsys, filepath.Join(l.dir, name)); err != nil {
			return found.recovery, err
		}
	}
	l.segments, l.chain = found.segments, found.chain
	l.next = newSpare(l.fsys, l.dir, l.segmentSize)
	l.batch.reset()
	if len(l.segments) == 0 {
		return found.recovery, l.begin(segmentHeader{number: 1, size: l.segmentSize})
	}
	return found.recovery, l.resume(found)
}

// resume opens the last segment and leaves it as if a process had closed its file a moment ago. The last batch is
// written again because a sync of it that failed may have left it in memory only, where no other sync would find it.
func (l *Log) resume(found contents) (err error) {
	last := l.last()
	path := segmentName(l.dir, last.number)
	if l.file, err = l.fsys.OpenReadWrite(path); err != nil {
		return fmt.Errorf("wal: open segment: %w", err)
	}
	again := make([]byte, last.end-found.lastBatch+found.recovery.TornBytes)
	if err := readFull(l.file, path, again[:last.end-found.lastBatch], found.lastBatch); err != nil {
		return err
	}
	if err := writeSynced(l.file, again, found.lastBatch); err != nil {
		return fmt.Errorf("wal: %s: %w", path, err)
	}
	if err := l.fsys.SyncDir(l.dir); err != nil {
		return fmt.Errorf("wal: %w", err)
	}
	l.prepare()
	return nil
}

// Close writes what was gathered, marks the end and closes the log. After an error of the log it only closes it, and
// returns that error. A log must be closed once; afterwards its methods return ErrClosed.
func (l *Log) Close() error {
	err := l.failed()
	if errors.Is(err, ErrClosed) {
		return err
	}
	if err == nil {
		err = l.flush()
	}
	if err == nil {
		err = l.put(kindClosed)
	}
	l.mu.Lock()
	l.failure = ErrClosed
	l.mu.Unlock()
	return errors.Join(err, l.release())
}

// release gives back what an open log holds.
func (l *Log) release() error {
	var errs []error
	if l.next != nil {
		errs = append(errs, l.next.abandon())
	}
	if l.file != nil {
		errs = append(errs, l.file.Close())
	}
	return errors.Join(append(errs, l.lock.Close())...)
}

// Begin is the position before the oldest record that was not dropped.
func (l *Log) Begin() Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return positionOf(l.segments[0].number, firstBatch)
}

// End is the position behind the last durable record.
func (l *Log) End() Position {
	last := l.last()
	return positionOf(last.number, last.end)
}

func (l *Log) last() segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.segments[len(l.segments)-1]
}

func (l *Log) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failure
}

// fail makes an error final, unless there was one before, and returns the final one.
func (l *Log) fail(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil {
		l.failure = err
	}
	return l.failure
}
