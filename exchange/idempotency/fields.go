package idempotency

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Fields walks over an entry's fields for a snapshot.
func (e *Entry) Fields(c *codec.Codec) {
	codec.Bytes16(c, (*[16]byte)(&e.Key))
	codec.U64(c, &e.Seq)
	codec.U64(c, &e.Time)
	codec.U64(c, &e.ID)
	codec.U64(c, &e.Cost)
	codec.U32(c, &e.Fees)
	codec.U32(c, &e.Filled)
	codec.U32(c, &e.Remaining)
	codec.U32(c, &e.Version)
	codec.U32(c, &e.Content)
	codec.U32(c, &e.next)
	codec.U32(c, &e.same)
	codec.U16(c, &e.Code)
}

// Fields walks over what the table keeps beside its entries.
func (t *Table) Fields(c *codec.Codec) {
	count := uint32(t.count)
	codec.U32(c, &t.oldest)
	codec.U32(c, &t.last)
	codec.U32(c, &t.free)
	codec.U32(c, &count)
	t.count = int(count)
}

// Restore makes the entries that were read from a snapshot findable. An entry that another names as older is reached
// through it.
func (t *Table) Restore() {
	t.index.Reserve(t.count)
	for slot := uint32(1); slot < t.Entries.Len(); slot++ {
		e := t.Entries.At(slot)
		if e.Key == (exchange.Key{}) {
			continue
		}
		p := prefix(&e.Key)
		switch at := t.index.Find(p); {
		case at == 0:
			t.index.Insert(p, slot)
		case t.leadsTo(slot, at):
			t.index.Replace(p, slot)
		}
	}
}

// leadsTo reports whether the chain of older entries from one leads to another.
func (t *Table) leadsTo(from, to uint32) bool {
	for slot := t.Entries.At(from).same; slot != 0; slot = t.Entries.At(slot).same {
		if slot == to {
			return true
		}
	}
	return false
}
