package exchange

// TimeInForce says how long an order may rest.
type TimeInForce uint8

// Times in force.
const (
	GoodTillCancelled TimeInForce = iota
	GoodTillTime                  // rests until ExpireAt
	ImmediateOrCancel             // what does not trade at once is cancelled
	FillOrKill                    // trades in full at once or is refused
)

// SelfTrade says what happens when an order would trade with one of its own account.
type SelfTrade uint8

// Self-trade modes. The taker's mode decides.
const (
	CancelTaker SelfTrade = iota
	CancelMaker
	CancelBoth
	DecreaseBoth
	AllowSelfTrade // only where the market allows it
)

// OrderFlags are an order's options.
type OrderFlags uint8

// Order options.
const (
	PostOnly    OrderFlags = 1 << iota // refused if it would trade at once
	ReduceOnly                         // never opens a position: what cannot close is cancelled at once
	MarketOrder                        // Price is the worst price, MaxCost the greatest cost; never rests
	NoTerms                            // was written as an order on the No contract; answers speak in those terms
)

// CancelReason says why contracts of an order were taken out of it without a trade.
type CancelReason uint8

// Reasons, in the order in which the formats number them.
const (
	CancelRequested      CancelReason = iota // by its owner
	CancelMass                               // by a mass cancel of its owner
	CancelImmediate                          // the rest of an order that may not rest
	CancelSelfTrade                          // self-trade prevention
	CancelReduceOnly                         // the part that would have opened a position
	CancelCost                               // the greatest cost was reached
	CancelGroup                              // its group passed its limit or was cancelled
	CancelDeadMan                            // the dead-man's switch was not renewed
	CancelMarketOperator                     // by the operator, or the market was suspended without keeping orders
	CancelMarketClosed                       // the market closed, was resolved or voided
	CancelAccountBlocked                     // its account was blocked
	CancelReasons                            // how many there are
)

var cancelReasons = [CancelReasons]string{"requested", "mass_cancel", "not_filled_immediately", "self_trade", "reduce_only",
	"cost_limit", "group", "dead_mans_switch", "market_cancelled", "market_closed", "account_blocked"}

func (r CancelReason) String() string {
	if r < CancelReasons {
		return cancelReasons[r]
	}
	return "unknown"
}
