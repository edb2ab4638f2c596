package projection

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
)

// foreign finds the open orders whose slot is not the one in their id, because another shard gave them the id: they came
// with their market. An order of this shard may have the same id in another market.
type foreign struct {
	slots hashIndex
	count int
}

func foreignHash(market exchange.MarketID, id exchange.OrderID) uint32 {
	return uint32(slab.Hash(uint64(id)^slab.Hash(uint64(market))) >> 32)
}

// find returns the slot of a market's order of this id, or 0.
func (f *foreign) find(v *View, market exchange.MarketID, id exchange.OrderID) uint32 {
	if f.count == 0 {
		return 0
	}
	for p := f.slots.probe(foreignHash(market, id)); p.next(); {
		if o := v.orders.at(p.number); o.id == id && o.market == market {
			return p.number
		}
	}
	return 0
}

// note makes an order findable, if its id does not say where it lies.
func (f *foreign) note(o *order, slot uint32) {
	if o.id.Slot() != slot {
		f.slots.insert(foreignHash(o.market, o.id), slot)
		f.count++
	}
}

// forget is the opposite of note.
func (f *foreign) forget(v *View, o *order) {
	if f.count == 0 || v.orders.get(o.id.Slot()) == o {
		return
	}
	f.slots.remove(foreignHash(o.market, o.id), v.slotOf(o))
	f.count--
}
