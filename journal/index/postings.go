package index

import (
	"encoding/binary"
	"slices"
	"sort"
)

// list is the postings of one key in a file.
type list struct {
	file  *File
	at    int64 // where they begin in the content
	count int
	block []uint64       // the Seqs of the block read last
	bytes [blockMax]byte // and its bytes
}

// blockMax is what a block of postings takes at most.
const blockMax = blockPosts * binary.MaxVarintLen32

func (f *File) list(key Key) (*list, error) {
	at, count, err := f.find(key)
	if err != nil || count == 0 {
		return nil, err
	}
	return &list{file: f, at: at, count: count}, nil
}

func (l *list) blocks() int { return (l.count + blockPosts - 1) / blockPosts }

// first returns the first Seq of a block and where the block begins.
func (l *list) first(i int) (seq uint64, at int64, err error) {
	if l.blocks() == 1 {
		return 0, l.at, nil
	}
	var b [blockHead]byte
	if err := l.file.read(b[:], l.at+int64(i)*blockHead); err != nil {
		return 0, 0, err
	}
	return l.file.head.FirstSeq + uint64(le.Uint32(b[:])), l.at + int64(le.Uint32(b[4:])), nil
}

// read decodes a block.
func (l *list) read(i int) ([]uint64, error) {
	_, at, err := l.first(i)
	if err != nil {
		return nil, err
	}
	rest := l.bytes[:min(blockMax, max(0, l.file.head.end()-at))]
	if err := l.file.read(rest, at); err != nil {
		return nil, err
	}
	l.block = l.block[:0]
	seq := l.file.head.FirstSeq
	for range min(blockPosts, l.count-i*blockPosts) {
		delta, n := binary.Uvarint(rest)
		seq += delta
		if n <= 0 || seq > l.file.head.LastSeq {
			return nil, l.file.damage(at, "a block of postings does not make sense")
		}
		rest = rest[n:]
		l.block = append(l.block, seq)
	}
	return l.block, nil
}

// search returns the first block that begins at or beyond a Seq; blocks() if none does.
func (l *list) search(seq uint64) (int, error) {
	var failed error
	n := sort.Search(l.blocks(), func(i int) bool {
		first, _, err := l.first(i)
		if err != nil {
			failed = err
		}
		return err != nil || first >= seq
	})
	return n, failed
}

// Newest visits the Seqs of a key that are less than before, newest first, until visit returns false.
func (f *File) Newest(key Key, before uint64, visit func(seq uint64) bool) error {
	l, err := f.list(key)
	if err != nil || l == nil {
		return err
	}
	last, err := l.search(before)
	if err != nil {
		return err
	}
	for i := last - 1; i >= 0; i-- {
		block, err := l.read(i)
		if err != nil {
			return err
		}
		for _, seq := range slices.Backward(block) {
			if seq < before && !visit(seq) {
				return nil
			}
		}
	}
	return nil
}

// Oldest visits the Seqs of a key that are greater than after, oldest first, until visit returns false.
func (f *File) Oldest(key Key, after uint64, visit func(seq uint64) bool) error {
	l, err := f.list(key)
	if err != nil || l == nil {
		return err
	}
	next, err := l.search(after + 1)
	if err != nil {
		return err
	}
	for i := max(next-1, 0); i < l.blocks(); i++ {
		block, err := l.read(i)
		if err != nil {
			return err
		}
		for _, seq := range block {
			if seq > after && !visit(seq) {
				return nil
			}
		}
	}
	return nil
}
