// Package market is the life of a market: which acts fit which state, what a specification must look like, and what
// settles it. It knows nothing of orders, books or accounts.
//
//	open ⇄ suspended
//	  └──┬──┘
//	     ├──────────→ closed ──→ resolved ──→ settled
//	     └─────────────────────────↑
//	voiding ──→ voided: from any state before settled
package market

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/idempotency"
)

// Phase is what is being worked off, in bounded steps, in a market whose trading has stopped.
type Phase uint8

// Phases.
const (
	Idle       Phase = iota
	Cancelling       // orders below CancelBelow leave the books
	Paying           // positions are paid out
	TakingBack       // a void: accounts with a gain return it
	GivingBack       // a void: accounts with a loss get it back
	Forgetting       // positions of a finished market are dropped
)

// Market is one market. Texts are behind a pointer and never change in place: they are replaced.
type Market struct {
	Texts *Texts

	CloseAt       exchange.Time
	DisputeWindow exchange.Duration
	Fees          exchange.Money // kept until settled
	CancelBelow   exchange.OrderID
	Keys          idempotency.Chain // of commands about it

	Books         uint32 // slot of its first book; the others follow
	PositionLimit exchange.Quantity
	OpenOrders    uint32
	Version       uint32
	Timer         uint32 // of its close while it trades, of its payouts once it is resolved; 0: none

	TakerFee   exchange.FeeRate
	MakerShare exchange.FeeRate
	Collar     exchange.Price
	Tick       exchange.TickRule

	Count        uint8 // books
	Flags        exchange.MarketFlags
	State        exchange.MarketState
	CancelReason exchange.CancelReason // of CancelBelow
	Halted       bool
	Traded       bool // an order was accepted, so the rules are fixed
	Queued       bool // steps are to be done
	Stage        Stage

	Work Work
}

// Stage is how far a market is on its way between shards.
type Stage uint8

// Stages. In all but Here nothing happens in the market.
const (
	Here     Stage = iota
	Frozen         // on its way to With
	Arriving       // parts have come from With
	Dropping       // it is at With, and is being dropped here
	Gone           // it is at With, and nothing of it is left here
)

// Moving is what is known of a market's moves between shards.
type Moving struct {
	Moves uint32           // number of the newest move
	Part  uint32           // number of the part that comes next
	With  exchange.ShardID // the other shard
	Held  exchange.Money   // that its orders are to hold once all of them have come
	Left  [3]uint32        // positions, orders and keys that are still to come

	Doomed bool // some of the orders that came have to go
}

// Work is how far the phase under way has come.
type Work struct {
	Position uint32 // next position
	Tick     exchange.Price
	Phase    Phase
	Book     uint8
}

// Texts are the words of a market. Most markets have a question and rules and nothing else for most of their life.
type Texts struct {
	Question string
	Rules    string
	More     *More // nil for a binary market that is not resolved and never moved
}

// More is what only categorical and resolved markets have, and those that moved.
type More struct {
	Outcomes []string
	Values   []exchange.Price // one per book, once resolved
	Source   string
	Evidence string
	PayAfter exchange.Time // when a resolved market's payouts begin
	Moving   Moving
}

// NewTexts keeps both texts in one piece of memory.
func NewTexts(question, rules string, more *More) *Texts {
	both := question + rules
	return &Texts{Question: both[:len(question)], Rules: both[len(question):], More: more}
}

// More returns what only some markets have; the zero More where there is none.
func (m *Market) More() More {
	if m.Texts.More == nil {
		return More{}
	}
	return *m.Texts.More
}

// Resolve sets what the market pays, and from when on.
func (m *Market) Resolve(values []exchange.Price, source, evidence string, payAfter exchange.Time) {
	m.State = exchange.StateResolved
	more := m.More()
	more.Values, more.Source, more.Evidence, more.PayAfter = values, source, evidence, payAfter
	m.setMore(more)
}

// Moving returns what is known of the market's moves.
func (m *Market) Moving() Moving { return m.More().Moving }

// SetMoving sets what is known of the market's moves.
func (m *Market) SetMoving(moving Moving) {
	more := m.More()
	more.Moving = moving
	m.setMore(more)
}

func (m *Market) setMore(more More) {
	m.Texts = &Texts{Question: m.Texts.Question, Rules: m.Texts.Rules, More: &more}
}

// New makes an open market of a valid specification.
func New(spec *exchange.MarketSpec) Market {
	var more *More
	if len(spec.Outcomes) > 0 {
		more = &More{Outcomes: spec.Outcomes}
	}
	return Market{
		Texts:         NewTexts(spec.Question, spec.Rules, more),
		CloseAt:       spec.CloseAt,
		DisputeWindow: spec.DisputeWindow,
		PositionLimit: spec.PositionLimit,
		TakerFee:      spec.TakerFee,
		MakerShare:    spec.MakerShare,
		Collar:        spec.Collar,
		Tick:          spec.Tick,
		Flags:         spec.Flags,
		Count:         uint8(spec.Books()),
		Version:       1,
	}
}

// Spec returns the specification as it is now.
func (m *Market) Spec() exchange.MarketSpec {
	return exchange.MarketSpec{Question: m.Texts.Question, Rules: m.Texts.Rules, Outcomes: m.More().Outcomes,
		CloseAt: m.CloseAt, DisputeWindow: m.DisputeWindow, Tick: m.Tick, TakerFee: m.TakerFee, MakerShare: m.MakerShare,
		PositionLimit: m.PositionLimit, Collar: m.Collar, Flags: m.Flags}
}

// Ended reports whether nothing can happen to the market any more but forgetting.
func (m *Market) Ended() bool {
	return m.State == exchange.StateSettled || m.State == exchange.StateVoided
}

// Trading reports whether the market may still trade again or does so now.
func (m *Market) Trading() bool {
	return m.State == exchange.StateOpen || m.State == exchange.StateSuspended
}

// Due reports whether a resolved market's payouts may begin.
func (m *Market) Due(now exchange.Time) bool {
	return m.State == exchange.StateResolved && now >= m.Texts.More.PayAfter
}

// CanResolve reports whether the result can be set, or set again.
func (m *Market) CanResolve(now exchange.Time) bool {
	return m.Trading() || m.State == exchange.StateClosed || m.State == exchange.StateResolved && now < m.Texts.More.PayAfter
}

// CanVoid reports whether the market can be voided.
func (m *Market) CanVoid() bool { return !m.Ended() && m.State != exchange.StateVoiding }

// Collared returns the worst price within the collar for an order of a side, given the price of the last trade.
func (m *Market) Collared(side exchange.Side, last exchange.Price) exchange.Price {
	if m.Collar == 0 || last == 0 {
		if side == exchange.Buy {
			return exchange.MaxPrice
		}
		return exchange.MinPrice
	}
	if side == exchange.Buy {
		return min(exchange.MaxPrice, last+m.Collar)
	}
	if last <= m.Collar {
		return exchange.MinPrice
	}
	return last - m.Collar
}
