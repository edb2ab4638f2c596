package workload

import "slices"

// book is the plainest matcher that follows the rules of a stream. The generator needs it to know what rests, and
// tests compare faster ones with it.
type book struct {
	orders []resting // by id
	levels [MaxTick + 1]level
	best   [2]int // tick of the best level of a side, 0 if none
	live   []uint32
	tally  Tally
}

type resting struct {
	open uint32 // contracts that are left
	tick uint16
	side uint8
	at   int // index in live
}

type level struct {
	queue    []uint32 // ids, oldest first
	quantity uint64
}

func newBook() *book { return &book{orders: make([]resting, 1), tally: NewTally()} }

// place matches an order and rests what is left of it.
func (b *book) place(r Record) {
	b.orders = append(b.orders, resting{open: r.Quantity, tick: r.Tick, side: r.Side})
	o := &b.orders[r.ID]
	for o.open > 0 {
		tick := b.best[r.Side^1]
		if tick == 0 || r.Side == Buy && tick > int(r.Tick) || r.Side == Sell && tick < int(r.Tick) {
			b.rest(r.ID)
			return
		}
		b.trade(b.levels[tick].queue[0], r.ID)
	}
}

func (b *book) trade(maker, taker uint32) {
	m, t := &b.orders[maker], &b.orders[taker]
	q := min(m.open, t.open)
	m.open -= q
	t.open -= q
	b.levels[m.tick].quantity -= uint64(q)
	b.tally.Add(maker, taker, uint32(m.tick), q)
	if m.open == 0 {
		b.leave(maker)
	}
}

func (b *book) rest(id uint32) {
	o := &b.orders[id]
	l := &b.levels[o.tick]
	l.queue = append(l.queue, id)
	l.quantity += uint64(o.open)
	o.at = len(b.live)
	b.live = append(b.live, id)
	if best := b.best[o.side]; best == 0 || o.side == Buy && int(o.tick) > best || o.side == Sell && int(o.tick) < best {
		b.best[o.side] = int(o.tick)
	}
}

// cancel removes a resting order.
func (b *book) cancel(id uint32) {
	o := &b.orders[id]
	b.levels[o.tick].quantity -= uint64(o.open)
	b.leave(id)
}

// leave takes an order out of its queue and out of live, where the last one takes its place.
func (b *book) leave(id uint32) {
	o := b.orders[id]
	l := &b.levels[o.tick]
	i := slices.Index(l.queue, id)
	l.queue = slices.Delete(l.queue, i, i+1)
	last := b.live[len(b.live)-1]
	b.live[o.at] = last
	b.orders[last].at = o.at
	b.live = b.live[:len(b.live)-1]
	if len(l.queue) == 0 && b.best[o.side] == int(o.tick) {
		b.best[o.side] = b.worse(o.side, int(o.tick))
	}
}

// worse returns the next tick behind one on which a side has orders, or 0.
func (b *book) worse(side uint8, tick int) int {
	step := -1
	if side == Sell {
		step = 1
	}
	for tick += step; tick >= 1 && tick <= MaxTick; tick += step {
		if q := b.levels[tick].queue; len(q) > 0 && b.orders[q[0]].side == side {
			return tick
		}
	}
	return 0
}

// Replay matches a whole stream in the plainest way. It returns the tally of all trades, prefill included, and how
// many orders rest at the end. A cancel of an order that has left the book does nothing.
func Replay(s *Stream) (Tally, int) {
	b := newBook()
	for _, r := range s.Records {
		switch {
		case r.Kind != Cancel:
			b.place(r)
		case b.orders[r.ID].open > 0:
			b.cancel(r.ID)
			b.orders[r.ID].open = 0
		}
	}
	return b.tally, len(b.live)
}
