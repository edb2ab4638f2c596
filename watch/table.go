package watch

// table maps keys other than 0 to values in memory that never grows. A key has four places; when all are taken, the one that
// was not used for longest gives way. Keys lie beside each other, so looking for one touches one cache line.
type table[V any] struct {
	sets   []set
	values [][ways]V
	tick   uint32
}

type set struct {
	keys [ways]uint64
	used [ways]uint32
	_    [16]byte // a cache line in all
}

const ways = 4

// newTable has room for about so many entries, rounded up to a power of two.
func newTable[V any](entries int) table[V] {
	n := 1
	for n*ways < entries {
		n *= 2
	}
	return table[V]{sets: make([]set, n), values: make([][ways]V, n)}
}

// at returns the value of a key, a zero one if it was not there. It is valid until the next call.
func (t *table[V]) at(key uint64) *V {
	t.tick++
	n := mix(key) & uint64(len(t.sets)-1)
	s := &t.sets[n]
	for i := range s.keys {
		if s.keys[i] == key {
			s.used[i] = t.tick
			return &t.values[n][i]
		}
	}
	oldest := 0
	for i := range s.used {
		if t.tick-s.used[i] > t.tick-s.used[oldest] {
			oldest = i
		}
	}
	s.keys[oldest], s.used[oldest] = key, t.tick
	v := &t.values[n][oldest]
	clear(t.values[n][oldest : oldest+1])
	return v
}

// find returns the value of a key, or nil if there is none. It is valid until the next call of at.
func (t *table[V]) find(key uint64) *V {
	n := mix(key) & uint64(len(t.sets)-1)
	for i := range t.sets[n].keys {
		if t.sets[n].keys[i] == key {
			return &t.values[n][i]
		}
	}
	return nil
}

// mix spreads the bits of a key (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
