package journal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hustings/hustings/vfs"
)

// listing is what is in the directory of a journal.
type listing struct {
	sealed     []named // in order, each following the one before
	unsealed   []named // in order
	indexes    []named
	unfinished []string // files that were being written
}

func list(fsys vfs.FS, dir string) (listing, error) {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return listing{}, fmt.Errorf("list journal: %w", err)
	}
	var l listing
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, temporarySuffix) {
			l.unfinished = append(l.unfinished, name)
		} else if n, ok := parseName(name, segmentSuffix); ok && n.last == 0 {
			l.unsealed = append(l.unsealed, n)
		} else if ok {
			l.sealed = append(l.sealed, n)
		} else if n, ok := parseName(name, indexSuffix); ok && n.last != 0 {
			l.indexes = append(l.indexes, n)
		}
	}
	byFirst := func(a, b named) int { return cmp.Compare(a.first, b.first) }
	slices.SortFunc(l.sealed, byFirst)
	slices.SortFunc(l.unsealed, byFirst)
	return l, nil
}

// missing says where a sealed segment is missing.
func (l listing) missing(path func(string) string) error {
	next := uint64(1)
	for _, n := range l.sealed {
		if n.first != next {
			return &Corruption{
				File: path(sealedName(n.first, n.last)), Seq: next,
				What: fmt.Sprintf("the segment before it, which begins with event %d, is missing", next),
			}
		}
		next = n.last + 1
	}
	return nil
}
