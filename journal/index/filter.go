package index

// filter is a Bloom filter in blocks of 512 bits, so that asking for a key reads one block.
type filter []byte

// newFilter makes room for so many keys at 12 bits each: about 1 in 300 absent keys passes.
func newFilter(keys int) filter { return make(filter, (keys*12/512+1)*filterLen) }

func (f filter) add(key Key) {
	x := mix(key)
	block := f[filterBlock(x, len(f)/filterLen)*filterLen:]
	setFilterBits(block, x)
}

// filterBlock is the block of a mixed key among so many.
func filterBlock(x uint64, blocks int) int { return int(x >> 32 * uint64(blocks) >> 32) }

func setFilterBits(block []byte, x uint64) {
	x *= 0x9E3779B97F4A7C15
	for range 6 {
		bit := x & 511
		block[bit/8] |= 1 << (bit % 8)
		x >>= 9
	}
}

// maybeIn says false if the key was never added to the block.
func maybeIn(block []byte, x uint64) bool {
	x *= 0x9E3779B97F4A7C15
	for range 6 {
		bit := x & 511
		if block[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
		x >>= 9
	}
	return true
}
