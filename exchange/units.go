package exchange

// Price is what one contract costs, in ticks of 0.0001: 1 to 9,999 for orders, 0 to 10,000 for settlement values.
type Price uint16

// Quantity is a number of whole contracts.
type Quantity uint32

// Money is an amount in units of 0.0001 of the currency. Amounts that accounts hold are never negative.
type Money int64

// FeeRate is a share in units of 0.0001: 700 is 7 %.
type FeeRate uint16

// Bounds of the units.
const (
	MinPrice    Price    = 1
	MaxPrice    Price    = 9_999
	One         Price    = 10_000 // what a contract pays if its outcome happens
	MaxQuantity Quantity = 1_000_000
	MaxFeeRate  FeeRate  = 10_000

	// MaxAmount bounds one deposit or withdrawal.
	MaxAmount Money = 1_000_000_000_000_000
	// MaxWorld bounds everything that was ever paid in and not paid out, so that no sum over accounts can overflow.
	MaxWorld Money = 1 << 62
	// MaxPosition bounds an account's contracts of one outcome, whatever a market's own limit says.
	MaxPosition Quantity = 1_000_000_000
	// MaxOutcomes is the greatest number of outcomes in a categorical market.
	MaxOutcomes = 64
)

// Complement is the price of the other contract of the pair: No costs 1 − Yes.
func (p Price) Complement() Price { return One - p }

// Cost is price × quantity. It cannot overflow for a quantity up to MaxPosition.
func Cost(p Price, q Quantity) Money { return Money(p) * Money(q) }

// Side says whether an order buys or sells the Yes contract of its book.
type Side uint8

// The sides.
const (
	Buy Side = iota
	Sell
)

// Opposite returns the other side.
func (s Side) Opposite() Side { return s ^ 1 }

// OpenCost is what opening one contract costs an order of this side at price p: a buyer pays p for Yes, a seller
// 1 − p for No.
func (s Side) OpenCost(p Price) Price {
	if s == Buy {
		return p
	}
	return One - p
}

// TickRule says which prices a market accepts: multiples of Middle, but multiples of Edge below EdgeWidth and
// above 1 − EdgeWidth. Both are in ticks; EdgeWidth 0 means that Middle holds everywhere.
type TickRule struct {
	Middle    Price
	Edge      Price
	EdgeWidth Price
}

// Allows reports whether p lies on the grid. It does not check the range.
func (r TickRule) Allows(p Price) bool {
	if r.Middle <= 1 {
		return true
	}
	if p < r.EdgeWidth || p > One-r.EdgeWidth {
		return p%r.Edge == 0
	}
	return p%r.Middle == 0
}

// Valid reports whether the rule can be used: steps of 1, 10 or 100 ticks, the edge's no coarser than the middle's,
// and an edge whose border lies on both grids.
func (r TickRule) Valid() bool {
	step := func(p Price) bool { return p == 1 || p == 10 || p == 100 }
	if !step(r.Middle) || r.EdgeWidth >= One/2 {
		return false
	}
	if r.EdgeWidth == 0 {
		return r.Edge == 0
	}
	return step(r.Edge) && r.Edge <= r.Middle && r.EdgeWidth%r.Middle == 0
}
