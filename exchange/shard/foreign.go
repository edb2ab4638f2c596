package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/slab"
)

// An order that was accepted by another shard came here with its market and keeps its id. The slot in that id is not the
// one that it has here, and an order of this shard may have the same id in another market. So an order is known by its
// market and its id, and these few are found by an index.

// foreign finds the orders whose slot is not the one in their id.
type foreign struct {
	index slab.Index
	count int
}

func foreignHash(market exchange.MarketID, id exchange.OrderID) uint64 {
	return slab.Hash(uint64(id) ^ slab.Hash(uint64(market)))
}

// find returns the slot of a market's open order, or 0.
func (s *Shard) find(market exchange.MarketID, id exchange.OrderID) uint32 {
	if o := s.orders.Find(id); o != nil && s.marketOf(o) == market {
		return id.Slot()
	}
	if s.foreign.count == 0 {
		return 0
	}
	h := foreignHash(market, id)
	for slot, at := s.foreign.index.Find(h, 0); slot != 0; slot, at = s.foreign.index.Find(h, at+1) {
		if o := s.orders.At(slot); o.ID == id && s.marketOf(o) == market {
			return slot
		}
	}
	return 0
}

func (s *Shard) marketOf(o *book.Order) exchange.MarketID {
	return s.books.At(s.ledger.Positions.At(o.Position).Book).market
}

// noteForeign makes an order findable that lies in another slot than its id says.
func (s *Shard) noteForeign(o *book.Order, slot uint32) {
	if o.ID.Slot() != slot {
		s.foreign.index.Insert(foreignHash(s.marketOf(o), o.ID), slot)
		s.foreign.count++
	}
}

func (s *Shard) forgetForeign(o *book.Order, slot uint32) {
	s.foreign.index.Remove(foreignHash(s.marketOf(o), o.ID), slot)
	s.foreign.count--
}
