package vfs

import (
	"io"
	"io/fs"
	"sync"
)

// Faulty is a file system that fails as its rules say and otherwise does what another one does. It is as safe for
// concurrent use as that one.
type Faulty struct {
	inner FS
	mu    sync.Mutex
	rules []*Rule
	open  map[*faultyFile]bool
}

// NewFaulty wraps a file system. More rules can be added while it is in use.
func NewFaulty(inner FS, rules ...*Rule) *Faulty {
	return &Faulty{inner: inner, rules: rules, open: map[*faultyFile]bool{}}
}

// Add adds a rule. Of several that match an operation the first one fires.
func (f *Faulty) Add(rule *Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, rule)
}

// check finds the rule that fires for an operation, runs its Before and says how many of the operation's bytes pass.
func (f *Faulty) check(op Op, path string, size int64) (passing int64, err error) {
	rule, passing := f.match(op, path, size)
	if rule == nil {
		return size, nil
	}
	if rule.Before != nil {
		rule.Before()
	}
	return passing, rule.Err
}

func (f *Faulty) match(op Op, path string, size int64) (*Rule, int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.matches(op, path) {
			if fires, passing := r.count(size); fires {
				r.fired.Add(1)
				return r, passing
			}
		}
	}
	return nil, size
}

func (f *Faulty) Create(name string) (File, error) {
	return f.wrap(OpCreate, name, f.inner.Create)
}

func (f *Faulty) Open(name string) (File, error) {
	return f.wrap(OpOpen, name, f.inner.Open)
}

func (f *Faulty) OpenReadWrite(name string) (File, error) {
	return f.wrap(OpOpen, name, f.inner.OpenReadWrite)
}

func (f *Faulty) wrap(op Op, name string, open func(string) (File, error)) (File, error) {
	if err := f.fault(op, name); err != nil {
		return nil, err
	}
	file, err := open(name)
	if err != nil {
		return nil, err
	}
	wrapped := &faultyFile{inner: file, fs: f, name: name}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[wrapped] = true
	return wrapped, nil
}

func (f *Faulty) forget(file *faultyFile) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, file)
}

// fault is check for operations without bytes.
func (f *Faulty) fault(op Op, name string) error {
	if _, err := f.check(op, name, 0); err != nil {
		return pathError(op, name, err)
	}
	return nil
}

func (f *Faulty) Remove(name string) error {
	if err := f.fault(OpRemove, name); err != nil {
		return err
	}
	return f.inner.Remove(name)
}

func (f *Faulty) Rename(oldName, newName string) error {
	if err := f.fault(OpRename, newName); err != nil {
		return err
	}
	if err := f.inner.Rename(oldName, newName); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for file := range f.open {
		if file.name == oldName {
			file.name = newName
		}
	}
	return nil
}

func (f *Faulty) MkdirAll(dir string) error {
	if err := f.fault(OpMkdir, dir); err != nil {
		return err
	}
	return f.inner.MkdirAll(dir)
}

func (f *Faulty) ReadDir(dir string) ([]fs.DirEntry, error) {
	if err := f.fault(OpReadDir, dir); err != nil {
		return nil, err
	}
	return f.inner.ReadDir(dir)
}

func (f *Faulty) Stat(name string) (fs.FileInfo, error) {
	if err := f.fault(OpStat, name); err != nil {
		return nil, err
	}
	return f.inner.Stat(name)
}

func (f *Faulty) SyncDir(dir string) error {
	if err := f.fault(OpSyncDir, dir); err != nil {
		return err
	}
	return f.inner.SyncDir(dir)
}

func (f *Faulty) Lock(dir string) (io.Closer, error) {
	if err := f.fault(OpLock, dir); err != nil {
		return nil, err
	}
	return f.inner.Lock(dir)
}
