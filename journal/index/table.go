package index

// table maps keys to the places of their newest postings: open addressing, no pointers, 0 stands for an empty slot.
type table struct {
	slots []slot // a power of two of them
	used  int
}

type slot struct {
	key  Key
	head uint32
}

const slotsMin = 1024

// newTable makes room for so many keys.
func newTable(keys int) table {
	n := slotsMin
	for n < keys*2 {
		n *= 2
	}
	return table{slots: make([]slot, n)}
}

func (t *table) find(key Key) uint32 { return t.slots[t.place(key)].head }

// slot returns the place of a key's head, which the caller must set if it is 0. It is good until the next call.
func (t *table) slot(key Key) *uint32 {
	if t.used*2 >= len(t.slots) {
		t.grow()
	}
	s := &t.slots[t.place(key)]
	if s.head == 0 {
		s.key = key
		t.used++
	}
	return &s.head
}

// place is where a key is or would be put.
func (t *table) place(key Key) int {
	mask := len(t.slots) - 1
	i := int(mix(key)) & mask
	for t.slots[i].head != 0 && t.slots[i].key != key {
		i = (i + 1) & mask
	}
	return i
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.head != 0 {
			t.slots[t.place(s.key)] = s
		}
	}
}
