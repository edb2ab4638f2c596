package projection

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A Change is a level of a book as an event has left it.
type Change struct {
	Quantity uint64 // of all orders that rest at the price; 0: the level is gone
	Market   exchange.MarketID
	Price    exchange.Price
	Outcome  exchange.Outcome
	Side     exchange.Side
}

// A Follower is told what a View folds, by the goroutine that folds. It must not keep what it is given, nor wait.
type Follower interface {
	// Folded tells of a record that every later read has seen, with each level that it changed, in the order of the events.
	Folded(now exchange.Time, first exchange.Seq, events []byte, count int, changes []Change)
	// Replaced tells that the View has become another one, which has seen seq; there are no records of what lies between.
	Replaced(seq exchange.Seq)
}

// Follow has a follower told of every record from the next one on, and returns the Seq of the last one before it.
// A View has one follower.
func (v *View) Follow(f Follower) exchange.Seq {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.follower = f
	return v.seq
}

// changed notes that the quantity at an order's price has changed.
func (v *View) changed(o *order, quantity uint64) {
	if v.follower != nil {
		v.changes = append(v.changes, Change{quantity, o.market, o.price, o.outcome, o.side})
	}
}

// A Scene is a market with all its books, at one moment.
type Scene struct {
	Seq    exchange.Seq
	Now    exchange.Time
	Moving Moving
	Market
	Depths []Depth // of each book, all levels
}

// Scene returns a market as it is; ok is false if it, or what has come or is left of it, is not here.
func (v *View) Scene(id exchange.MarketID) (s Scene, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	m := v.marketOf(id)
	if m == nil {
		return Scene{}, false
	}
	s = Scene{Seq: v.seq, Now: v.now, Moving: v.movingOf(id), Market: v.readMarket(id), Depths: make([]Depth, m.bookCount)}
	for i := range s.Depths {
		if b := v.bookAt(m, exchange.Outcome(i)); b.sides != nil {
			s.Depths[i].Bids = b.sides[exchange.Buy].read(exchange.Buy, int(exchange.One))
			s.Depths[i].Asks = b.sides[exchange.Sell].read(exchange.Sell, int(exchange.One))
		}
	}
	return s, true
}

// StandingOrders returns all open orders of an account, oldest first, and the Seq with which they were so.
func (v *View) StandingOrders(id exchange.AccountID) (all []Order, seq exchange.Seq) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.account(id) == nil {
		return nil, v.seq
	}
	for _, o := range v.newestOf(id, 0, 0, exchange.MaxOpenOrders) {
		all = append(all, v.readOrder(o))
	}
	slices.Reverse(all)
	return all, v.seq
}
