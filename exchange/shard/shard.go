// Package shard is the deterministic state machine of a shard: batches of commands go in, events and replies come
// out. It owns the books, the ledger, the markets and the table of idempotency keys, and it is the only place where
// they meet.
//
// It is pure. It reads no clock: log time comes with each batch. It does no I/O, starts no goroutine, uses no floating
// point and no randomness, and ranges over no map. The same batches give the same events, replies and state, on every
// replica and in every replay.
//
// The work of a command is bounded by what it touches. What could touch much (cancelling everything of an account or a
// market, expiring orders, settling, voiding) takes effect at once and is worked off in steps at the end of this and
// the following batches; Backlog says whether steps are left.
//
// Where to read on: apply.go (a batch), place.go and match.go (an order), cancel.go, amend.go, sweep.go (steps),
// resolve.go and void.go (the end of a market), transfer.go, move.go and adopt.go (other shards), approval.go (acts
// that need two operators), rules.go, invariant.go, snapshot.go.
package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/idempotency"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/part"
	"github.com/hustings/hustings/exchange/slab"
	"github.com/hustings/hustings/exchange/timer"
)

// DefaultMaxOpenOrders is how many orders an account may have open unless the operator says otherwise.
const DefaultMaxOpenOrders = 200_000

// KeyLifetime is how long an idempotency key is remembered, in log time.
const KeyLifetime = exchange.Duration(24 * 3600e9)

// Shard is the state of one shard. It is not for concurrent use, but for what Freeze returns.
type Shard struct {
	now exchange.Time
	seq exchange.Seq

	orders  book.Orders
	number  uint64 // orders accepted so far
	extras  extras
	foreign foreign
	books   slab.Slab[outcomeBook]
	ledger  ledger.Ledger
	markets slab.Slab[market.Market] // slot = MarketID
	groups  slab.Slab[group]         // slot = GroupID
	counted slab.Slab[counted]       // what other shards have told of groups
	timers  timer.Timers
	keys    idempotency.Table
	names   names
	outbox  outbox

	placement placement
	halted    bool // no orders are taken
	approval  approval

	rules     uint32 // version of the rules that hold
	supported uint32 // the greatest version that Apply knows; not part of the state
	asked     uint32 // a greater one that the log has asked for; 0: none

	frozen []exchange.MarketID // markets on their way; derived from the markets

	sweeps queue[exchange.AccountID] // accounts with doomed orders, to be worked off in this order
	work   queue[exchange.MarketID]  // markets with steps to do, likewise

	drift exchange.Money // what the totals were off when the market at fault was halted
	sign  exchange.Money // negative once a balance that the command touched is
	out   *Output
	place exchange.PlaceOrder // the order being read, so that reading one allocates nothing
	part  part.Part           // likewise
	about exchange.MarketID   // what the command is about; 0: no market, or none that is there

	// Events that are frequent enough to be worth an allocation, and not enough for a path of their own.
	opened   exchange.PositionOpened
	closed   exchange.PositionClosed
	rested   exchange.OrderRested
	rejected exchange.CommandRejected

	ahead   [window]ahead
	touched uint64 // keeps what touch reads from being optimised away
}

// outcomeBook is the book of one outcome with its money.
type outcomeBook struct {
	book.Book
	ledger.Pool
	market    exchange.MarketID
	positions uint32 // newest position, linked by Position.Next
	last      exchange.Price
	outcome   exchange.Outcome
}

// New returns the state before the first batch.
func New() *Shard { return &Shard{rules: exchange.FirstRules, supported: exchange.RulesVersion} }

// Reserve makes room ahead of time for as many commands with keys as are expected within KeyLifetime, and for as many
// open orders, so that trading does not wait for memory.
func (s *Shard) Reserve(keys, orders int) {
	s.keys.Reserve(keys)
	s.orders.Slab.Reserve(orders)
}

// Seq returns the Seq of the last event.
func (s *Shard) Seq() exchange.Seq { return s.seq }

// Now returns the log time of the last batch.
func (s *Shard) Now() exchange.Time { return s.now }

// Totals returns the sums over all accounts and markets.
func (s *Shard) Totals() ledger.Totals { return s.ledger.Totals }

// OpenOrders returns how many orders rest.
func (s *Shard) OpenOrders() int { return s.orders.Live() }

// Backlog reports whether steps are left to do, so that an empty batch makes progress.
func (s *Shard) Backlog() bool {
	if s.sweeps.len()+s.work.len() > 0 {
		return true
	}
	at, ok := s.timers.Next()
	return ok && at <= s.now
}

// NextTimer returns when something falls due by itself; ok is false when nothing will.
func (s *Shard) NextTimer() (at exchange.Time, ok bool) { return s.timers.Next() }

// market returns a market, or nil.
func (s *Shard) market(id exchange.MarketID) *market.Market {
	if id == 0 || uint32(id) >= s.markets.Len() {
		return nil
	}
	if m := s.markets.At(uint32(id)); m.Count > 0 { // otherwise nobody has this id here
		return m
	}
	return nil
}

// emit appends an event that is not written often enough to deserve a path of its own.
func (s *Shard) emit(e exchange.Event) {
	s.out.Events = appendEvent(s.out.Events, e)
	s.emitted()
}

// emitted counts an event whose frame was appended.
func (s *Shard) emitted() {
	s.seq++
	s.out.Count++
}
