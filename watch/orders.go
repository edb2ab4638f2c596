package watch

import "github.com/hustings/hustings/exchange"

// orders are those that were placed last on each shard, in a ring: they come in the order of their numbers, so neighbours share
// cache lines.
type orders struct {
	room  uint64 // of a ring, a power of two
	rings []ring // by shard, from the first one on
}

type ring []order

// order is what the cancel of an order does not say. An order is known by its market and its id, because it keeps both when its
// market moves, and another one may have the same id then. It is kept small: most of what the watch costs is waiting for memory.
type order struct {
	key    uint64 // of market and id
	placed uint32 // log time in milliseconds, modulo 2³²
	state  uint32 // contracts that rest, and the side in the lowest bit
}

func (o *order) side() exchange.Side { return exchange.Side(o.state & 1) }

func (o *order) rested() uint32 { return o.state >> 1 }

// rest sets how many contracts rest.
func (o *order) rest(contracts uint32) { o.state = contracts<<1 | o.state&1 }

// newOrders has room for so many of each shard, rounded up to a power of two.
func newOrders(room int) orders {
	o := orders{room: 1}
	for o.room < uint64(room) {
		o.room *= 2
	}
	return o
}

// on returns the ring of a shard.
func (o *orders) on(shard exchange.ShardID) ring {
	for int(shard) >= len(o.rings) {
		o.rings = append(o.rings, nil)
	}
	if o.rings[shard] == nil {
		o.rings[shard] = make(ring, o.room)
	}
	return o.rings[shard]
}

func orderKey(market exchange.MarketID, id exchange.OrderID) uint64 {
	return uint64(id) ^ mix(uint64(market))
}

const millisecond = exchange.Time(1_000_000)

func (o *orders) add(at moment, id exchange.OrderID, side exchange.Side, resting uint32) {
	*o.on(at.Shard).place(id) = order{key: orderKey(at.Market, id), placed: uint32(at.now / millisecond), state: resting<<1 | uint32(side)&1}
}

// age is how long ago an order was placed, in whole milliseconds. Of one that is older than 49 days it says too little.
func (o *order) age(now exchange.Time) exchange.Time {
	return exchange.Time(uint32(now/millisecond)-o.placed) * millisecond
}

// find returns an order, or nil if it is not remembered. One that came with its market is where it was placed.
func (o *orders) find(at moment, id exchange.OrderID) *order {
	key := orderKey(at.Market, id)
	if found := o.on(at.Shard).place(id); found.key == key {
		return found
	}
	for other, r := range o.rings {
		if r != nil && other != int(at.Shard) {
			if found := r.place(id); found.key == key {
				return found
			}
		}
	}
	return nil
}

func (r ring) place(id exchange.OrderID) *order { return &r[id.Number()&uint64(len(r)-1)] }
