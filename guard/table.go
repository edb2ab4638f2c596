package guard

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

const ways = 8 // entries of a set

// entry is what is known of an account, a key or an address.
type entry struct {
	buckets [Classes]bucket
	boxes   [2]box // of authentication, and of everything else
	used    int64  // when it was asked for last
}

// set is the places where an entry may be. Keys stand together so that a search reads one cache line of them.
type set struct {
	mu      sync.Mutex
	keys    [ways]uint64 // 0: free
	entries [ways]entry
}

// table finds entries by key. It has a fixed size.
type table struct {
	sets    []set
	seed    uint64
	shift   uint
	taken   atomic.Int64 // places that are not free
	evicted atomic.Uint64
}

func (t *table) init(entries int, seed uint64) {
	n := max(1, entries/ways)
	log := bits.Len(uint(n - 1))
	t.sets, t.shift, t.seed = make([]set, 1<<log), uint(64-log), seed
}

// scramble spreads keys over all bits, in a way that nobody outside can foresee (the finalizer of SplitMix64).
func scramble(key, seed uint64) uint64 {
	x := key ^ seed
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// lock returns the entry of a key, which is not 0, and its set locked. A key that comes new takes a free place, or that of
// whoever was quiet for longest.
func (t *table) lock(key uint64, now int64) (*set, *entry) {
	s := &t.sets[scramble(key, t.seed)>>t.shift]
	s.mu.Lock()
	for i := range s.keys {
		if s.keys[i] == key {
			e := &s.entries[i]
			e.used = now
			return s, e
		}
	}
	i := s.place(now)
	if s.keys[i] == 0 {
		t.taken.Add(1)
	} else {
		t.evicted.Add(1)
	}
	s.keys[i], s.entries[i] = key, entry{used: now}
	return s, &s.entries[i]
}

// place is where a new entry goes: those in the penalty box stay for as long as there is anybody else.
func (s *set) place(now int64) (best int) {
	for i := range s.keys {
		if s.keys[i] == 0 {
			return i
		}
		a, b := &s.entries[i], &s.entries[best]
		if a.boxed(now) != b.boxed(now) {
			if b.boxed(now) {
				best = i
			}
		} else if a.used < b.used {
			best = i
		}
	}
	return best
}

func (e *entry) boxed(now int64) bool { return e.boxes[0].until > now || e.boxes[1].until > now }
