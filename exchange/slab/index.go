package slab

import "math/bits"

// Index finds slots by the hash of a key, which lies with the slot's record: whoever looks compares the key there. It is
// a hash table cut into segments of equal size by the high bits of the hash. A full segment splits in two, so growing
// costs the same at any size: the table as a whole is never rebuilt, and whoever comes at the worst moment waits for
// 256 entries, not for a million. A lookup touches one cache line in the common case. The zero Index is empty and
// ready; slot 0 is none.
//
// A cell is 8 bytes: the slot, and 32 bits of the hash that tell most others apart and suffice to split a segment.
//
//	hash  | 24 bits: segment and tag | 32 bits: unused | 8 bits: home cell and tag |
type Index struct {
	segments []segment // by the top bits of the hash; a segment that has not split as often appears more than once
	depths   []uint8   // of each segment: how many top bits the hashes in it share
	depth    uint8     // len(segments) = 1 << depth; at most 24
}

const (
	segmentCells = 256 // so that a byte is an index and wraps round by itself
	// maxProbe is how far from its home a new entry may lie: a segment where it would lie farther is full. Counting the
	// entries instead would read a second cache line for each.
	maxProbe = 32
	maxDepth = 24
)

// segment is a slice and not a pointer to an array, because the check that a pointer is not nil would read the array's
// first cache line besides the one that is wanted.
type segment []cell

type cell struct{ tag, slot uint32 }

func newSegment() segment { return make(segment, segmentCells) }

// Hash spreads a key over 64 bits. Keys are made by the exchange, not by its users, so it needs no secret.
func Hash(key uint64) uint64 {
	hi, lo := bits.Mul64(key^0xD1B54A32D192ED03, 0x9E3779B97F4A7C15)
	return hi ^ lo
}

func tagOf(h uint64) uint32 { return uint32(h>>(64-maxDepth))<<8 | uint32(uint8(h)) }

func (x *Index) segment(h uint64) segment { return x.segments[h>>(64-x.depth)] }

// Find returns a slot that was inserted with this hash or, rarely, with a similar one, and the probe after which it was
// found: to find the next one pass that plus 1; pass 0 first. Slot 0 means that there are no more.
func (x *Index) Find(h uint64, probe uint8) (slot uint32, at uint8) {
	if x.segments == nil {
		return 0, 0
	}
	s, tag, home := x.segment(h), tagOf(h), uint8(h)
	for ; probe < segmentCells-1; probe++ {
		c := s[home+probe]
		if c.slot == 0 {
			return 0, 0
		}
		if c.tag == tag {
			return c.slot, probe
		}
	}
	return 0, 0
}

// Touch reads the cache line where Find will begin to look, without deciding anything: many such reads go on at once.
func (x *Index) Touch(h uint64) uint32 {
	if x.segments == nil {
		return 0
	}
	return x.segment(h)[uint8(h)].slot
}

// Reserve makes an empty index large enough for n keys ahead of time.
func (x *Index) Reserve(n int) {
	if x.segments != nil {
		return
	}
	for n > segmentCells*5/8<<x.depth && x.depth < maxDepth {
		x.depth++
	}
	x.segments, x.depths = make([]segment, 1<<x.depth), make([]uint8, 1<<x.depth)
	for i := range x.segments {
		x.segments[i], x.depths[i] = newSegment(), x.depth
		clear(x.segments[i]) // fault it in
	}
}

// Insert adds a slot that is not there.
func (x *Index) Insert(h uint64, slot uint32) {
	if x.segments == nil {
		x.segments, x.depths = []segment{newSegment()}, []uint8{0}
	}
	c := cell{tagOf(h), slot}
	for s := x.segment(h); !s.put(c, maxProbe); s = x.segment(h) {
		if x.depths[h>>(64-x.depth)] == maxDepth {
			s.put(c, segmentCells-1)
			return
		}
		x.split(h)
	}
}

// put enters a cell unless there is no room within so many cells from its home.
func (s segment) put(c cell, within uint8) bool {
	home := uint8(c.tag)
	for i := range within {
		if at := &s[home+i]; at.slot == 0 {
			*at = c
			return true
		}
	}
	return false
}

// split shares the entries of the segment in which h lies out over two, by one more bit of their hashes.
func (x *Index) split(h uint64) {
	if depth := x.depths[h>>(64-x.depth)]; depth == x.depth {
		x.widen()
	}
	at := h >> (64 - x.depth)
	depth := x.depths[at]
	halves := [2]segment{newSegment(), newSegment()}
	for _, c := range x.segments[at] {
		if c.slot != 0 {
			halves[c.tag>>(31-depth)&1].put(c, segmentCells-1)
		}
	}
	span := 1 << (x.depth - depth) // entries of the directory that are this segment
	first := int(at) &^ (span - 1)
	for i := range span {
		x.segments[first+i], x.depths[first+i] = halves[i*2/span], depth+1
	}
}

// widen doubles the directory.
func (x *Index) widen() {
	segments, depths := make([]segment, 2*len(x.segments)), make([]uint8, 2*len(x.segments))
	for i := range x.segments {
		segments[2*i], segments[2*i+1] = x.segments[i], x.segments[i]
		depths[2*i], depths[2*i+1] = x.depths[i], x.depths[i]
	}
	x.segments, x.depths, x.depth = segments, depths, x.depth+1
}

// Remove forgets a slot that was inserted with this hash.
func (x *Index) Remove(h uint64, slot uint32) {
	s := x.segment(h)
	i := uint8(h)
	for s[i].slot != slot {
		i++
	}
	// Move entries back over the gap, so that each can still be reached from where its hash points.
	for j := i + 1; s[j].slot != 0 && j != i; j++ {
		if home := uint8(s[j].tag); j-home >= j-i {
			s[i] = s[j]
			i = j
		}
	}
	s[i] = cell{}
}
