// Package idempotency remembers the answer to every command that carried a key, so that a retry gets the first answer
// and has no second effect. It is part of the replicated state.
package idempotency

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
)

// Entry is one remembered answer.
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
	Content   uint32            // fingerprint of the command that used the key first
	next      uint32            // the entry that came after; of a free slot, the next free one
	prev      uint32            // the entry that came before
	Market    exchange.MarketID // that the command was about; 0: none
	older     uint32            // the entry of the same market that came before, if it is still there
	place     uint16            // its place in the market's chain, modulo 65,536
	Code      exchange.Reject
}

// Table holds the entries in the order in which they came. The zero Table is empty. It is not for concurrent use.
type Table struct {
	Entries      slab.Slab[Entry]
	index        slab.Index // key → entry
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

// hash is that of a key's first 8 bytes, which are as good as random unless its maker wants to be slow.
func hash(key *exchange.Key) uint64 { return slab.Hash(binary.LittleEndian.Uint64(key[:])) }

// Find returns the entry of a key, or nil.
func (t *Table) Find(key *exchange.Key) *Entry {
	h := hash(key)
	for slot, at := t.index.Find(h, 0); slot != 0; slot, at = t.index.Find(h, at+1) {
		if e := t.Entries.At(slot); e.Key == *key {
			return e
		}
	}
	return nil
}

// Touch reads the cache line that Find will need, ahead of time.
func (t *Table) Touch(key *exchange.Key) uint32 { return t.index.Touch(hash(key)) }

// Add remembers the answer to a command whose key is not in the table.
func (t *Table) Add(key *exchange.Key, content uint32, r *exchange.Reply) *Entry {
	slot := t.free
	if slot != 0 {
		t.free = t.Entries.At(slot).next
	} else {
		slot = t.Entries.Add()
	}
	e := t.Entries.At(slot)
	*e = Entry{Key: *key, Seq: r.Seq, Time: r.Time, ID: r.ID, Cost: r.Cost, Fees: uint32(r.Fees), Filled: r.Filled,
		Remaining: r.Remaining, Version: r.Version, Content: content, Code: r.Code}
	t.index.Insert(hash(key), slot)
	if e.prev = t.last; t.last != 0 {
		t.Entries.At(t.last).next = slot
	} else {
		t.oldest = slot
	}
	t.last = slot
	t.count++
	return e
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
		t.drop(slot, e)
	}
}

// Forget forgets an answer that Find has returned.
func (t *Table) Forget(e *Entry) {
	h := hash(&e.Key)
	for slot, at := t.index.Find(h, 0); slot != 0; slot, at = t.index.Find(h, at+1) {
		if t.Entries.At(slot) == e {
			t.drop(slot, e)
			return
		}
	}
}

func (t *Table) drop(slot uint32, e *Entry) {
	t.index.Remove(hash(&e.Key), slot)
	if e.prev != 0 {
		t.Entries.At(e.prev).next = e.next
	} else {
		t.oldest = e.next
	}
	if e.next != 0 {
		t.Entries.At(e.next).prev = e.prev
	} else {
		t.last = e.prev
	}
	*e = Entry{next: t.free}
	t.free = slot
	t.count--
}
