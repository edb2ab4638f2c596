package index

import (
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/hustings/hustings/journal/merkle"
)

// Memory is the index of the segment that grows. One goroutine adds to it while others read.
type Memory struct {
	firstSeq uint64

	mu       sync.RWMutex
	heads    table
	postings []posting // from 1; what was appended never changes
	marks    []Mark
	nodes    []merkle.Hash
}

// posting is an event of a key and the place of the same key's posting before it, 0 if there is none.
type posting struct {
	seq      uint32 // minus first Seq
	previous uint32
}

// NewMemory returns an empty index. With the index of the segment before it can make room for as much again.
func NewMemory(firstSeq uint64, before *Memory) *Memory {
	m := &Memory{firstSeq: firstSeq}
	keys := 0
	if before != nil {
		keys = before.heads.used
		m.postings = make([]posting, 0, len(before.postings)+len(before.postings)/8)
		m.marks = make([]Mark, 0, len(before.marks)+len(before.marks)/8)
		m.nodes = make([]merkle.Hash, 0, len(before.nodes)+64)
	}
	m.heads = newTable(keys)
	m.postings = append(m.postings, posting{})
	return m
}

// Entry is an event and a key it is to be found by.
type Entry struct {
	Seq uint64
	Key Key
}

// Add takes in a record: its mark, unless it is close behind the one before, the keys of its events, ascending by
// Seq, and the nodes it completed. An event may name a key twice.
func (m *Memory) Add(mark Mark, entries []Entry, nodes []merkle.Hash) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.marks) == 0 || mark.Offset-m.marks[len(m.marks)-1].Offset >= markEvery {
		m.marks = append(m.marks, mark)
	}
	for _, e := range entries {
		m.post(e.Key, uint32(e.Seq-m.firstSeq))
	}
	m.nodes = append(m.nodes, nodes...)
}

// markEvery is how far apart in the segment marks are at least, bytes.
const markEvery = 8 << 10

func (m *Memory) post(key Key, seq uint32) {
	head := m.heads.slot(key)
	if *head != 0 && m.postings[*head].seq == seq {
		return
	}
	m.postings = append(m.postings, posting{seq: seq, previous: *head})
	*head = uint32(len(m.postings) - 1)
}

// chain returns the postings as they are now and the newest one of a key.
func (m *Memory) chain(key Key) ([]posting, uint32) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.postings, m.heads.find(key)
}

// Newest visits the Seqs of a key that are less than before, newest first, until visit returns false.
func (m *Memory) Newest(key Key, before uint64, visit func(seq uint64) bool) error {
	postings, at := m.chain(key)
	for ; at != 0; at = postings[at].previous {
		seq := m.firstSeq + uint64(postings[at].seq)
		if seq < before && !visit(seq) {
			return nil
		}
	}
	return nil
}

// Oldest visits the Seqs of a key that are greater than after, oldest first, until visit returns false.
func (m *Memory) Oldest(key Key, after uint64, visit func(seq uint64) bool) error {
	var seqs []uint64
	postings, at := m.chain(key)
	for ; at != 0; at = postings[at].previous {
		seq := m.firstSeq + uint64(postings[at].seq)
		if seq <= after {
			break
		}
		seqs = append(seqs, seq)
	}
	for _, seq := range slices.Backward(seqs) {
		if !visit(seq) {
			return nil
		}
	}
	return nil
}

// MarkOfSeq returns the last mark that is not beyond a Seq of this segment.
func (m *Memory) MarkOfSeq(seq uint64) (Mark, error) {
	return m.lastMark(func(k Mark) bool { return k.Seq > seq }), nil
}

// MarkBefore returns the last mark whose time is less than t, or not more if equal is set; the first one if none is.
func (m *Memory) MarkBefore(t int64, equal bool) (Mark, error) {
	return m.lastMark(func(k Mark) bool { return k.Time > t || k.Time == t && !equal }), nil
}

// lastMark returns the mark before the first one that is beyond, or the first one. There must be one.
func (m *Memory) lastMark(beyond func(Mark) bool) Mark {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := sort.Search(len(m.marks), func(i int) bool { return beyond(m.marks[i]) })
	return m.marks[max(n-1, 0)]
}

// Node returns a stored node; those of this segment count from 0.
func (m *Memory) Node(number int64) (merkle.Hash, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if number < 0 || number >= int64(len(m.nodes)) {
		return merkle.Hash{}, fmt.Errorf("node %d of %d in memory is wanted", number, len(m.nodes))
	}
	return m.nodes[number], nil
}
