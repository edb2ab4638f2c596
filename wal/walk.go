package wal

import (
	"fmt"
	"path/filepath"

	"github.com/hustings/hustings/vfs"
)

// walk checks one segment from beginning to end.
type walk struct {
	path   string
	header segmentHeader
	do     func(Position, Record) error

	chain     chain
	lastBatch int64
	end       int64     // behind the last batch
	stop      batchKind // what is there: a seal, or nothing
	damage    *CorruptionError
	recovery  Recovery
}

// read reads the segment and compares its end with what comes after it: the next segments, or the rest of the file.
func (w *walk) read(fsys vfs.FS, following []segmentFile) error {
	file, err := fsys.Open(w.path)
	if err != nil {
		return fmt.Errorf("wal: open segment: %w", err)
	}
	defer file.Close()
	if err := w.batches(file); err != nil {
		return err
	}
	if len(following) > 0 {
		return w.compare(following[0].segmentHeader)
	}
	if w.stop == kindSealed {
		missing := segmentName(filepath.Dir(w.path), w.header.number+1)
		return &CorruptionError{missing, 0, "the segment is missing, although the one before was ended for it"}
	}
	return w.judge(file)
}

// batches reads up to the first place where there is no batch, and delivers the records.
func (w *walk) batches(file vfs.File) error {
	w.chain = newChain(w.header.encode())
	w.lastBatch, w.end = firstBatch, firstBatch
	r := segmentReader{file: file, path: w.path, number: w.header.number, offset: firstBatch, limit: w.header.size}
	for {
		h, content, damage, err := r.readBatch()
		if err != nil {
			return err
		}
		w.damage, w.stop = damage, h.kind
		if damage != nil || h.kind == 0 || h.kind == kindSealed {
			return nil //nolint:nilerr // damage is judged by what comes after it
		}
		if w.damage, err = w.records(content); err != nil {
			return err
		}
		if w.damage != nil {
			return nil //nolint:nilerr // likewise
		}
		w.lastBatch, w.end = w.end, r.offset
		w.recovery.Clean = h.kind == kindClosed
	}
}

func (w *walk) records(content []byte) (*CorruptionError, error) {
	w.chain.Write(content[:batchHeaderSize])
	position := positionOf(w.header.number, w.end)
	return forEach(content, w.path, w.end, func(header []byte, r Record) error {
		w.chain.Write(header)
		if w.do == nil {
			return nil
		}
		return w.do(position, r)
	})
}

// compare asks the segment after this one whether it really ends here. If it does, nothing behind matters.
func (w *walk) compare(next segmentHeader) error {
	if w.chain.sum() == next.previous {
		return nil
	}
	return orDamage(w.damage, w.path, w.end, "it ends here, and should not by the hash in the segment after it")
}

// judge looks for what a crash left behind the end of the log.
func (w *walk) judge(file vfs.File) error {
	end, err := judgeTail(file, w.path, w.header, w.end, w.damage)
	if err != nil || end == w.end {
		return err
	}
	w.recovery = Recovery{TornBytes: end - w.end, TornAt: positionOf(w.header.number, w.end)}
	return nil
}
