package journal

import (
	"path/filepath"
	"sort"
	"sync"

	"github.com/hustings/hustings/journal/index"
	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// Options say what a journal is of and how much memory it may use. Shard, SegmentBytes, Indexer and KeyVersion must
// be equal on all replicas of a shard for their files to be equal.
type Options struct {
	Shard uint32

	// SegmentBytes is the size that a segment does not exceed unless one record does. 0 stands for 64 MiB; at most 1 GiB.
	SegmentBytes int64

	// Indexer gives the keys that History finds events by; nil stands for none. KeyVersion must be another one when
	// it gives other keys than before; indexes of another version are then built again by Open.
	Indexer    Indexer
	KeyVersion uint32

	// TailBytes is how much of the end is kept in memory, about. 0 stands for 8 MiB.
	TailBytes int

	// IndexPages is how many pages of 4 KiB of index files are kept in memory. 0 stands for 2,048.
	IndexPages int

	// SyncedSeq is the last Seq that is known to be durable, such as that of the owner's snapshot. Open refuses a
	// journal that does not reach to it, and cuts damage beyond it, which the owner will derive again.
	SyncedSeq uint64
}

func (o Options) withDefaults() Options {
	if o.SegmentBytes == 0 {
		o.SegmentBytes = 64 << 20
	}
	o.SegmentBytes = min(o.SegmentBytes, 1<<30)
	if o.TailBytes == 0 {
		o.TailBytes = 8 << 20
	}
	if o.IndexPages == 0 {
		o.IndexPages = 2048
	}
	return o
}

// Tip is the end of a journal. Of an empty one only Chain is set.
type Tip struct {
	Index uint64 // log index of the last record
	Seq   uint64 // of the last event
	Time  int64  // log time of the last record, ns
	Chain [32]byte
}

// Journal is the journal of one shard. All methods may be called concurrently; readers do not wait for disks that
// the writer waits for.
type Journal struct {
	fs    vfs.FS
	dir   string
	opts  Options
	files *files
	cache *index.Cache

	write   sync.Mutex // held while records are added or written to a file
	builder builder
	memory  *index.Memory // of the active segment
	active  *segment      // nil until there is a record
	file    vfs.File      // of the active segment
	sealing chan struct{} // closed when no segment is being sealed
	newName bool          // the directory is not synced since the active segment was made
	promise *merkle.Checkpoint

	syncing     sync.Mutex // held by Sync
	checkpoints checkpointFile

	mu       sync.RWMutex // held for moments only
	segments []*segment   // each with a record at least; grows only
	tail     tail
	tip      Tip
	failed   error // final
	closed   bool

	waiting waiting
	compare comparing
}

// Last returns the end of the journal, whether it is in a file yet or not.
func (j *Journal) Last() Tip {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.tip
}

// usable says why the journal takes no more records, if so.
func (j *Journal) usable() error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.closed {
		return ErrClosed
	}
	return j.failed
}

// fail makes an error final.
func (j *Journal) fail(err error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed == nil {
		j.failed = err
	}
	return j.failed
}

// segmentOf returns the segment that holds a published Seq, nil if there is none, and the last Seq it holds now.
func (j *Journal) segmentOf(seq uint64) (*segment, uint64) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if seq == 0 || seq > j.tip.Seq {
		return nil, 0
	}
	n := sort.Search(len(j.segments), func(i int) bool { return j.segments[i].firstSeq > seq })
	s := j.segments[n-1]
	return s, s.span.LastSeq
}

func (j *Journal) finder(s *segment) finder {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return s.find
}

func (j *Journal) path(name string) string { return filepath.Join(j.dir, name) }

// segmentPath is the name a segment has now.
func (j *Journal) segmentPath(s *segment) string {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if s.sealed {
		return j.path(sealedName(s.firstSeq, s.span.LastSeq))
	}
	return j.path(activeName(s.firstSeq))
}

func (j *Journal) indexPath(s *segment) string {
	return j.path(indexName(s.span.FirstSeq, s.span.LastSeq))
}
