package book

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Order is a resting order, one cache line. The book owns the queue links, price, side and remaining quantity; the
// other fields belong to whoever keeps the orders (see package shard) and travel along so that a fill touches one line.
type Order struct {
	ID       exchange.OrderID // 0: the slot is free
	Hold     exchange.Money   // cash reserved for what is left
	Overpaid uint64           // fees charged beyond what is owed, in fee fractions (see package ledger)

	next, prev uint32 // the queue of the level; next also links free slots
	OwnerNext  uint32 // the account's next older order
	OwnerPrev  uint32 // the account's next newer order

	Position  uint32            // slot of the account's position in this book
	Remaining exchange.Quantity // contracts that rest, at least 1
	Filled    exchange.Quantity // contracts traded so far
	Closing   exchange.Quantity // contracts of Remaining that close a position
	Price     exchange.Price
	Side      exchange.Side
	Options   uint8  // flags and self-trade mode, for an amendment that arrives anew
	Extra     uint32 // slot of what few orders have: group, expiry, version; 0: none
}

// Opening is how many of the remaining contracts open a position.
func (o *Order) Opening() exchange.Quantity { return o.Remaining - o.Closing }

// Orders holds the resting orders of all books of a shard.
type Orders struct {
	slab.Slab[Order]
	free uint32 // last slot that became free, linked by next
	live int
}

// Live returns how many orders rest.
func (s *Orders) Live() int { return s.live }

// Reserve returns the slot that the next Take will give out, or 0 when there is no room for another order.
func (s *Orders) Reserve() uint32 {
	if s.free != 0 {
		return s.free
	}
	if s.Len() > exchange.MaxOpenOrders {
		return 0
	}
	return s.Len()
}

// Take gives out the slot that Reserve named.
func (s *Orders) Take() uint32 {
	s.live++
	if slot := s.free; slot != 0 {
		s.free = s.At(slot).next
		return slot
	}
	return s.Add()
}

// Find returns the resting order with this id, or nil.
func (s *Orders) Find(id exchange.OrderID) *Order {
	slot := id.Slot()
	if slot == 0 || slot >= s.Len() {
		return nil
	}
	if o := s.At(slot); o.ID == id {
		return o
	}
	return nil
}

// Release frees the slot of an order that has left its book.
func (s *Orders) Release(slot uint32) {
	*s.At(slot) = Order{next: s.free}
	s.free = slot
	s.live--
}

// Fields walks over an order's fields for a snapshot, queue links included.
func (o *Order) Fields(c *codec.Codec) {
	codec.U64(c, &o.ID)
	codec.U64(c, &o.Hold)
	codec.U64(c, &o.Overpaid)
	codec.U32(c, &o.next)
	codec.U32(c, &o.prev)
	codec.U32(c, &o.OwnerNext)
	codec.U32(c, &o.OwnerPrev)
	codec.U32(c, &o.Position)
	codec.U32(c, &o.Remaining)
	codec.U32(c, &o.Filled)
	codec.U32(c, &o.Closing)
	codec.U16(c, &o.Price)
	codec.U8(c, &o.Side)
	codec.U8(c, &o.Options)
	codec.U32(c, &o.Extra)
}

// Fields walks over what the set of orders keeps beside them.
func (s *Orders) Fields(c *codec.Codec) {
	live := uint32(s.live)
	codec.U32(c, &s.free)
	codec.U32(c, &live)
	s.live = int(live)
}
