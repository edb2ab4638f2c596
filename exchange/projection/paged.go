package projection

const (
	pageBits = 6
	pageLen  = 1 << pageBits
)

// paged is an array that grows without moving what it holds, so that a pointer to an element stays good and growing
// never stops the readers for long. Index 0 is never used by its owners: a link of 0 points nowhere.
type paged[T any] struct{ pages []*[pageLen]T }

// at returns element i, which must have been made.
func (p *paged[T]) at(i uint32) *T { return &p.pages[i>>pageBits][i%pageLen] }

// get returns element i, or nil if no element near it was ever made.
func (p *paged[T]) get(i uint32) *T {
	if page := int(i >> pageBits); page < len(p.pages) && p.pages[page] != nil {
		return &p.pages[page][i%pageLen]
	}
	return nil
}

// make returns element i, which is zero if it was not made before.
func (p *paged[T]) make(i uint32) *T {
	page := int(i >> pageBits)
	for page >= len(p.pages) {
		p.pages = append(p.pages, nil)
	}
	if p.pages[page] == nil {
		p.pages[page] = new([pageLen]T)
	}
	return &p.pages[page][i%pageLen]
}

// A store is a paged array whose elements are made one after the other and can be given back.
type store[T any] struct {
	paged[T]
	last uint32   // the greatest index in use
	free []uint32 // given back
}

// add returns a zero element and its index, from 1.
func (s *store[T]) add() (uint32, *T) {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i, s.at(i)
	}
	s.last++
	return s.last, s.make(s.last)
}

// release gives an element back.
func (s *store[T]) release(i uint32) {
	var zero T
	*s.at(i) = zero
	s.free = append(s.free, i)
}
