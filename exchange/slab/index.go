package slab

import "math/bits"

// Index finds slots by key; neither is ever 0. It is a hash table cut into segments of equal size by the high bits of
// the hash. A full segment splits in two, so growing costs the same at any size: the table as a whole is never
// rebuilt, and whoever comes at the worst moment waits for 256 entries, not for a million. A lookup touches one cache
// line in the common case. The zero Index is empty and ready.
type Index struct {
	segments []*segment // by the top bits of the hash; a segment that has not split as often appears more than once
	depth    uint8      // len(segments) = 1 << depth
}

const (
	segmentCells = 256 // so that a byte is an index and wraps round by itself
	// maxProbe is how far from its home a new entry may lie: a segment where it would lie farther is full. Counting the
	// entries instead would read a second cache line for each.
	maxProbe = 32
)

type segment struct {
	cells [segmentCells]cell
	depth uint8 // how many top bits the hashes in here share
}

type cell struct {
	key  uint64
	slot uint32
}

// mix spreads a key over 64 bits. Keys are made by the exchange, not by its users, so it needs no secret.
func mix(key uint64) uint64 {
	hi, lo := bits.Mul64(key^0xD1B54A32D192ED03, 0x9E3779B97F4A7C15)
	return hi ^ lo
}

// Reserve makes an empty index large enough for n keys ahead of time.
func (x *Index) Reserve(n int) {
	if x.segments != nil {
		return
	}
	for n > segmentCells*5/8<<x.depth {
		x.depth++
	}
	x.segments = make([]*segment, 1<<x.depth)
	for i := range x.segments {
		x.segments[i] = &segment{depth: x.depth}
		clear(x.segments[i].cells[:]) // fault it in
	}
}

func (x *Index) segment(h uint64) *segment { return x.segments[h>>(64-x.depth)] }

// Find returns the slot of a key, or 0.
func (x *Index) Find(key uint64) uint32 {
	if x.segments == nil {
		return 0
	}
	h := mix(key)
	s := x.segment(h)
	for i := range uint8(segmentCells - 1) {
		switch c := &s.cells[uint8(h)+i]; c.key {
		case key:
			return c.slot
		case 0:
			return 0
		}
	}
	return 0
}

// Touch reads the cache line where Find will begin to look, without deciding anything: many such reads go on at once.
func (x *Index) Touch(key uint64) uint64 {
	if x.segments == nil {
		return 0
	}
	h := mix(key)
	return x.segment(h).cells[uint8(h)].key
}

// Insert adds a key that is not there.
func (x *Index) Insert(key uint64, slot uint32) {
	if x.segments == nil {
		x.segments = []*segment{new(segment)}
	}
	h := mix(key)
	for s := x.segment(h); !s.put(h, key, slot, maxProbe); s = x.segment(h) {
		x.split(s, h)
	}
}

// put enters a key unless there is no room within so many cells from its home.
func (s *segment) put(h, key uint64, slot uint32, within uint8) bool {
	for i := range within {
		if c := &s.cells[uint8(h)+i]; c.key == 0 {
			*c = cell{key, slot}
			return true
		}
	}
	return false
}

// split shares the entries of the segment in which h lies out over two, by one more bit of their hashes.
func (x *Index) split(s *segment, h uint64) {
	if s.depth == x.depth {
		wider := make([]*segment, 2*len(x.segments))
		for i, s := range x.segments {
			wider[2*i], wider[2*i+1] = s, s
		}
		x.segments, x.depth = wider, x.depth+1
	}
	halves := [2]*segment{{depth: s.depth + 1}, {depth: s.depth + 1}}
	for _, c := range s.cells {
		if c.key != 0 {
			kh := mix(c.key)
			halves[kh>>(63-s.depth)&1].put(kh, c.key, c.slot, segmentCells-1)
		}
	}
	span := 1 << (x.depth - s.depth) // entries of the directory that point at s
	first := int(h>>(64-x.depth)) &^ (span - 1)
	for i := range span {
		x.segments[first+i] = halves[i*2/span]
	}
}

// Replace gives a key that is there another slot.
func (x *Index) Replace(key uint64, slot uint32) {
	h := mix(key)
	s := x.segment(h)
	i := uint8(h)
	for s.cells[i].key != key {
		i++
	}
	s.cells[i].slot = slot
}

// Remove forgets a key that is there.
func (x *Index) Remove(key uint64) {
	h := mix(key)
	s := x.segment(h)
	i := uint8(h)
	for s.cells[i].key != key {
		i++
	}
	// Move entries back over the gap, so that each can still be reached from where its hash points.
	for j := i + 1; s.cells[j].key != 0 && j != i; j++ {
		if home := uint8(mix(s.cells[j].key)); j-home >= j-i {
			s.cells[i] = s.cells[j]
			i = j
		}
	}
	s.cells[i] = cell{}
}
