package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// Options say how the files are read. The zero value is usable.
type Options struct {
	Shard    exchange.ShardID // whose files they are, for At; 0: exchange.HomeShard
	FS       vfs.FS           // nil: the machine's
	Verifier note.Verifier    // of the journal's checkpoints; nil leaves their signatures unchecked

	Progress func(done, total int64) // told now and then how much of the journal was read, in bytes; may be nil

	alter func(batch []byte) []byte // tests give the state machine another batch than the log has
}

// ErrNoData says that a directory does not hold the files of a shard.
var ErrNoData = errors.New("there is no exchange's data")

// open takes a shard's directory, so that no exchange starts on it meanwhile. An error wraps vfs.ErrLocked if one runs
// there. A directory that cannot be written to is nobody's.
func (o *Options) open(dir string) (release func() error, err error) {
	if o.FS == nil {
		o.FS = vfs.OS
	}
	if !exists(o.FS, filepath.Join(dir, "wal")) && !exists(o.FS, replica.JournalDir(dir)) {
		return nil, fmt.Errorf("%w in %s: it has neither a log nor a journal", ErrNoData, dir)
	}
	lock, err := o.FS.Lock(dir)
	if errors.Is(err, vfs.ErrLocked) {
		return nil, fmt.Errorf("an exchange runs on %s: stop it first: %w", dir, err)
	}
	if err != nil {
		lock = io.NopCloser(nil)
	}
	return lock.Close, nil
}

func exists(fsys vfs.FS, name string) bool {
	_, err := fsys.ReadDir(name)
	return !errors.Is(err, fs.ErrNotExist)
}
