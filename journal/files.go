package journal

import (
	"io"
	"sync"

	"github.com/hustings/hustings/vfs"
)

// files reads segments and indexes and keeps some of them open. It is safe for concurrent use.
type files struct {
	fs  vfs.FS
	max int // files open at a time, not counting those held

	mu    sync.Mutex
	open  map[fileID]*openFile // nil once closed
	clock uint64
}

type fileID struct {
	segment uint64 // number
	index   bool
}

type openFile struct {
	held bool   // not to be closed to make room
	used uint64 // when last

	mu     sync.RWMutex // held for reading while the file is used, for writing when it is closed
	file   vfs.File
	closed bool

	syncing sync.Mutex
}

func newFiles(fs vfs.FS, max int) *files {
	return &files{fs: fs, max: max, open: map[fileID]*openFile{}}
}

// readAt reads from a file, which it opens by the name that name returns unless it is open.
func (f *files) readAt(id fileID, name func() string, p []byte, offset int64) (int, error) {
	for {
		o, err := f.get(id, name)
		if err != nil {
			return 0, err
		}
		if n, open, err := o.readAt(p, offset); open {
			return n, err
		}
	}
}

func (o *openFile) readAt(p []byte, offset int64) (n int, open bool, err error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return 0, false, nil
	}
	n, err = o.file.ReadAt(p, offset)
	return n, true, err
}

func (f *files) get(id fileID, name func() string) (*openFile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		return nil, ErrClosed
	}
	f.clock++
	if o := f.open[id]; o != nil {
		o.used = f.clock
		return o, nil
	}
	file, err := f.fs.Open(name())
	if err != nil {
		return nil, err
	}
	o := &openFile{file: file, used: f.clock}
	f.open[id] = o
	return o, f.makeRoom()
}

// makeRoom closes the file that was used least recently if there are too many.
func (f *files) makeRoom() error {
	var oldest fileID
	free := 0
	for id, o := range f.open {
		if o.held {
			continue
		}
		free++
		if free == 1 || o.used < f.open[oldest].used {
			oldest = id
		}
	}
	if free <= f.max {
		return nil
	}
	o := f.open[oldest]
	delete(f.open, oldest)
	return o.close()
}

func (o *openFile) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil
	}
	o.closed = true
	return o.file.Close()
}

// hold takes in a file that stays open until release.
func (f *files) hold(id fileID, file vfs.File) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[id] = &openFile{file: file, held: true}
}

// release lets a file that was held be closed; it can be opened by name again.
func (f *files) release(id fileID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o := f.open[id]; o != nil {
		o.held = false
	}
}

// sync makes the file of a held segment durable. One that is held no more is durable already.
func (f *files) sync(id fileID) error {
	f.mu.Lock()
	o := f.open[id]
	held := o != nil && o.held
	f.mu.Unlock()
	if !held {
		return nil
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return nil
	}
	o.syncing.Lock()
	defer o.syncing.Unlock()
	return o.file.Sync()
}

// drop closes a file that was replaced by another one.
func (f *files) drop(id fileID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.open[id]
	if o == nil {
		return nil
	}
	delete(f.open, id)
	return o.close()
}

// close closes all files; nothing can be read any more.
func (f *files) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var first error
	for _, o := range f.open {
		if err := o.close(); err != nil && first == nil {
			first = err
		}
	}
	f.open = nil
	return first
}

// openedFile reads one of the files by an id.
type openedFile struct {
	files *files
	id    fileID
	name  func() string
}

func (o openedFile) ReadAt(p []byte, offset int64) (int, error) {
	return o.files.readAt(o.id, o.name, p, offset)
}

var _ io.ReaderAt = openedFile{}
