package index

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Encode returns the file of a complete segment's index. The same segment and keys give the same bytes.
func (m *Memory) Encode(span Span, keyVersion uint32) []byte {
	m.mu.RLock()
	defer m.mu.RUnlock()
	keys := m.heads.sorted()
	seqs, ends := m.byKey(keys)
	bits := newFilter(len(keys))
	directory := make([]byte, 0, len(keys)*keyLen)
	lists := make([]byte, 0, 3*len(seqs))
	from := uint32(0)
	for i, k := range keys {
		bits.add(k.key)
		directory = le.AppendUint64(directory, uint64(k.key))
		directory = le.AppendUint32(directory, uint32(len(lists)))
		directory = le.AppendUint32(directory, ends[i]-from)
		lists = appendPostings(lists, seqs[from:ends[i]])
		from = ends[i]
	}
	h := head{
		Span: span, keyVersion: keyVersion, marks: len(m.marks), nodes: len(m.nodes),
		filterBlocks: len(bits) / filterLen, keys: len(keys), postings: len(lists),
	}
	content := make([]byte, 0, h.end())
	content = h.append(content)
	content = m.appendMarks(content)
	for _, node := range m.nodes {
		content = append(content, node[:]...)
	}
	content = append(content, bits...)
	content = append(content, directory...)
	content = append(content, lists...)
	return paged(content)
}

func (t *table) sorted() []slot {
	keys := make([]slot, 0, t.used)
	for _, s := range t.slots {
		if s.head != 0 {
			keys = append(keys, s)
		}
	}
	slices.SortFunc(keys, func(a, b slot) int { return cmp.Compare(a.key, b.key) })
	return keys
}

// byKey returns the Seqs of all postings, grouped by key in the order of keys and ascending within each group, and
// where each group ends. It goes over the postings in order, twice, instead of following one chain after the other,
// where each step would have to wait for memory.
func (m *Memory) byKey(keys []slot) (seqs, ends []uint32) {
	ids := make([]uint32, len(m.postings)) // of the key of each posting, in the order in which keys first appear
	counts := make([]uint32, 0, len(keys)) // by id
	for i, p := range m.postings[1:] {
		id := uint32(len(counts))
		if p.previous != 0 {
			id = ids[p.previous]
			counts[id]++
		} else {
			counts = append(counts, 1)
		}
		ids[i+1] = id
	}
	ends = make([]uint32, len(keys))
	next := make([]uint32, len(keys)) // place of the next Seq, by id
	total := uint32(0)
	for i, k := range keys {
		id := ids[k.head]
		next[id] = total
		total += counts[id]
		ends[i] = total
	}
	seqs = make([]uint32, total)
	for i, p := range m.postings[1:] {
		id := ids[i+1]
		seqs[next[id]] = p.seq
		next[id]++
	}
	return seqs, ends
}

func (m *Memory) appendMarks(b []byte) []byte {
	for _, k := range m.marks {
		b = le.AppendUint32(b, uint32(k.Seq-m.firstSeq))
		b = le.AppendUint32(b, uint32(k.Offset))
		b = le.AppendUint64(b, uint64(k.Time))
	}
	return b
}

func appendPostings(b []byte, seqs []uint32) []byte {
	blocks := (len(seqs) + blockPosts - 1) / blockPosts
	if blocks == 1 {
		return appendBlock(b, seqs)
	}
	start := len(b)
	b = append(b, make([]byte, blocks*blockHead)...)
	for i := range blocks {
		from := i * blockPosts
		le.PutUint32(b[start+i*blockHead:], seqs[from])
		le.PutUint32(b[start+i*blockHead+4:], uint32(len(b)-start))
		b = appendBlock(b, seqs[from:min(from+blockPosts, len(seqs))])
	}
	return b
}

func appendBlock(b []byte, seqs []uint32) []byte {
	previous := uint32(0)
	for _, seq := range seqs {
		b = binary.AppendUvarint(b, uint64(seq-previous))
		previous = seq
	}
	return b
}
