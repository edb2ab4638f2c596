package projection

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// A wordIndex finds markets by the words of their question and outcomes. A word is a run of letters and digits in
// lower case, known by its first 8 bytes; whoever needs more compares the text.
type wordIndex struct {
	byKey   map[uint64]uint32  // word to its place in words
	words   []word             // from 1
	byStart map[[3]byte]uint32 // the newest word that begins with these bytes
	many    []marketSet        // the markets of words that are in more than one
}

type word struct {
	key    uint64 // the first 8 bytes, big-endian, filled up with 0
	older  uint32 // the word before it with the same start
	market uint32 // the only market with it, or 0
	many   uint32 // its place in wordIndex.many, if there are more
}

// A marketSet is a set of market ids: a sorted list or, where that is smaller, a bit for each id.
type marketSet struct {
	ids  []uint32
	bits []uint64 // nil while it is a list
}

const keyLen = 8

func wordKey(w []byte) (key uint64) {
	for i := range keyLen {
		key <<= 8
		if i < len(w) {
			key |= uint64(w[i])
		}
	}
	return key
}

// eachWord calls do for every word of a text, in lower case. The word is good until do returns.
func eachWord(text string, do func(word []byte)) {
	var buf [64]byte
	w := buf[:0]
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && len(w) > 0 {
			w = utf8.AppendRune(w, unicode.ToLower(r))
			continue
		}
		if len(w) > 0 {
			do(w)
			w = w[:0]
		}
	}
	if len(w) > 0 {
		do(w)
	}
}

// eachWord calls do for every word that the market can be found by.
func (m *market) eachWord(do func(word []byte)) {
	eachWord(m.question, do)
	for _, name := range m.names() {
		eachWord(name, do)
	}
}

func (x *wordIndex) add(id uint32, m *market) {
	if x.byKey == nil {
		x.byKey, x.byStart = map[uint64]uint32{}, map[[3]byte]uint32{}
		x.words, x.many = make([]word, 1), make([]marketSet, 1)
	}
	m.eachWord(func(w []byte) { x.wordOf(w).add(x, id) })
}

// wordOf returns a word, which may be new.
func (x *wordIndex) wordOf(w []byte) *word {
	key := wordKey(w)
	i, ok := x.byKey[key]
	if !ok {
		i = uint32(len(x.words))
		x.byKey[key] = i
		x.words = append(x.words, word{key: key})
		if len(w) >= 3 {
			x.words[i].older = x.byStart[[3]byte(w)]
			x.byStart[[3]byte(w)] = i
		}
	}
	return &x.words[i]
}

func (w *word) add(x *wordIndex, id uint32) {
	switch {
	case w.many != 0:
		x.many[w.many].add(id)
	case w.market == 0:
		w.market = id
	case w.market != id:
		w.many = uint32(len(x.many))
		x.many = append(x.many, marketSet{ids: []uint32{min(id, w.market), max(id, w.market)}})
		w.market = 0
	}
}

func (x *wordIndex) remove(id uint32, m *market) {
	m.eachWord(func(text []byte) {
		w := x.wordOf(text)
		if w.market == id {
			w.market = 0
		}
		if w.many != 0 {
			x.many[w.many].remove(id)
		}
	})
}

// addTo adds the markets with the word to a set of bits that has room for all markets.
func (w *word) addTo(set []uint64, x *wordIndex) {
	if w.market != 0 {
		setBit(set, w.market)
	}
	if w.many == 0 {
		return
	}
	many := &x.many[w.many]
	for i, b := range many.bits {
		set[i] |= b
	}
	for _, id := range many.ids {
		setBit(set, id)
	}
}

func setBit(set []uint64, id uint32) { set[id/64] |= 1 << (id % 64) }

func (s *marketSet) add(id uint32) {
	if s.bits != nil {
		for int(id/64) >= len(s.bits) {
			s.bits = append(s.bits, 0)
		}
		setBit(s.bits, id)
		return
	}
	if at, found := slices.BinarySearch(s.ids, id); !found {
		s.ids = slices.Insert(s.ids, at, id)
	}
	if last := s.ids[len(s.ids)-1]; len(s.ids) > 1024 && uint32(len(s.ids)) > last/32 {
		s.bits = make([]uint64, last/64+1)
		for _, id := range s.ids {
			setBit(s.bits, id)
		}
		s.ids = nil
	}
}

func (s *marketSet) remove(id uint32) {
	if s.bits != nil {
		s.bits[id/64] &^= 1 << (id % 64)
	} else if at, found := slices.BinarySearch(s.ids, id); found {
		s.ids = slices.Delete(s.ids, at, at+1)
	}
}
