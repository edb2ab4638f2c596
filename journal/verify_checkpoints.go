package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// signedHead is a checkpoint and where it was found.
type signedHead struct {
	Checkpoint
	file string
	at   int64
}

// loadCheckpoints reads and checks the texts of all checkpoints, before the events are read.
func (v *verification) loadCheckpoints() error {
	path := v.path(checkpointsName)
	content, err := vfs.ReadFile(v.fs, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s: %w", path, err)
	}
	texts, end := splitCheckpoints(content)
	for _, t := range texts {
		if err := v.take(t.text, path, t.at); err != nil {
			return err
		}
		if n := len(v.checkpoints); n > 1 && v.checkpoints[n-1].Size <= v.checkpoints[n-2].Size {
			return &Corruption{File: path, Byte: t.at, What: "a checkpoint is not greater than the one before"}
		}
	}
	if end < len(content) {
		v.report.Problems = append(v.report.Problems,
			&Corruption{File: path, Byte: int64(end), What: "a checkpoint was not written whole"})
	}
	for i, known := range v.opts.Known {
		if err := v.take(known, fmt.Sprintf("known checkpoint %d", i+1), 0); err != nil {
			return err
		}
	}
	slices.SortStableFunc(v.checkpoints, func(a, b signedHead) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

func (v *verification) take(text []byte, file string, at int64) error {
	read := merkle.ParseCheckpoint
	if v.opts.Verifier != nil {
		read = func(text []byte) (Checkpoint, error) { return merkle.OpenCheckpoint(text, v.opts.Verifier) }
	}
	c, err := read(text)
	if err != nil {
		return &Corruption{File: file, Byte: at, What: err.Error()}
	}
	v.checkpoints = append(v.checkpoints, signedHead{c, file, at})
	return nil
}

// watchNext compares the checkpoints of the size the tree has now, and has the next one looked at when its time comes.
func (v *verification) watchNext() {
	b := v.audit.builder
	for len(v.checkpoints) > 0 && v.checkpoints[0].Size == b.tree.Size() {
		c := v.checkpoints[0]
		if c.Root != b.tree.Root() && v.mismatch == nil {
			v.mismatch = &Corruption{File: c.file, Byte: c.at, Seq: uint64(v.signed) + 1,
				What: fmt.Sprintf("one or more of the events %d to %d are not those that were signed", v.signed+1, c.Size)}
		}
		v.report.Checkpoints++
		v.checkpoints = v.checkpoints[1:]
		if len(v.checkpoints) == 0 || v.checkpoints[0].Size > c.Size {
			v.signed = c.Size
		}
	}
	b.watched = -1
	if len(v.checkpoints) > 0 {
		b.watched = v.checkpoints[0].Size
	}
}
