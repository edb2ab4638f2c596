package index

import (
	"fmt"
	"io"
	"sort"

	"github.com/hustings/hustings/journal/merkle"
)

// File is the index of a sealed segment. It is safe for concurrent use and holds no open file: it reads through a
// source and a cache. Errors that wrap ErrDamaged can be mended by building the index again.
type File struct {
	cache  *Cache
	source io.ReaderAt
	head   head
}

// Open reads the head of an index file. The cache must know no other file with that segment's number.
func Open(source io.ReaderAt, cache *Cache) (*File, error) {
	page := make([]byte, pageLen)
	if err := readPage(source, 0, page); err != nil {
		return nil, err
	}
	h, err := parseHead(page)
	if err != nil {
		return nil, err
	}
	return &File{cache: cache, source: source, head: h}, nil
}

// Span says which segment the index is of.
func (f *File) Span() Span { return f.head.Span }

// KeyVersion is the version of the key function that the index was made with.
func (f *File) KeyVersion() uint32 { return f.head.keyVersion }

func (f *File) read(p []byte, offset int64) error {
	return f.cache.read(f.head.Number, f.source, p, offset)
}

// Node returns a stored node; those of this segment count from 0.
func (f *File) Node(number int64) (merkle.Hash, error) {
	if number < 0 || number >= int64(f.head.nodes) {
		return merkle.Hash{}, f.damage(headLen, "node %d of %d is wanted", number, f.head.nodes)
	}
	var h merkle.Hash
	err := f.read(h[:], f.head.nodesAt()+number*nodeLen)
	return h, err
}

// MarkOfSeq returns the last mark that is not beyond a Seq of this segment.
func (f *File) MarkOfSeq(seq uint64) (Mark, error) {
	return f.lastMark(func(k Mark) bool { return k.Seq > seq })
}

// MarkBefore returns the last mark whose time is less than t, or not more if equal is set; the first one if none is.
func (f *File) MarkBefore(t int64, equal bool) (Mark, error) {
	return f.lastMark(func(k Mark) bool { return k.Time > t || k.Time == t && !equal })
}

func (f *File) lastMark(beyond func(Mark) bool) (Mark, error) {
	var failed error
	n := sort.Search(f.head.marks, func(i int) bool {
		k, err := f.mark(i)
		if err != nil {
			failed = err
		}
		return err != nil || beyond(k)
	})
	if failed != nil {
		return Mark{}, failed
	}
	return f.mark(max(n-1, 0))
}

func (f *File) mark(i int) (Mark, error) {
	var b [markLen]byte
	if err := f.read(b[:], headLen+int64(i)*markLen); err != nil {
		return Mark{}, err
	}
	return Mark{
		Seq:    f.head.FirstSeq + uint64(le.Uint32(b[:])),
		Offset: int64(le.Uint32(b[4:])),
		Time:   int64(le.Uint64(b[8:])),
	}, nil
}

// find returns where the postings of a key begin in the content, and how many there are.
func (f *File) find(key Key) (at int64, count int, err error) {
	x := mix(key)
	var block [filterLen]byte
	if err := f.read(block[:], f.head.filterAt()+int64(filterBlock(x, f.head.filterBlocks))*filterLen); err != nil {
		return 0, 0, err
	}
	if !maybeIn(block[:], x) {
		return 0, 0, nil
	}
	var entry [keyLen]byte
	low, high := 0, f.head.keys
	for low < high {
		middle := (low + high) / 2
		if err := f.read(entry[:], f.head.keysAt()+int64(middle)*keyLen); err != nil {
			return 0, 0, err
		}
		switch found := Key(le.Uint64(entry[:])); {
		case found < key:
			low = middle + 1
		case found > key:
			high = middle
		default:
			return f.head.postingsAt() + int64(le.Uint32(entry[8:])), int(le.Uint32(entry[12:])), nil
		}
	}
	return 0, 0, nil
}

// damage reports bytes that pass their checksum but make no sense. The offset is one in the content.
func (f *File) damage(offset int64, format string, args ...any) error {
	return &Damage{offset/payloadLen*pageLen + offset%payloadLen, fmt.Sprintf(format, args...)}
}
