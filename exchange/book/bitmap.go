package book

import "math/bits"

// A bitmap marks ticks 0 to 10,047 in two levels: a bit in the summary for each word that has a bit. The next marked
// tick on either side is found by looking at no more than six words, however far away it is.
type bitmap struct {
	summary [3]uint64
	words   [157]uint64
}

func (m *bitmap) set(tick uint32) {
	w := tick >> 6
	m.words[w] |= 1 << (tick & 63)
	m.summary[w>>6] |= 1 << (w & 63)
}

func (m *bitmap) clear(tick uint32) {
	w := tick >> 6
	m.words[w] &^= 1 << (tick & 63)
	if m.words[w] == 0 {
		m.summary[w>>6] &^= 1 << (w & 63)
	}
}

// below returns the greatest marked tick less than tick, or 0.
func (m *bitmap) below(tick uint32) uint32 {
	w := tick >> 6
	if word := m.words[w] & (1<<(tick&63) - 1); word != 0 {
		return w<<6 | uint32(bits.Len64(word)-1)
	}
	for s, mask := int(w>>6), uint64(1)<<(w&63)-1; s >= 0; s, mask = s-1, ^uint64(0) {
		if sum := m.summary[s] & mask; sum != 0 {
			w = uint32(s)<<6 | uint32(bits.Len64(sum)-1)
			return w<<6 | uint32(bits.Len64(m.words[w])-1)
		}
	}
	return 0
}

// above returns the least marked tick greater than tick, or 0.
func (m *bitmap) above(tick uint32) uint32 {
	w := tick >> 6
	if word := m.words[w] & (^uint64(0) << (tick & 63) << 1); word != 0 {
		return w<<6 | uint32(bits.TrailingZeros64(word))
	}
	for s, mask := w>>6, ^uint64(0)<<(w&63)<<1; s < uint32(len(m.summary)); s, mask = s+1, ^uint64(0) {
		if sum := m.summary[s] & mask; sum != 0 {
			w = s<<6 | uint32(bits.TrailingZeros64(sum))
			return w<<6 | uint32(bits.TrailingZeros64(m.words[w]))
		}
	}
	return 0
}
