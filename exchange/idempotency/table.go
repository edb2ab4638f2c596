// Package idempotency remembers the answer to every command that carried a key, so that a retry gets the first answer
// and has no second effect. It is part of the replicated state.
package idempotency

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
)

// Entry is one remembered answer, 80 bytes.
type Entry struct {
	Key       exchange.Key // zero: the slot is free
	Seq       exchange.Seq
	Time      exchange.Time
	ID        uint64
	Cost      exchange.Money
	Fees      uint32 // one command's fees are below 2³²: see exchange.OrderMatched
	Filled    exchange.Quantity
	Remaining exchange.Quantity
	Version   uint32
	Content   uint32 // fingerprint of the command that used the key first
	next      uint32 // the entry that came after; of a free slot, the next free one
	same      uint32 // an older entry whose key begins with the same 8 bytes
	Code      exchange.Reject
}

// Table holds the entries in the order in which they came. The zero Table is empty. It is not for concurrent use.
type Table struct {
	Entries      slab.Slab[Entry]
	index        slab.Index // first 8 bytes of a key → newest entry
	oldest, last uint32
	free         uint32
	count        int
}

// Reserve makes room for n answers ahead of time.
func (t *Table) Reserve(n int) {
	t.Entries.Reserve(n)
	t.index.Reserve(n)
}

// Len returns how many answers are remembered.
func (t *Table) Len() int { return t.count }

func prefix(key *exchange.Key) uint64 { return max(1, binary.LittleEndian.Uint64(key[:])) }

// Find returns the entry of a key, or nil.
func (t *Table) Find(key *exchange.Key) *Entry {
	for slot := t.index.Find(prefix(key)); slot != 0; {
		e := t.Entries.At(slot)
		if e.Key == *key {
			return e
		}
		slot = e.same
	}
	return nil
}

// Touch reads the cache line that Find will need, ahead of time.
func (t *Table) Touch(key *exchange.Key) uint64 { return t.index.Touch(prefix(key)) }

// Add remembers the answer to a command whose key is not in the table.
func (t *Table) Add(key *exchange.Key, content uint32, r *exchange.Reply) {
	slot := t.free
	if slot != 0 {
		t.free = t.Entries.At(slot).next
	} else {
		slot = t.Entries.Add()
	}
	e := t.Entries.At(slot)
	*e = Entry{Key: *key, Seq: r.Seq, Time: r.Time, ID: r.ID, Cost: r.Cost, Fees: uint32(r.Fees), Filled: r.Filled,
		Remaining: r.Remaining, Version: r.Version, Content: content, Code: r.Code}
	t.enter(slot, e)
	if t.last != 0 {
		t.Entries.At(t.last).next = slot
	} else {
		t.oldest = slot
	}
	t.last = slot
	t.count++
}

// enter makes an entry findable.
func (t *Table) enter(slot uint32, e *Entry) {
	p := prefix(&e.Key)
	if e.same = t.index.Find(p); e.same != 0 {
		t.index.Replace(p, slot)
	} else {
		t.index.Insert(p, slot)
	}
}

// First returns the answer that was given.
func (e *Entry) First() exchange.Reply {
	return exchange.Reply{Seq: e.Seq, Time: e.Time, ID: e.ID, Cost: e.Cost, Fees: exchange.Money(e.Fees),
		Filled: e.Filled, Remaining: e.Remaining, Version: e.Version, Code: e.Code}
}

// Expire forgets up to most answers that were given before a time.
func (t *Table) Expire(before exchange.Time, most int) {
	for ; most > 0 && t.oldest != 0; most-- {
		slot := t.oldest
		e := t.Entries.At(slot)
		if e.Time >= before {
			return
		}
		t.forget(slot, e)
		if t.oldest = e.next; t.oldest == 0 {
			t.last = 0
		}
		*e = Entry{next: t.free}
		t.free = slot
		t.count--
	}
}

// forget takes the oldest entry, which is the last of its chain, out of the index.
func (t *Table) forget(slot uint32, e *Entry) {
	p := prefix(&e.Key)
	at := t.index.Find(p)
	if at == slot {
		t.index.Remove(p)
		return
	}
	for {
		newer := t.Entries.At(at)
		if newer.same == slot {
			newer.same = 0
			return
		}
		at = newer.same
	}
}
