package vfs

import (
	"io/fs"
	"path/filepath"
	"sync/atomic"
)

// Op is a kind of operation that a Rule concerns.
type Op uint8

// OpWrite stands for Write and WriteAt, OpCreate for Create, OpOpen for Open and OpenReadWrite.
const (
	OpCreate Op = iota + 1
	OpOpen
	OpRead
	OpWrite
	OpSync
	OpTruncate
	OpPreallocate
	OpClose
	OpRemove
	OpRename
	OpMkdir
	OpReadDir
	OpStat
	OpSyncDir
	OpLock
)

// Rule makes operations fail. It belongs to one Faulty and must not be changed once given to it.
type Rule struct {
	On   Op
	Path string // pattern of path.Match for the base name the file has now; of Rename, the new one; empty stands for all

	Skip      int   // so many operations that match pass first
	SkipBytes int64 // and so many bytes of them pass first, as if the disk had that much room (OpWrite, OpPreallocate)
	Times     int   // it fires so often, and then never again; 0 stands for always

	Keep   int    // so many bytes of a failing write still reach the file (beside those of SkipBytes)
	Before func() // called when it fires, before the operation; may block
	Err    error  // what the operation returns; nil lets it go on after Before

	seen  int
	bytes int64
	fired atomic.Int64
}

// Fired counts how often the rule fired.
func (r *Rule) Fired() int { return int(r.fired.Load()) }

func (r *Rule) matches(op Op, path string) bool {
	if r.On != op || r.Times > 0 && r.Fired() >= r.Times {
		return false
	}
	if r.Path == "" {
		return true
	}
	matched, err := filepath.Match(r.Path, filepath.Base(path))
	if err != nil {
		panic("vfs: rule with a malformed pattern: " + r.Path)
	}
	return matched
}

// count takes note of an operation that matches and says whether the rule fires.
func (r *Rule) count(size int64) (fires bool, passing int64) {
	r.seen++
	if r.seen <= r.Skip {
		return false, size
	}
	room := r.SkipBytes - r.bytes
	r.bytes += min(size, room)
	if r.SkipBytes > 0 && size <= room {
		return false, size
	}
	return true, min(size, room+int64(r.Keep))
}

var opNames = [...]string{
	OpCreate: "create", OpOpen: "open", OpRead: "read", OpWrite: "write", OpSync: "sync", OpTruncate: "truncate",
	OpPreallocate: "preallocate", OpClose: "close", OpRemove: "remove", OpRename: "rename", OpMkdir: "mkdir",
	OpReadDir: "readdir", OpStat: "stat", OpSyncDir: "sync directory", OpLock: "lock",
}

func pathError(op Op, name string, err error) error {
	return &fs.PathError{Op: opNames[op], Path: name, Err: err}
}
