package exchange

// MarketState is where a market is in its life.
type MarketState uint8

// States of a market. Halted is not a state but a flag beside it.
const (
	StateOpen      MarketState = iota
	StateSuspended             // cancels only
	StateClosed                // past its close time, awaiting the result
	StateResolved              // result known, payouts pending or under way
	StateSettled               // everything paid
	StateVoiding               // refunds under way
	StateVoided                // everything refunded
)

var marketStates = [...]string{"open", "suspended", "closed", "resolved", "settled", "voiding", "voided"}

func (s MarketState) String() string {
	if int(s) < len(marketStates) {
		return marketStates[s]
	}
	return "unknown"
}

// Duration is a span of log time in nanoseconds.
type Duration int64

// MarketFlags are a market's options.
type MarketFlags uint8

// Market options.
const (
	KeepOrdersOnSuspend MarketFlags = 1 << iota // resting orders stay while suspended; otherwise they are cancelled
	SelfTradesAllowed                           // orders may use AllowSelfTrade
)

// MarketSpec is what the operator decides when a market is made.
type MarketSpec struct {
	Question string   // 10 to 500 characters
	Rules    string   // up to 10,000 characters; immutable once the first order was accepted
	Outcomes []string // empty for a binary market, else 2 to 64 distinct names of 1 to 100 characters

	CloseAt       Time     // 0: closed by hand
	DisputeWindow Duration // payouts wait this long after a resolution
	Tick          TickRule
	TakerFee      FeeRate
	MakerShare    FeeRate  // maker's rate as a share of TakerFee
	PositionLimit Quantity // contracts of one outcome an account may hold or bid for; 1 to MaxPosition
	Collar        Price    // greatest distance from the last trade at which an order may be priced; 0: none
	Flags         MarketFlags
}

// Books is how many order books a market of this specification has.
func (s *MarketSpec) Books() int { return max(1, len(s.Outcomes)) }
