package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/hustings/hustings/vfs"
)

// overlay shows the files of a file system and changes none of them. Opening a journal mends what a crash left, and
// sees its own changes: files are cut and renamed here only, and new ones are kept in memory.
type overlay struct {
	vfs.FS

	mu      sync.Mutex
	fresh   *vfs.Mem          // files that were made
	aliases map[string]string // new name to the name that a file has below
}

func readOnly(fsys vfs.FS) vfs.FS {
	return &overlay{FS: fsys, fresh: vfs.NewMem(), aliases: map[string]string{}}
}

var errReadOnly = errors.New("the file is open for reading only")

// below is the name of a file in the file system below.
func (o *overlay) below(name string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if real, ok := o.aliases[name]; ok {
		return real
	}
	return name
}

func (o *overlay) isFresh(name string) bool {
	_, err := o.fresh.Stat(name)
	return err == nil
}

func (o *overlay) Open(name string) (vfs.File, error) {
	if o.isFresh(name) {
		return o.fresh.Open(name)
	}
	return o.FS.Open(o.below(name))
}

func (o *overlay) Stat(name string) (fs.FileInfo, error) {
	if o.isFresh(name) {
		return o.fresh.Stat(name)
	}
	return o.FS.Stat(o.below(name))
}

func (o *overlay) Create(name string) (vfs.File, error) {
	if err := o.fresh.MkdirAll(filepath.Dir(name)); err != nil {
		return nil, err
	}
	return o.fresh.Create(name)
}

func (o *overlay) OpenReadWrite(name string) (vfs.File, error) {
	if o.isFresh(name) {
		return o.fresh.OpenReadWrite(name)
	}
	f, err := o.FS.Open(o.below(name))
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &cutFile{File: f, name: name, size: size}, nil
}

func (o *overlay) Rename(oldName, newName string) error {
	if o.isFresh(oldName) {
		return o.fresh.Rename(oldName, newName)
	}
	real := o.below(oldName)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.aliases[newName] = real
	return nil
}

func (o *overlay) MkdirAll(dir string) error {
	_, err := o.FS.ReadDir(dir)
	return err
}

func (o *overlay) Remove(string) error  { return nil } // whoever removes a file does not look at it again
func (o *overlay) SyncDir(string) error { return nil }

// cutFile is a file of which only the first size bytes are to be seen.
type cutFile struct {
	vfs.File
	name string
	size int64
}

func (f *cutFile) ReadAt(p []byte, offset int64) (int, error) {
	if left := f.size - offset; int64(len(p)) > left {
		n, err := f.File.ReadAt(p[:max(0, left)], offset)
		if err == nil {
			err = io.EOF
		}
		return n, err
	}
	return f.File.ReadAt(p, offset)
}

func (f *cutFile) Size() (int64, error) { return f.size, nil }

func (f *cutFile) Truncate(size int64) error {
	if size > f.size {
		return fmt.Errorf("extending %s: %w", f.name, errReadOnly)
	}
	f.size = size
	return nil
}

func (f *cutFile) Sync() error { return nil }
func (f *cutFile) Preallocate(int64) error {
	return fmt.Errorf("extending %s: %w", f.name, errReadOnly)
}
func (f *cutFile) Write([]byte) (int, error) {
	return 0, fmt.Errorf("writing %s: %w", f.name, errReadOnly)
}
func (f *cutFile) WriteAt([]byte, int64) (int, error) {
	return 0, fmt.Errorf("writing %s: %w", f.name, errReadOnly)
}
