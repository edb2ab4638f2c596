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
	codec.U32(c, &e.prev)
	codec.U32(c, &e.Market)
	codec.U32(c, &e.older)
	codec.U16(c, &e.place)
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

// Restore makes the entries that were read from a snapshot findable.
func (t *Table) Restore() {
	t.index.Reserve(t.count)
	for slot := uint32(1); slot < t.Entries.Len(); slot++ {
		if e := t.Entries.At(slot); e.Key != (exchange.Key{}) {
			t.index.Insert(hash(&e.Key), slot)
		}
	}
}
