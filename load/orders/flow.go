package orders

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// How orders look. They come with a mean of 50 contracts; the immediate ones take as much out of the book as the
// others, less what is cancelled, put in, so the book neither runs empty nor grows without end.
const (
	startMid       = 5_000
	lowestMid      = 300
	highestMid     = 9_700
	width          = 120 // greatest distance from the middle at which orders rest, in ticks
	restingSize    = 100
	immediateSize  = 320
	immediateShare = 6 // one order in so many is immediate
	driftShare     = 16
	newest         = 4  // orders of a trader of which one is cancelled
	mostRemembered = 64 // resting orders that a trader may still cancel
)

// market is where orders go, with a middle price that all connections move.
type market struct {
	id  api.ID
	mid atomic.Int64
}

func newMarkets(ids []api.ID) []*market {
	all := make([]*market, len(ids))
	for i, id := range ids {
		all[i] = &market{id: id}
		all[i].mid.Store(startMid)
	}
	return all
}

// trader is an account with those of its orders that may still rest.
type trader struct {
	Trader
	resting []restingOrder
}

type restingOrder struct {
	market, order api.ID
	off           int64 // from the middle when it was placed, in ticks
}

// flow decides what a connection sends.
type flow struct {
	random  *rand.Rand
	markets []*market
	traders []*trader
	cancels float64 // share of what is sent
}

// order is one to be placed.
type order struct {
	market    api.ID
	side      exchange.Side
	price     exchange.Price
	quantity  uint32
	immediate bool
	off       int64 // from the middle, in ticks; negative: beyond it
}

// someone returns a trader of this connection.
func (f *flow) someone() *trader { return f.traders[f.random.IntN(len(f.traders))] }

// cancel returns one of a trader's orders to cancel, or false when it is to place one. It takes the one that is farthest
// from the middle, of the newest: nearer ones have most likely traded, and a trader would know.
func (f *flow) cancel(t *trader) (restingOrder, bool) {
	if len(t.resting) == 0 || f.random.Float64() >= f.cancels {
		return restingOrder{}, false
	}
	i := len(t.resting) - 1
	for n := i; n >= max(0, len(t.resting)-newest); n-- {
		if t.resting[n].off > t.resting[i].off {
			i = n
		}
	}
	o := t.resting[i]
	t.resting = slices.Delete(t.resting, i, i+1)
	return o, true
}

// order returns the next order to place.
func (f *flow) order() order {
	m := f.markets[f.random.IntN(len(f.markets))]
	o := order{market: m.id, side: exchange.Side(f.random.IntN(2)), immediate: f.random.IntN(immediateShare) == 0}
	o.off = int64(1 + min(f.random.IntN(width), f.random.IntN(width)))
	size := restingSize
	if o.immediate {
		o.off, size = -width, immediateSize
	}
	mid := f.drift(m)
	o.price = exchange.Price(mid + o.off)
	if o.side == exchange.Buy {
		o.price = exchange.Price(mid - o.off)
	}
	o.quantity = uint32(1 + f.random.IntN(size))
	return o
}

// drift returns the middle of a market, and moves it now and then.
func (f *flow) drift(m *market) int64 {
	mid := m.mid.Load()
	if f.random.IntN(driftShare) == 0 {
		next := min(max(mid+int64(2*f.random.IntN(2)-1), lowestMid), highestMid)
		m.mid.CompareAndSwap(mid, next)
	}
	return mid
}

// rests remembers an order that may be cancelled later. The oldest are forgotten: they are filled by now, or far away.
func (t *trader) rests(o restingOrder) {
	if len(t.resting) == mostRemembered {
		t.resting = append(t.resting[:0], t.resting[mostRemembered/2:]...)
	}
	t.resting = append(t.resting, o)
}
