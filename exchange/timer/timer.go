// Package timer keeps what is due at a log time: a binary heap of records that can be taken out again by slot. It
// reads no clock; whoever has log time asks what is due.
package timer

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
)

// Kind says what a timer is for.
type Kind uint8

// Kinds of timer. Timers due at the same time come in this order, then by id.
const (
	CloseMarket   Kind = iota + 1 // ID is a market
	PayMarket                     // ID is a market
	DeadMan                       // ID is an account
	ExpireOrder                   // ID is an order, or one with number 0 that names the slot of an adopted order
	LapseProposal                 // ID is a proposal
)

// Timer is one thing to do.
type Timer struct {
	At   exchange.Time
	ID   uint64
	Kind Kind
	heap uint32 // its place in the heap; of a free record, the next free one
}

func (t *Timer) before(u *Timer) bool {
	if t.At != u.At {
		return t.At < u.At
	}
	if t.Kind != u.Kind {
		return t.Kind < u.Kind
	}
	return t.ID < u.ID
}

// Timers is a set of timers. The zero Timers is empty. It is not for concurrent use.
type Timers struct {
	Records slab.Slab[Timer]
	heap    slab.Slab[uint32] // places 1 to size: slots of records
	size    uint32
	free    uint32
}

// Add sets a timer and returns its slot.
func (s *Timers) Add(at exchange.Time, kind Kind, id uint64) uint32 {
	slot := s.free
	if slot != 0 {
		s.free = s.Records.At(slot).heap
	} else {
		slot = s.Records.Add()
	}
	*s.Records.At(slot) = Timer{At: at, ID: id, Kind: kind}
	s.push(slot)
	return slot
}

// Remove takes a timer out.
func (s *Timers) Remove(slot uint32) {
	place := s.Records.At(slot).heap
	last := *s.heap.At(s.size)
	s.size--
	if last != slot {
		s.put(place, last)
		s.up(place)
		s.down(s.Records.At(last).heap)
	}
	*s.Records.At(slot) = Timer{heap: s.free}
	s.free = slot
}

// Next returns when the first timer is due; ok is false when there is none.
func (s *Timers) Next() (at exchange.Time, ok bool) {
	if s.size == 0 {
		return 0, false
	}
	return s.Records.At(*s.heap.At(1)).At, true
}

// Due takes out the first timer if it is due.
func (s *Timers) Due(now exchange.Time) (t Timer, ok bool) {
	if s.size == 0 {
		return t, false
	}
	slot := *s.heap.At(1)
	if t = *s.Records.At(slot); t.At > now {
		return t, false
	}
	s.Remove(slot)
	return t, true
}

func (s *Timers) push(slot uint32) {
	s.size++
	if s.size == s.heap.Len() {
		s.heap.Add()
	}
	s.put(s.size, slot)
	s.up(s.size)
}

func (s *Timers) put(place, slot uint32) {
	*s.heap.At(place) = slot
	s.Records.At(slot).heap = place
}

func (s *Timers) up(place uint32) {
	slot := *s.heap.At(place)
	for place > 1 {
		parent := *s.heap.At(place / 2)
		if !s.Records.At(slot).before(s.Records.At(parent)) {
			break
		}
		s.put(place, parent)
		place /= 2
	}
	s.put(place, slot)
}

func (s *Timers) down(place uint32) {
	slot := *s.heap.At(place)
	for child := 2 * place; child <= s.size; child = 2 * place {
		if child < s.size && s.Records.At(*s.heap.At(child + 1)).before(s.Records.At(*s.heap.At(child))) {
			child++
		}
		if !s.Records.At(*s.heap.At(child)).before(s.Records.At(slot)) {
			break
		}
		s.put(place, *s.heap.At(child))
		place = child
	}
	s.put(place, slot)
}
