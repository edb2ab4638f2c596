package vfs

import (
	"fmt"
	"io"
	"path/filepath"
)

// ReadFile returns the whole content of a file.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(f, 0, size))
}

// WriteFile makes a file with this content, durably and atomically: after a crash name holds the old content, or the
// new, or does not exist if it did not before. It writes through name + ".tmp", which a crash may leave behind.
func WriteFile(fsys FS, name string, content []byte) error {
	temporary := name + ".tmp"
	if err := writeSynced(fsys, temporary, content); err != nil {
		return fmt.Errorf("write %s: %w", temporary, err)
	}
	if err := fsys.Rename(temporary, name); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(name))
}

func writeSynced(fsys FS, name string, content []byte) error {
	f, err := fsys.Create(name)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(content, 0); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
