// Package market is the life of a market: which acts fit which state, what a specification must look like, and what
// settles it. It knows nothing of orders, books or accounts.
//
//	open ⇄ suspended
//	  └──┬──┘
//	     ├──────────→ closed ──→ resolved ──→ settled
//	     └─────────────────────────↑
//	voiding ──→ voided: from any state before settled
package market

import "github.com/hustings/hustings/exchange"

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
	PayAfter      exchange.Time // Resolved only
	DisputeWindow exchange.Duration
	Fees          exchange.Money // kept until settled
	CancelBelow   exchange.OrderID

	Books         uint32 // slot of its first book; the others follow
	PositionLimit exchange.Quantity
	OpenOrders    uint32
	Version       uint32
	CloseTimer    uint32 // 0: none
	PayTimer      uint32

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

	Work Work
}

// Work is how far the phase under way has come.
type Work struct {
	Position uint32 // next position
	Tick     exchange.Price
	Phase    Phase
	Book     uint8
	Queued   bool
}

// Texts are the words of a market and, once it is resolved, its values.
type Texts struct {
	Question string
	Rules    string
	Outcomes []string
	Values   []exchange.Price // one per book, once resolved
	Source   string
	Evidence string
}

// New makes an open market of a valid specification.
func New(spec *exchange.MarketSpec) Market {
	return Market{
		Texts:         &Texts{Question: spec.Question, Rules: spec.Rules, Outcomes: spec.Outcomes},
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
	return exchange.MarketSpec{Question: m.Texts.Question, Rules: m.Texts.Rules, Outcomes: m.Texts.Outcomes,
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
	return m.State == exchange.StateResolved && now >= m.PayAfter
}

// CanResolve reports whether the result can be set, or set again.
func (m *Market) CanResolve(now exchange.Time) bool {
	return m.Trading() || m.State == exchange.StateClosed || m.State == exchange.StateResolved && now < m.PayAfter
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
