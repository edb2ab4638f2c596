package vfs

// faultyFile asks the rules before each operation on one open file.
type faultyFile struct {
	inner File
	fs    *Faulty
	name  string // the present one; guarded by the mutex of fs
}

func (f *faultyFile) path() string {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return f.name
}

func (f *faultyFile) ReadAt(p []byte, offset int64) (int, error) {
	if err := f.fs.fault(OpRead, f.path()); err != nil {
		return 0, err
	}
	return f.inner.ReadAt(p, offset)
}

func (f *faultyFile) WriteAt(p []byte, offset int64) (int, error) {
	return f.write(p, func(p []byte) (int, error) { return f.inner.WriteAt(p, offset) })
}

func (f *faultyFile) Write(p []byte) (int, error) { return f.write(p, f.inner.Write) }

// write lets a failing write through as far as its rule says.
func (f *faultyFile) write(p []byte, inner func([]byte) (int, error)) (int, error) {
	passing, fault := f.fs.check(OpWrite, f.path(), int64(len(p)))
	if fault == nil {
		return inner(p)
	}
	n, err := 0, error(nil)
	if passing > 0 {
		n, err = inner(p[:passing])
	}
	if err != nil {
		return n, err
	}
	return n, pathError(OpWrite, f.path(), fault)
}

func (f *faultyFile) Sync() error {
	if err := f.fs.fault(OpSync, f.path()); err != nil {
		return err
	}
	return f.inner.Sync()
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.fs.fault(OpTruncate, f.path()); err != nil {
		return err
	}
	return f.inner.Truncate(size)
}

func (f *faultyFile) Preallocate(size int64) error {
	if _, err := f.fs.check(OpPreallocate, f.path(), size); err != nil {
		return pathError(OpPreallocate, f.path(), err)
	}
	return f.inner.Preallocate(size)
}

func (f *faultyFile) Size() (int64, error) { return f.inner.Size() }

// Close closes the file even when it is to fail, as the system does.
func (f *faultyFile) Close() error {
	fault := f.fs.fault(OpClose, f.path())
	f.fs.forget(f)
	if err := f.inner.Close(); err != nil {
		return err
	}
	return fault
}
