package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/slab"
)

// extra is what few orders have, beside their cache line: those in a group, with an expiry, amended or doomed elsewhere.
type extra struct {
	expireAt exchange.Time
	timer    uint32 // slot of the expiry's timer
	group    exchange.GroupID
	version  uint32 // 0: the slot is free, or 1 in an order without extra
	next     uint32 // of a free slot, the next free one
	came     uint32 // of an order in a group: accepted, or how often the group had been cancelled here when it came, from 1 on
	doomed   bool   // it was when its market came here
}

type extras struct {
	slab.Slab[extra]
	free uint32
}

func (s *extras) take() uint32 {
	slot := s.free
	if slot != 0 {
		s.free = s.At(slot).next
	} else {
		slot = s.Add()
	}
	*s.At(slot) = extra{version: 1}
	return slot
}

func (s *extras) release(slot uint32) {
	*s.At(slot) = extra{next: s.free}
	s.free = slot
}

// extraOf returns what the order has beside its line; the zero extra of version 1 where it has nothing.
func (s *Shard) extraOf(o *book.Order) extra {
	if o.Extra == 0 {
		return extra{version: 1}
	}
	return *s.extras.At(o.Extra)
}

// Options of a resting order: flags in the low bits, self-trade mode above.
const selfTradeShift = 4

func packOptions(flags exchange.OrderFlags, mode exchange.SelfTrade) uint8 {
	return uint8(flags) | uint8(mode)<<selfTradeShift
}

func unpackOptions(o uint8) (exchange.OrderFlags, exchange.SelfTrade) {
	return exchange.OrderFlags(o & (1<<selfTradeShift - 1)), exchange.SelfTrade(o >> selfTradeShift)
}
