package ledger

import (
	"math/bits"

	"github.com/hustings/hustings/exchange"
)

// Rate is a fee rate in units of 10⁻⁸, 0 to 10⁸.
type Rate uint64

// TakerRate returns the taker's rate of a fee rate.
func TakerRate(fee exchange.FeeRate) Rate { return Rate(fee) * 10_000 }

// MakerRate returns the maker's rate: a share of the taker's.
func MakerRate(fee, share exchange.FeeRate) Rate { return Rate(fee) * Rate(share) }

// feeUnit is one unit of money in fee fractions: rate (10⁻⁸) × contracts × p × (1 − p) (10⁻⁸) is a fee in 10⁻¹⁶, and
// money is in 10⁻⁴.
const feeUnit = 1_000_000_000_000

// base is contracts × p × (1 − p) in units of 10⁻⁸. It is less than 2⁵⁵ for quantities up to MaxPosition.
func base(p exchange.Price, q exchange.Quantity) uint64 {
	return uint64(q) * uint64(p) * uint64(p.Complement())
}

// owed returns rate × base less credit, rounded up to whole money, and the fraction by which that is too much. credit
// is a fraction paid too much before.
func owed(rate Rate, base, credit uint64) (fee exchange.Money, over uint64) {
	hi, lo := bits.Mul64(uint64(rate), base)
	lo, borrow := bits.Sub64(lo, credit, 0)
	if hi < borrow { // the credit covers all
		return 0, -lo
	}
	hi -= borrow
	if hi == 0 {
		fee = exchange.Money(lo / feeUnit)
		lo %= feeUnit
	} else {
		var quo uint64
		quo, lo = bits.Div64(hi, lo, feeUnit)
		fee = exchange.Money(quo)
	}
	if lo == 0 {
		return fee, 0
	}
	return fee + 1, feeUnit - lo
}

// Fee charges an order for a fill of q contracts at p. overpaid is the order's own sum of what it paid beyond what it
// owed, so that fills together never cost more than one fill would.
func Fee(rate Rate, p exchange.Price, q exchange.Quantity, overpaid *uint64) (fee exchange.Money) {
	if rate == 0 {
		return 0
	}
	fee, *overpaid = owed(rate, base(p, q), *overpaid)
	return fee
}

// MaxFee is the most that a fill of q contracts can cost an order of this side and limit, at any price it may trade at.
func MaxFee(rate Rate, side exchange.Side, limit exchange.Price, q exchange.Quantity) exchange.Money {
	if rate == 0 || q == 0 {
		return 0
	}
	const dearest = exchange.One / 2
	p := limit
	if side == exchange.Buy {
		p = min(p, dearest)
	} else {
		p = max(p, dearest)
	}
	fee, _ := owed(rate, base(p, q), 0)
	return fee
}

// HoldFor is what a resting order must hold for q opening contracts at its limit, credit being its overpaid fraction.
func HoldFor(maker Rate, side exchange.Side, limit exchange.Price, q exchange.Quantity, credit uint64) exchange.Money {
	hold := exchange.Cost(side.OpenCost(limit), q)
	if maker == 0 || q == 0 {
		return hold
	}
	fee, _ := owed(maker, base(limit, q), credit)
	return hold + fee
}
