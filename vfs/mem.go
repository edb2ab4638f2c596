package vfs

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"
)

// Mem is a file system in memory that knows what a power cut would leave of it; see Crash. It holds no error that a
// real disk would not give, is as strict as the package comment allows, and is safe for concurrent use.
type Mem struct {
	mu     sync.Mutex
	dirs   map[string]*memDir
	locked map[string]bool
}

// memDir maps base names of files to their content: as programs see it, and as it would be after a power cut.
type memDir struct {
	entries map[string]*memNode
	durable map[string]*memNode
}

// NewMem returns an empty file system that has the directories "/" and ".".
func NewMem() *Mem {
	m := &Mem{dirs: map[string]*memDir{}, locked: map[string]bool{}}
	m.addDir(string(filepath.Separator))
	m.addDir(".")
	return m
}

func (m *Mem) addDir(dir string) *memDir {
	d := &memDir{entries: map[string]*memNode{}, durable: map[string]*memNode{}}
	m.dirs[dir] = d
	return d
}

// lookup finds the directory that holds name, and the file if there is one.
func (m *Mem) lookup(op, name string) (*memDir, string, *memNode, error) {
	clean := filepath.Clean(name)
	d := m.dirs[filepath.Dir(clean)]
	if d == nil {
		return nil, "", nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	base := filepath.Base(clean)
	return d, base, d.entries[base], nil
}

func (m *Mem) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, base, node, err := m.lookup("create", name)
	if err != nil {
		return nil, err
	}
	if m.dirs[filepath.Clean(name)] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	if node == nil {
		node = &memNode{}
		d.entries[base] = node
	}
	node.resize(0)
	return &memFile{node: node, name: name, writable: true}, nil
}

func (m *Mem) Open(name string) (File, error) { return m.open(name, false) }

func (m *Mem) OpenReadWrite(name string) (File, error) { return m.open(name, true) }

func (m *Mem) open(name string, writable bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _, node, err := m.lookup("open", name)
	if err != nil {
		return nil, err
	}
	if node == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memFile{node: node, name: name, writable: writable, offset: node.size()}, nil
}

func (m *Mem) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if dir := filepath.Clean(name); m.dirs[dir] != nil {
		return m.removeDir(dir)
	}
	d, base, node, err := m.lookup("remove", name)
	if err != nil {
		return err
	}
	if node == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	delete(d.entries, base)
	return nil
}

func (m *Mem) removeDir(dir string) error {
	if len(m.children(dir)) > 0 {
		return &fs.PathError{Op: "remove", Path: dir, Err: fmt.Errorf("directory not empty")}
	}
	delete(m.dirs, dir)
	return nil
}

func (m *Mem) Rename(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, oldBase, node, err := m.lookup("rename", oldName)
	if err != nil {
		return err
	}
	if node == nil {
		return &fs.PathError{Op: "rename", Path: oldName, Err: fs.ErrNotExist}
	}
	to, newBase, _, err := m.lookup("rename", newName)
	if err != nil {
		return err
	}
	delete(from.entries, oldBase)
	to.entries[newBase] = node
	return nil
}

func (m *Mem) MkdirAll(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for path := filepath.Clean(dir); m.dirs[path] == nil; path = filepath.Dir(path) {
		if _, _, node, err := m.lookup("mkdir", path); err == nil && node != nil {
			return &fs.PathError{Op: "mkdir", Path: path, Err: fs.ErrExist}
		}
		m.addDir(path)
	}
	return nil
}

func (m *Mem) ReadDir(dir string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clean := filepath.Clean(dir)
	d := m.dirs[clean]
	if d == nil {
		return nil, &fs.PathError{Op: "readdir", Path: dir, Err: fs.ErrNotExist}
	}
	children := m.children(clean)
	listed := make([]fs.DirEntry, 0, len(children))
	for _, base := range children {
		listed = append(listed, fs.FileInfoToDirEntry(describe(base, d.entries[base])))
	}
	return listed, nil
}

// children lists the base names of files and directories in dir, sorted.
func (m *Mem) children(dir string) []string {
	names := slices.Collect(maps.Keys(m.dirs[dir].entries))
	for path := range m.dirs {
		if path != dir && filepath.Dir(path) == dir {
			names = append(names, filepath.Base(path))
		}
	}
	slices.Sort(names)
	return names
}

func (m *Mem) Stat(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dirs[filepath.Clean(name)] != nil {
		return describe(filepath.Base(name), nil), nil
	}
	_, base, node, err := m.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	if node == nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return describe(base, node), nil
}

func (m *Mem) SyncDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.dirs[filepath.Clean(dir)]
	if d == nil {
		return &fs.PathError{Op: "sync", Path: dir, Err: fs.ErrNotExist}
	}
	d.durable = maps.Clone(d.entries)
	return nil
}

func (m *Mem) Lock(dir string) (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clean := filepath.Clean(dir)
	if m.dirs[clean] == nil {
		return nil, &fs.PathError{Op: "lock", Path: dir, Err: fs.ErrNotExist}
	}
	if m.locked[clean] {
		return nil, fmt.Errorf("lock %s: %w", dir, ErrLocked)
	}
	m.locked[clean] = true
	return &memLock{fs: m, dir: clean}, nil
}

type memLock struct {
	fs   *Mem
	dir  string
	once sync.Once
}

func (l *memLock) Close() error {
	l.once.Do(func() {
		l.fs.mu.Lock()
		defer l.fs.mu.Unlock()
		delete(l.fs.locked, l.dir)
	})
	return nil
}
