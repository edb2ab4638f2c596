// Package vfs is the seam between Hustings and a file system. Everything that must survive a crash is written
// through it, so that a test can cut the power, fill the disk or fail an fsync at any point.
//
// There are three file systems. OS is the real one. Mem lives in memory and forgets, when its power is cut, all
// that was not synced. Faulty wraps another one and fails the operations that a test names.
//
// What callers may rely on, and must do, to keep something across a power cut:
//
//	content of a file      durable once File.Sync returned nil
//	name of a file         durable once SyncDir of its directory returned nil (Create, Rename and Remove alike)
//	directories            durable once MkdirAll returned nil
//
// An error of Sync or SyncDir is final: what it should have made durable may be lost although it can still be read,
// and a second Sync may wrongly succeed. The caller must stop using the file and never retry.
//
// The package knows nothing of what is in the files, keeps no cache and retries nothing. It needs a Unix system.
package vfs

import (
	"errors"
	"io"
	"io/fs"
)

// ErrLocked is wrapped by the error of Lock when another instance holds the directory.
var ErrLocked = errors.New("in use by another instance")

// FS is a file system. All methods may be called concurrently. Names are paths as the operating system writes them.
// Errors of a missing or already present file satisfy errors.Is with fs.ErrNotExist and fs.ErrExist. New files are
// readable and writable by their owner only (0600), new directories likewise (0700).
type FS interface {
	// Create makes an empty file, or empties the one there is, and opens it for reading and writing.
	Create(name string) (File, error)
	// Open opens a file for reading only.
	Open(name string) (File, error)
	// OpenReadWrite opens a file that exists for reading and writing.
	OpenReadWrite(name string) (File, error)
	// Remove removes a file or an empty directory.
	Remove(name string) error
	// Rename gives a file another name and replaces the file that had it, atomically. Both names should be in one
	// directory: across two of them a power cut can lose the file unless both are synced.
	Rename(oldName, newName string) error
	// MkdirAll makes a directory and its missing parents, durably.
	MkdirAll(dir string) error
	// ReadDir lists a directory, sorted by name.
	ReadDir(dir string) ([]fs.DirEntry, error)
	// Stat describes a file or directory.
	Stat(name string) (fs.FileInfo, error)
	// SyncDir makes the names in a directory durable. Its errors are final.
	SyncDir(dir string) error
	// Lock takes a directory for this instance alone until the Closer is closed or the process ends, however it ends.
	// It does not wait: if somebody else holds the directory the error wraps ErrLocked and names the holder if known.
	Lock(dir string) (io.Closer, error)
}

// File is an open file. ReadAt may be called concurrently with everything but Close; the other methods by one
// goroutine at a time.
type File interface {
	io.ReaderAt
	io.WriterAt
	// Write writes at the handle's own offset and moves it. The offset begins at the end of the file as it was opened,
	// and nothing but Write moves it.
	io.Writer
	// Sync makes content and size durable (fdatasync where there is one). Its errors are final.
	Sync() error
	// Truncate sets the size in bytes; what is added reads as zeros.
	Truncate(size int64) error
	// Preallocate reserves disk space for the first size bytes and makes the file at least that large; what is added
	// reads as zeros. Where the system cannot reserve, it only sets the size.
	Preallocate(size int64) error
	// Size is the size in bytes.
	Size() (int64, error)
	Close() error
}
