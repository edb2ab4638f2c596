// Package slab keeps records of one kind in pages, addressed by slot number. Growing never moves a record, and a
// frozen copy of the whole slab costs one pointer a page: a page is copied only when it is next touched.
//
// That is how a snapshot is taken without stopping the exchange: Freeze hands out the pages as they are, the live
// slab goes on and copies what it touches, and somebody else reads the frozen pages at leisure. Frozen pages are
// never written again, so reading them needs no lock.
package slab

const (
	pageBits = 8
	// PageSize is the number of records in a page.
	PageSize = 1 << pageBits
	pageMask = PageSize - 1
)

// Slab is a growing array of T. Slot 0 exists and is never given out, so that 0 can mean none. It is not for
// concurrent use; what Freeze returns is.
type Slab[T any] struct {
	pages  []*[PageSize]T // nil where the page is shared with frozen and was not touched since
	length uint32         // slots given out so far, slot 0 included
	frozen *Frozen[T]
	shared bool           // frozen is still being read, so its pages must be copied, not taken back
	spares []*[PageSize]T // pages that nobody refers to, not cleared
}

// Len returns one more than the greatest slot given out.
func (s *Slab[T]) Len() uint32 { return max(s.length, 1) }

// At returns the record in a slot below Len. The pointer is good for reading and writing until the next Freeze or
// Add.
func (s *Slab[T]) At(slot uint32) *T {
	p := s.pages[slot>>pageBits]
	if p == nil {
		return s.touch(slot)
	}
	return &p[uint8(slot)]
}

// Add gives out the next slot. Its record is zero.
func (s *Slab[T]) Add() uint32 {
	slot := s.Len()
	if int(slot>>pageBits) == len(s.pages) {
		p := s.newPage()
		clear(p[:])
		s.pages = append(s.pages, p)
	}
	s.length = slot + 1
	return slot
}

// Reserve makes pages for n more records ahead of time, so that giving out slots does not wait for memory.
func (s *Slab[T]) Reserve(n int) {
	for range n / PageSize {
		p := new([PageSize]T)
		clear(p[:]) // fault it in
		s.spares = append(s.spares, p)
	}
}

// SetLen makes room for slots below length, which are zero where they are new.
func (s *Slab[T]) SetLen(length uint32) {
	for uint32(len(s.pages))<<pageBits < length {
		s.pages = append(s.pages, new([PageSize]T))
	}
	s.length = length
}

func (s *Slab[T]) newPage() *[PageSize]T {
	if n := len(s.spares); n > 0 {
		p := s.spares[n-1]
		s.spares = s.spares[:n-1]
		return p
	}
	return new([PageSize]T)
}

// touch makes the page of a slot, which the frozen copy has, the live slab's own again. It stays out of line so that
// At, which is everywhere, is inlined.
//
//go:noinline
func (s *Slab[T]) touch(slot uint32) *T {
	n := slot >> pageBits
	p := s.frozen.pages[n]
	if s.shared {
		old := p
		p = s.newPage()
		*p = *old
	}
	s.pages[n] = p
	return &p[slot&pageMask]
}

// Records returns the records of slots from up to the end of their page or of the slab, to be filled in: the fast way to
// restore many.
func (s *Slab[T]) Records(from uint32) []T {
	n := min(s.Len()-from, PageSize-from&pageMask)
	s.At(from)
	return s.pages[from>>pageBits][from&pageMask:][:n]
}

// Frozen is a Slab as it was when it was frozen.
type Frozen[T any] struct {
	pages  []*[PageSize]T
	length uint32
}

// Freeze returns the slab as it is now. Only one frozen copy may exist at a time: Thaw ends it.
func (s *Slab[T]) Freeze() *Frozen[T] {
	if s.shared {
		panic("slab: frozen twice")
	}
	for n, p := range s.pages {
		if p == nil {
			s.touch(uint32(n) << pageBits)
		}
	}
	f := &Frozen[T]{pages: append([]*[PageSize]T(nil), s.pages...), length: s.Len()}
	clear(s.pages)
	s.frozen, s.shared = f, true
	return f
}

// Thaw takes the frozen copy back: nobody may read it from now on. Pages that were copied meanwhile are used again.
func (s *Slab[T]) Thaw() {
	if !s.shared {
		return
	}
	s.shared = false
	for n, p := range s.frozen.pages {
		if s.pages[n] == nil {
			s.pages[n] = p
		} else {
			s.spares = append(s.spares, p)
		}
	}
	s.frozen = nil
}

// Records returns the records of slots from up to the end of their page or of the slab, to be read only.
func (f *Frozen[T]) Records(from uint32) []T {
	n := min(f.length-from, PageSize-from&pageMask)
	return f.pages[from>>pageBits][from&pageMask:][:n]
}

// Len returns one more than the greatest slot.
func (f *Frozen[T]) Len() uint32 { return f.length }

// At returns the record in a slot below Len, to be read only.
func (f *Frozen[T]) At(slot uint32) *T { return &f.pages[slot>>pageBits][slot&pageMask] }
