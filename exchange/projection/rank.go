package projection

import (
	"slices"
	"sort"
)

// A rank keeps markets sorted by a key and then by their id, ascending. It is an array cut into chunks, so that
// finding a place takes two binary searches, and putting something there moves little.
type rank struct {
	chunks []*chunk
	latest item // added last: items that come in order are packed tightly
}

type item struct {
	key    uint64
	market uint32
}

const chunkLen = 256

type chunk struct {
	n       int
	keys    [chunkLen]uint64
	markets [chunkLen]uint32
}

func (a item) less(b item) bool { return a.key < b.key || a.key == b.key && a.market < b.market }

func (c *chunk) item(i int) item { return item{c.keys[i], c.markets[i]} }

// find returns where in the chunk the item is or would be.
func (c *chunk) find(it item) int {
	return sort.Search(c.n, func(i int) bool { return !c.item(i).less(it) })
}

func (c *chunk) insert(i int, it item) {
	copy(c.keys[i+1:c.n+1], c.keys[i:c.n])
	copy(c.markets[i+1:c.n+1], c.markets[i:c.n])
	c.keys[i], c.markets[i] = it.key, it.market
	c.n++
}

func (c *chunk) remove(i int) {
	copy(c.keys[i:c.n-1], c.keys[i+1:c.n])
	copy(c.markets[i:c.n-1], c.markets[i+1:c.n])
	c.n--
}

// split moves the items from i on into a new chunk.
func (c *chunk) split(i int) *chunk {
	rest := &chunk{n: c.n - i}
	copy(rest.keys[:], c.keys[i:c.n])
	copy(rest.markets[:], c.markets[i:c.n])
	c.n = i
	return rest
}

// find returns the place of the first item that is not less than it; at is 0 past the last chunk.
func (r *rank) find(it item) (chunk, at int) {
	chunk = sort.Search(len(r.chunks), func(i int) bool {
		c := r.chunks[i]
		return !c.item(c.n - 1).less(it)
	})
	if chunk < len(r.chunks) {
		at = r.chunks[chunk].find(it)
	}
	return chunk, at
}

func (r *rank) add(it item) {
	i, at := r.find(it)
	if at == 0 && i > 0 && r.chunks[i-1].n < chunkLen { // as well at the end of the chunk before
		i--
		at = r.chunks[i].n
	}
	switch {
	case at == 0 && (i == len(r.chunks) || r.chunks[i].n == chunkLen):
		r.chunks = slices.Insert(r.chunks, i, new(chunk))
	case r.chunks[i].n == chunkLen:
		middle := chunkLen / 2
		if r.chunks[i].item(at-1) == r.latest { // items come in order, and more will follow here
			middle = at
		}
		r.chunks = slices.Insert(r.chunks, i+1, r.chunks[i].split(middle))
		if at > middle {
			i, at = i+1, at-middle
		}
	}
	r.chunks[i].insert(at, it)
	r.latest = it
}

// move replaces an item, which must be there. Most often that does not change its place.
func (r *rank) move(from, to item) {
	i, at := r.find(from)
	if r.fits(i, at, to) {
		r.chunks[i].keys[at], r.chunks[i].markets[at] = to.key, to.market
		return
	}
	r.remove(from)
	r.add(to)
}

// fits reports whether an item would be in order at a place.
func (r *rank) fits(i, at int, it item) bool {
	down, up := walk{r, i, at, false}, walk{r, i, at, true}
	down.next()
	up.next()
	before, hasBefore := down.item()
	after, hasAfter := up.item()
	return !(hasBefore && !before.less(it)) && !(hasAfter && !it.less(after))
}

// remove takes an item out, which must be there.
func (r *rank) remove(it item) {
	i, at := r.find(it)
	c := r.chunks[i]
	c.remove(at)
	if c.n == 0 {
		r.chunks = slices.Delete(r.chunks, i, i+1)
		return
	}
	if i+1 < len(r.chunks) && c.n+r.chunks[i+1].n <= chunkLen/2 {
		next := r.chunks[i+1]
		copy(c.keys[c.n:], next.keys[:next.n])
		copy(c.markets[c.n:], next.markets[:next.n])
		c.n += next.n
		r.chunks = slices.Delete(r.chunks, i+1, i+2)
	}
}

// A walk goes over a rank in one direction.
type walk struct {
	rank      *rank
	chunk, at int
	up        bool
}

// walkFrom returns a walk over all items beyond it in the direction.
func (r *rank) walkFrom(it item, up bool) walk {
	chunk, at := r.find(it)
	w := walk{rank: r, chunk: chunk, at: at, up: up}
	if up {
		if got, ok := w.item(); ok && got == it {
			w.next()
		}
		return w
	}
	w.next()
	return w
}

// item returns the item that the walk is at; ok is false at the end.
func (w *walk) item() (it item, ok bool) {
	if w.chunk < 0 || w.chunk >= len(w.rank.chunks) {
		return item{}, false
	}
	return w.rank.chunks[w.chunk].item(w.at), true
}

func (w *walk) next() {
	if w.up {
		if w.at++; w.at >= w.rank.chunks[w.chunk].n {
			w.chunk, w.at = w.chunk+1, 0
		}
		return
	}
	if w.at--; w.at < 0 {
		if w.chunk--; w.chunk >= 0 {
			w.at = w.rank.chunks[w.chunk].n - 1
		}
	}
}
