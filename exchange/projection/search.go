package projection

import (
	"bytes"
	"math/bits"
)

// found are the markets that may have all the words of a search: a bit for each market id.
type found struct {
	set   []uint64
	count int
	long  [][]byte // words of the search of which the index knows only the beginning
}

func (f *found) has(id uint32) bool {
	return int(id/64) < len(f.set) && f.set[id/64]>>(id%64)&1 != 0
}

// each calls do for the markets in the order of their ids.
func (f *found) each(do func(id uint32)) {
	for i, b := range f.set {
		for ; b != 0; b &= b - 1 {
			do(uint32(i*64 + bits.TrailingZeros64(b)))
		}
	}
}

// search finds the markets that have all words of a text. Words of 3 bytes and more also match longer words that
// begin with them. A text without words finds everything, and the answer is nil.
func (v *View) search(text string) *found {
	var f *found
	eachWord(text, func(w []byte) {
		set := make([]uint64, v.lastMarket/64+1)
		v.words.match(set, w)
		if f == nil {
			f = &found{set: set}
		} else {
			for i := range f.set {
				f.set[i] &= set[i]
			}
		}
		if len(w) > keyLen {
			f.long = append(f.long, bytes.Clone(w))
		}
	})
	if f != nil {
		for _, b := range f.set {
			f.count += bits.OnesCount64(b)
		}
	}
	return f
}

// match adds every market that has a word like w to a set.
func (x *wordIndex) match(set []uint64, w []byte) {
	key := wordKey(w)
	if len(w) < 3 || len(w) >= keyLen {
		if i, ok := x.byKey[key]; ok {
			x.words[i].addTo(set, x)
		}
		return
	}
	unseen := 64 - 8*len(w)
	for i := x.byStart[[3]byte(w)]; i != 0; {
		other := &x.words[i]
		if other.key>>unseen == key>>unseen {
			other.addTo(set, x)
		}
		i = other.older
	}
}

// confirms reports whether the market has all the words of which the index knows only the beginning.
func (f *found) confirms(m *market) bool {
	for _, w := range f.long {
		has := false
		m.eachWord(func(other []byte) { has = has || bytes.HasPrefix(other, w) })
		if !has {
			return false
		}
	}
	return true
}
