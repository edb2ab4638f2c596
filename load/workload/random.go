package workload

// splitMix is the SplitMix64 generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
type splitMix uint64

func (s *splitMix) next() uint64 {
	*s += 0x9E3779B97F4A7C15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below draws a number from 0 to n − 1, for n up to 2³².
func (s *splitMix) below(n uint64) uint64 { return s.next() >> 32 * n >> 32 }

// coin draws 0 or 1.
func (s *splitMix) coin() uint8 { return uint8(s.next() & 1) }
