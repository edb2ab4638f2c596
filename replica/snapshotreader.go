package replica

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/exchange/shard"
)

// snapshotReader reads the parts of a snapshot file. Parts are checked and taken apart by other goroutines while the
// next ones are read.
type snapshotReader struct {
	name   string
	rules  int
	in     io.Reader
	offset int64 // of what is read next
	loader *shard.Loader
	stats  []byte

	members Members
}

func (r *snapshotReader) corrupt(reason string) error { return r.corruptAt(r.offset, reason) }

func (r *snapshotReader) corruptAt(offset int64, reason string) error {
	return &CorruptSnapshot{File: r.name, Offset: offset, Reason: reason}
}

// next reads n bytes.
func (r *snapshotReader) next(n int) ([]byte, error) {
	b := make([]byte, n)
	return b, r.fill(b, r.offset)
}

// fill reads what belongs to the part that begins at an offset.
func (r *snapshotReader) fill(b []byte, part int64) error {
	if _, err := io.ReadFull(r.in, b); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.corruptAt(part, "the file ends too early")
	} else if err != nil {
		return fmt.Errorf("reading snapshot %s: %w", r.name, err)
	}
	r.offset += int64(len(b))
	return nil
}

// maxPart is far above what is written: one page of the largest records.
const maxPart = 64 << 20

var partBuffers = sync.Pool{New: func() any { b := make([]byte, 0, chunkBytes*5/4); return &b }}

// parts reads everything up to the end part, which it returns.
func (r *snapshotReader) parts() (end []byte, err error) {
	r.loader = shard.NewLoader()
	r.loader.Support(r.rules)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	defer func() { err = errors.Join(group.Wait(), err) }()
	for n := uint32(0); ; n++ {
		at := r.offset
		head, err := r.next(partHead)
		if err != nil {
			return nil, err
		}
		if head[0] == partEnd {
			return r.end(head, at, n)
		}
		length := int(le.Uint32(head[12:]))
		if head[0] != partChunk && head[0] != partStatistics && head[0] != partMembers || length > maxPart {
			return nil, r.corruptAt(at, "no part of a snapshot begins like this")
		}
		buf := partBuffers.Get().(*[]byte)
		*buf = slices.Grow((*buf)[:0], partHead+length+4)[:partHead+length+4]
		copy(*buf, head)
		if err := r.fill((*buf)[partHead:], at); err != nil {
			return nil, err
		}
		decode := func() error {
			defer partBuffers.Put(buf)
			return r.part(*buf, at)
		}
		if n > 0 && head[0] == partChunk {
			group.Go(decode)
		} else if err := decode(); err != nil { // the lengths of everything else come first; pieces stay in order
			return nil, err
		}
	}
}

// part checks a part and takes it apart.
func (r *snapshotReader) part(b []byte, at int64) error {
	if !sealed(b) {
		return r.corruptAt(at, "the checksum of a part is wrong")
	}
	data := b[partHead : len(b)-4]
	switch b[0] {
	case partStatistics:
		r.stats = append(r.stats, data...)
		return nil
	case partMembers:
		var err error
		if r.members, err = readMembers(data); err != nil {
			return r.corruptAt(at, err.Error())
		}
		return nil
	}
	if err := r.loader.Chunk(shard.Section(b[1]), le.Uint32(b[4:]), le.Uint32(b[8:]), data); errors.As(err, new(*shard.RulesError)) {
		return fmt.Errorf("reading snapshot %s: %w", r.name, err) // it is whole, and for a later version
	} else if err != nil {
		return r.corruptAt(at, err.Error())
	}
	return nil
}

// end reads the end part, which must count n parts before it.
func (r *snapshotReader) end(head []byte, at int64, n uint32) ([]byte, error) {
	rest, err := r.next(endSize - partHead)
	if err != nil {
		return nil, err
	}
	end := append(head, rest...)
	if !sealed(end) || le.Uint32(end[4:]) != n {
		return nil, r.corruptAt(at, "the end does not fit what comes before it")
	}
	return end, nil
}

// parallel runs parts at the same time and returns when all are done.
func parallel(parts ...func()) {
	var wait sync.WaitGroup
	for _, part := range parts {
		wait.Go(part)
	}
	wait.Wait()
}
