package watch

// table maps keys other than 0 to values in memory that never grows. A key has four places; when all are taken, the one that
// was not used for longest gives way.
type table[V any] struct {
	sets [][ways]entry[V]
	tick uint32
}

type entry[V any] struct {
	key  uint64
	used uint32
	v    V
}

const ways = 4

// newTable has room for about so many entries, rounded up to a power of two.
func newTable[V any](entries int) table[V] {
	n := 1
	for n*ways < entries {
		n *= 2
	}
	return table[V]{sets: make([][ways]entry[V], n)}
}

// at returns the value of a key, a zero one if it was not there. It is valid until the next call.
func (t *table[V]) at(key uint64) *V {
	t.tick++
	set := &t.sets[mix(key)&uint64(len(t.sets)-1)]
	for i := range set {
		if e := &set[i]; e.key == key {
			e.used = t.tick
			return &e.v
		}
	}
	oldest := 0
	for i := range set {
		if t.tick-set[i].used > t.tick-set[oldest].used {
			oldest = i
		}
	}
	set[oldest] = entry[V]{key: key, used: t.tick}
	return &set[oldest].v
}

// find returns the value of a key, or nil if there is none. It is valid until the next call of at.
func (t *table[V]) find(key uint64) *V {
	set := &t.sets[mix(key)&uint64(len(t.sets)-1)]
	for i := range set {
		if set[i].key == key {
			return &set[i].v
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
