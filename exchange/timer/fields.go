package timer

import "github.com/hustings/hustings/exchange/wire/codec"

// Fields walks over a timer's fields for a snapshot.
func (t *Timer) Fields(c *codec.Codec) {
	codec.U64(c, &t.At)
	codec.U64(c, &t.ID)
	codec.U8(c, &t.Kind)
	codec.U32(c, &t.heap)
}

// Fields walks over what the set keeps beside its timers.
func (s *Timers) Fields(c *codec.Codec) {
	codec.U32(c, &s.size)
	codec.U32(c, &s.free)
}

// Restore builds the heap of timers that were read from a snapshot: each record says where in it it was.
func (s *Timers) Restore() {
	s.heap.SetLen(s.size + 1)
	for slot := uint32(1); slot < s.Records.Len(); slot++ {
		if t := s.Records.At(slot); t.Kind != 0 {
			*s.heap.At(t.heap) = slot
		}
	}
}
