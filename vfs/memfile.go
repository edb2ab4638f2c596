package vfs

import (
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"
)

// memNode is the content of a file of Mem, under whatever names it has.
type memNode struct {
	mu      sync.RWMutex
	data    []byte
	durable []byte
	pending []memChange // from durable to data, in order
}

// memChange is a write, or a change of size if bytes is nil.
type memChange struct {
	offset int64 // or the new size
	bytes  []byte
}

func (c memChange) apply(data []byte) []byte {
	if c.bytes == nil {
		return resized(data, c.offset)
	}
	if len(c.bytes) == 0 {
		return data
	}
	if end := c.offset + int64(len(c.bytes)); end > int64(len(data)) {
		data = resized(data, end)
	}
	copy(data[c.offset:], c.bytes)
	return data
}

func resized(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		clear(data[size:])
		return data[:size]
	}
	return append(data, make([]byte, size-int64(len(data)))...)
}

func (n *memNode) size() int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return int64(len(n.data))
}

func (n *memNode) change(c memChange) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.data = c.apply(n.data)
	n.pending = append(n.pending, c)
}

func (n *memNode) resize(size int64) { n.change(memChange{offset: size}) }

func (n *memNode) sync() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.pending {
		n.durable = c.apply(n.durable)
	}
	n.pending = n.pending[:0]
}

// memFile is a handle. Its node outlives removal and renaming of the name it was opened by.
type memFile struct {
	node     *memNode
	name     string
	writable bool
	offset   int64
	closed   bool
}

func (f *memFile) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, f.fail("read", fs.ErrInvalid)
	}
	f.node.mu.RLock()
	defer f.node.mu.RUnlock()
	if f.closed {
		return 0, f.fail("read", fs.ErrClosed)
	}
	if offset >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[offset:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.mayChange("write", offset); err != nil {
		return 0, err
	}
	f.node.change(memChange{offset: offset, bytes: append([]byte{}, p...)})
	return len(p), nil
}

func (f *memFile) Write(p []byte) (int, error) {
	n, err := f.WriteAt(p, f.offset)
	f.offset += int64(n)
	return n, err
}

func (f *memFile) Sync() error {
	if f.closed {
		return f.fail("sync", fs.ErrClosed)
	}
	f.node.sync()
	return nil
}

func (f *memFile) Truncate(size int64) error {
	if err := f.mayChange("truncate", size); err != nil {
		return err
	}
	f.node.resize(size)
	return nil
}

func (f *memFile) Preallocate(size int64) error {
	if err := f.mayChange("preallocate", size); err != nil {
		return err
	}
	if f.node.size() < size {
		f.node.resize(size)
	}
	return nil
}

func (f *memFile) Size() (int64, error) {
	if f.closed {
		return 0, f.fail("size of", fs.ErrClosed)
	}
	return f.node.size(), nil
}

func (f *memFile) Close() error {
	if f.closed {
		return f.fail("close", fs.ErrClosed)
	}
	f.closed = true
	return nil
}

func (f *memFile) mayChange(op string, offset int64) error {
	switch {
	case f.closed:
		return f.fail(op, fs.ErrClosed)
	case !f.writable:
		return f.fail(op, fs.ErrPermission)
	case offset < 0:
		return f.fail(op, fs.ErrInvalid)
	}
	return nil
}

func (f *memFile) fail(op string, err error) error {
	return &fs.PathError{Op: op, Path: f.name, Err: fmt.Errorf("memory file: %w", err)}
}

// memInfo describes a file, or a directory if it has no node.
type memInfo struct {
	name string
	dir  bool
	size int64
}

func describe(name string, node *memNode) memInfo {
	if node == nil {
		return memInfo{name: name, dir: true}
	}
	return memInfo{name: name, size: node.size()}
}

func (i memInfo) Name() string       { return i.name }
func (i memInfo) Size() int64        { return i.size }
func (i memInfo) ModTime() time.Time { return time.Time{} }
func (i memInfo) IsDir() bool        { return i.dir }
func (i memInfo) Sys() any           { return nil }

func (i memInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}
