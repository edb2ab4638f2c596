package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hustings/hustings/journal/index"
	"github.com/hustings/hustings/vfs"
)

// index checks the index of a sealed segment, and writes it anew if it is wrong and that is wanted.
func (v *verification) index(n named, read audited) error {
	path := v.path(indexName(n.first, n.last))
	want := read.memory.Encode(read.span, v.opts.KeyVersion)
	problem, err := v.checkIndex(path, want, read.span)
	if problem == nil || err != nil {
		return err
	}
	problem.File, problem.Seq = path, n.first
	v.report.Problems = append(v.report.Problems, problem)
	if !v.opts.RepairIndexes || v.opts.Indexer == nil {
		return nil
	}
	if err := vfs.WriteFile(v.fs, path, want); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	v.report.Repaired = append(v.report.Repaired, path)
	return nil
}

func (v *verification) checkIndex(path string, want []byte, span index.Span) (*Corruption, error) {
	got, err := vfs.ReadFile(v.fs, path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Corruption{What: "the index is missing"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if v.opts.Indexer != nil {
		if bytes.Equal(got, want) {
			return nil, nil
		}
		return &Corruption{Byte: firstDifference(got, want), What: "the index is not that of its segment"}, nil
	}
	said, err := index.Check(bytes.NewReader(got), int64(len(got)))
	var damage *index.Damage
	if errors.As(err, &damage) {
		return &Corruption{Byte: damage.Byte, What: damage.What}, nil
	}
	if err == nil && said != span {
		return &Corruption{What: "the index is of another segment"}, nil
	}
	return nil, err
}

func firstDifference(a, b []byte) int64 {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int64(i)
		}
	}
	return int64(min(len(a), len(b)))
}
