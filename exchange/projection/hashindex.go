package projection

// A hashIndex finds records by the hash of their key. It holds no keys, only hashes and the records' numbers: whoever
// asks compares the key with the record. It is cut into parts that grow one at a time, so that growing never stops
// the readers for long. The zero hashIndex is empty.
//
//	slot: 0, or hash (32 bits) | number of the record (32 bits, not 0); open addressing with linear probing
type hashIndex struct{ parts [256]hashPart }

type hashPart struct {
	slots []uint64 // a power of two of them, at most 3/4 used
	used  int
}

const firstSlots = 8

func (x *hashIndex) part(hash uint32) *hashPart { return &x.parts[hash>>24] }

// A probe walks over the records with one hash.
type probe struct {
	slots  []uint64
	at     uint32
	hash   uint32
	number uint32 // of the record, after next
}

func (x *hashIndex) probe(hash uint32) probe {
	return probe{slots: x.part(hash).slots, at: hash, hash: hash}
}

// next goes to the next record and reports whether there is one.
func (p *probe) next() bool {
	if len(p.slots) == 0 {
		return false
	}
	mask := uint32(len(p.slots) - 1)
	for {
		slot := p.slots[p.at&mask]
		p.at++
		if slot == 0 {
			return false
		}
		if uint32(slot>>32) == p.hash {
			p.number = uint32(slot)
			return true
		}
	}
}

func (x *hashIndex) insert(hash, number uint32) {
	p := x.part(hash)
	if p.used >= len(p.slots)/4*3 {
		p.grow()
	}
	p.used++
	p.put(uint64(hash)<<32 | uint64(number))
}

func (p *hashPart) put(slot uint64) {
	mask := uint32(len(p.slots) - 1)
	i := uint32(slot >> 32)
	for p.slots[i&mask] != 0 {
		i++
	}
	p.slots[i&mask] = slot
}

func (p *hashPart) grow() {
	old := p.slots
	p.slots = make([]uint64, max(firstSlots, 2*len(old)))
	for _, slot := range old {
		if slot != 0 {
			p.put(slot)
		}
	}
}

// remove takes a record out, which must be there.
func (x *hashIndex) remove(hash, number uint32) {
	p := x.part(hash)
	mask := uint32(len(p.slots) - 1)
	i := hash
	for p.slots[i&mask] != uint64(hash)<<32|uint64(number) {
		i++
	}
	p.used--
	p.close(i & mask)
}

// close fills the hole at i with a later slot that could as well stand there, and so on until the run ends.
func (p *hashPart) close(i uint32) {
	mask := uint32(len(p.slots) - 1)
	for j := i + 1; ; j++ {
		slot := p.slots[j&mask]
		if slot == 0 {
			break
		}
		home := uint32(slot >> 32)
		if (j-home)&mask >= (j-i)&mask {
			p.slots[i&mask] = slot
			i = j
		}
	}
	p.slots[i&mask] = 0
}
