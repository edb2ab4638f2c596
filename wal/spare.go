package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync/atomic"

	"github.com/hustings/hustings/vfs"
)

const (
	spareName   = "next.tmp"
	droppedName = "dropped.tmp"
	usedName    = "used.tmp" // a dropped segment that can be used again
	spareStep   = 256 << 10  // bytes filled and synced at once, or more when behind
)

// spare is the file that will be the next segment. A goroutine fills it with zeros, durably, while the segment before
// it is in use: writing into space that was written before spares every fdatasync a commit of the file system's own
// journal, a third of its time on ext4. Filling keeps pace with use, so that the disk is not busy with zeros when it
// is needed for records, and every step is synced, so that no sync has much to do.
type spare struct {
	fsys vfs.FS
	path string
	used string // path of a dropped segment, which need not exist
	size int64

	wanted atomic.Int64  // how much of it should be filled by now
	wake   chan struct{} // signals that wanted grew
	stop   chan struct{}
	done   chan struct{} // closed when the goroutine has ended and the fields below may be read
	file   vfs.File
	err    error
}

// newSpare does nothing on disk yet.
func newSpare(fsys vfs.FS, dir string, size int64) *spare {
	s := &spare{
		fsys: fsys, path: filepath.Join(dir, spareName), used: filepath.Join(dir, usedName), size: size,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go s.run()
	return s
}

// want asks for that many bytes of the file, without waiting for them.
func (s *spare) want(size int64) {
	if size <= s.wanted.Load() {
		return
	}
	s.wanted.Store(size)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take waits for the whole file and hands it over.
func (s *spare) take() (vfs.File, error) {
	s.want(s.size)
	<-s.done
	if s.err != nil {
		return nil, s.err
	}
	file := s.file
	s.file = nil
	return file, nil
}

// abandon closes and removes what there is of the file, unless it was taken.
func (s *spare) abandon() error {
	close(s.stop)
	<-s.done
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), removeIfThere(s.fsys, s.path))
}

func removeIfThere(fsys vfs.FS, path string) error {
	if err := fsys.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("wal: remove spare segment: %w", err)
	}
	return nil
}

func (s *spare) run() {
	defer close(s.done)
	for filled := int64(0); filled < s.size && s.err == nil; {
		if filled >= s.wanted.Load() {
			select {
			case <-s.wake:
			case <-s.stop:
				return
			}
			continue
		}
		if s.file == nil {
			s.err = s.create()
			continue
		}
		behind := max(s.wanted.Load()-filled, spareStep)
		n := min(behind, int64(len(zeros)), s.size-filled)
		s.err = s.fill(filled, n)
		filled += n
	}
}

// create opens the file, which is a dropped segment if there is one: its space is there and was written before.
func (s *spare) create() error {
	open := s.fsys.Create
	if err := s.fsys.Rename(s.used, s.path); err == nil {
		open = s.fsys.OpenReadWrite
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("wal: use a segment again: %w", err)
	}
	file, err := open(s.path)
	if err != nil {
		return fmt.Errorf("wal: make next segment: %w", err)
	}
	s.file = file
	if err := errors.Join(file.Truncate(s.size), file.Preallocate(s.size)); err != nil {
		return fmt.Errorf("wal: make next segment: %w", err)
	}
	return nil
}

func (s *spare) fill(from, n int64) error {
	if _, err := s.file.WriteAt(zeros[:n], from); err != nil {
		return fmt.Errorf("wal: fill next segment: %w", err)
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("wal: fill next segment: %w", err)
	}
	return nil
}
