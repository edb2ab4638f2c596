package journal

import "fmt"

// Sync makes everything durable that was appended before the call. It waits for disks without keeping Append or
// readers from going on. Its errors are final.
func (j *Journal) Sync() error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	s, sealing, newName, err := j.beginSync()
	if err != nil {
		return err
	}
	<-sealing
	if s != nil {
		if err := j.syncSegment(s, newName); err != nil {
			return j.fail(err)
		}
	}
	return j.usable()
}

// beginSync writes what is not written and says what is to be synced.
func (j *Journal) beginSync() (s *segment, sealing <-chan struct{}, newName bool, err error) {
	j.write.Lock()
	defer j.write.Unlock()
	if err := j.usable(); err != nil {
		return nil, nil, false, err
	}
	if err := j.flush(); err != nil {
		return nil, nil, false, j.fail(err)
	}
	newName = j.newName
	j.newName = false
	return j.active, j.sealing, newName, nil
}

func (j *Journal) syncSegment(s *segment, newName bool) error {
	if err := j.files.sync(fileID{segment: s.number}); err != nil {
		return fmt.Errorf("sync %s: %w", j.segmentPath(s), err)
	}
	if newName {
		if err := j.fs.SyncDir(j.dir); err != nil {
			return fmt.Errorf("sync journal: %w", err)
		}
	}
	return nil
}

// Close makes what was appended durable and closes all files. Nobody may append meanwhile. Cursors that wait get
// ErrClosed.
func (j *Journal) Close() error {
	err := j.Sync()
	j.write.Lock()
	defer j.write.Unlock()
	<-j.sealing
	if !j.close() {
		return nil
	}
	j.waiting.wake()
	if j.file != nil {
		if e := j.file.Close(); err == nil {
			err = e
		}
	}
	if e := j.files.close(); err == nil {
		err = e
	}
	return err
}

// close says whether it is the first time.
func (j *Journal) close() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := !j.closed
	j.closed = true
	return first
}
