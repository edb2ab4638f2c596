package replica

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/exchange/shard"
)

// snapshotReader reads the parts of a snapshot file. Chunks are checked and taken apart by other goroutines while the
// next ones are read.
type snapshotReader struct {
	name   string
	in     io.Reader
	offset int64 // of what is read next
}

func (r *snapshotReader) corrupt(reason string) error { return r.corruptAt(r.offset, reason) }

func (r *snapshotReader) corruptAt(offset int64, reason string) error {
	return &CorruptSnapshot{File: r.name, Offset: offset, Reason: reason}
}

// next reads n bytes.
func (r *snapshotReader) next(n int) ([]byte, error) {
	b := make([]byte, n)
	return b, r.fill(b)
}

func (r *snapshotReader) fill(b []byte) error {
	if _, err := io.ReadFull(r.in, b); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.corrupt("the file ends too early")
	} else if err != nil {
		return fmt.Errorf("reading snapshot %s: %w", r.name, err)
	}
	r.offset += int64(len(b))
	return nil
}

// maxChunk is far above what is written: one page of the largest records.
const maxChunk = 64 << 20

var chunkBuffers = sync.Pool{New: func() any { b := make([]byte, 0, chunkBytes*5/4); return &b }}

// chunks reads everything up to the end part, which it returns.
func (r *snapshotReader) chunks() (loader *shard.Loader, end []byte, err error) {
	loader = shard.NewLoader()
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	defer func() { err = errors.Join(group.Wait(), err) }()
	for n := uint32(0); ; n++ {
		at := r.offset
		head, err := r.next(chunkHead)
		if err != nil {
			return nil, nil, err
		}
		if head[0] == partEnd {
			rest, err := r.next(endSize - chunkHead)
			if err != nil {
				return nil, nil, err
			}
			if end = append(head, rest...); !sealed(end) || le.Uint32(end[4:]) != n {
				return nil, nil, r.corruptAt(at, "the end does not fit what comes before it")
			}
			return loader, end, nil
		}
		length := int(le.Uint32(head[12:]))
		if head[0] != partChunk || length > maxChunk {
			return nil, nil, r.corruptAt(at, "no part of a snapshot begins like this")
		}
		buf := chunkBuffers.Get().(*[]byte)
		*buf = append((*buf)[:0], head...)
		*buf = append(*buf, make([]byte, length+4)...)
		if err := r.fill((*buf)[chunkHead:]); err != nil {
			return nil, nil, err
		}
		decode := func() error {
			defer chunkBuffers.Put(buf)
			if !sealed(*buf) {
				return r.corruptAt(at, "the checksum of a chunk is wrong")
			}
			data := (*buf)[chunkHead : chunkHead+length]
			if err := loader.Chunk(shard.Section(head[1]), le.Uint32(head[4:]), le.Uint32(head[8:]), data); err != nil {
				return r.corruptAt(at, err.Error())
			}
			return nil
		}
		if n > 0 {
			group.Go(decode)
		} else if err := decode(); err != nil { // the lengths of everything else
			return nil, nil, err
		}
	}
}

// parallel runs parts at the same time and returns when all are done.
func parallel(parts ...func()) {
	var wait sync.WaitGroup
	for _, part := range parts {
		wait.Go(part)
	}
	wait.Wait()
}
