package journal

import (
	"errors"
	"fmt"

	"github.com/hustings/hustings/journal/index"
	"github.com/hustings/hustings/vfs"
)

// sealInBackground seals a segment that has ended while the next one grows.
func (j *Journal) sealInBackground(s *segment, memory *index.Memory, file vfs.File, done chan<- struct{}) {
	defer close(done)
	err := j.seal(s, memory)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = j.fail(err)
	}
}

// seal makes a segment that is wholly written durable, then its index, and gives it its last name. A crash at any
// moment leaves a segment that is not sealed, or one that is and has its index.
func (j *Journal) seal(s *segment, memory *index.Memory) error {
	id := fileID{segment: s.number}
	if err := j.files.sync(id); err != nil {
		return fmt.Errorf("sync %s: %w", j.segmentPath(s), err)
	}
	if err := vfs.WriteFile(j.fs, j.indexPath(s), memory.Encode(s.span, j.opts.KeyVersion)); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	sealed := j.path(sealedName(s.firstSeq, s.span.LastSeq))
	if err := j.fs.Rename(j.segmentPath(s), sealed); err != nil {
		return fmt.Errorf("seal segment: %w", err)
	}
	if err := j.fs.SyncDir(j.dir); err != nil {
		return fmt.Errorf("seal %s: %w", sealed, err)
	}
	file, err := j.openIndex(s)
	if err != nil {
		return err
	}
	j.mu.Lock()
	s.sealed, s.find = true, file
	j.mu.Unlock()
	j.files.release(id)
	return nil
}

// openIndex opens the index file of a segment whose span is known.
func (j *Journal) openIndex(s *segment) (*index.File, error) {
	source := openedFile{j.files, fileID{s.number, true}, func() string { return j.indexPath(s) }}
	file, err := index.Open(source, j.cache)
	if err != nil {
		return nil, j.indexError(s, err)
	}
	return file, nil
}

// indexError tells which file is damaged.
func (j *Journal) indexError(s *segment, err error) error {
	var damage *index.Damage
	if errors.As(err, &damage) {
		return &Corruption{File: j.indexPath(s), Byte: damage.Byte, Seq: s.firstSeq, What: damage.What}
	}
	return err
}
