package model

import (
	"math/big"

	"github.com/hustings/hustings/exchange"
)

// FeeAccount is what an order owes for all its fills, exactly, and what it was charged for them: the whole units of
// what it owes, rounded up. Fractions are never changed in place.
type FeeAccount struct {
	Owed    *big.Rat // in units of money; nil is 0
	Charged exchange.Money
}

func (f FeeAccount) owed() *big.Rat {
	if f.Owed == nil {
		return new(big.Rat)
	}
	return f.Owed
}

// plus returns the account after another amount has become due.
func (f FeeAccount) plus(due *big.Rat) FeeAccount {
	owed := new(big.Rat).Add(f.owed(), due)
	return FeeAccount{owed, ceil(owed)}
}

// Overpaid is what was charged beyond what is owed: a fraction of a unit.
func (f FeeAccount) Overpaid() *big.Rat {
	return new(big.Rat).Sub(new(big.Rat).SetInt64(int64(f.Charged)), f.owed())
}

// takerRate is the market's fee rate as a fraction.
func (m *Market) takerRate() *big.Rat { return big.NewRat(int64(m.Spec.TakerFee), 10_000) }

// makerRate is the taker's rate times the maker's share.
func (m *Market) makerRate() *big.Rat {
	return new(big.Rat).Mul(m.takerRate(), big.NewRat(int64(m.Spec.MakerShare), 10_000))
}

// feeOf returns rate × quantity × p × (1 − p) in units of money.
func feeOf(rate *big.Rat, quantity int64, p exchange.Price) *big.Rat {
	const unitsPerOne = 10_000
	price := big.NewRat(int64(p), 10_000)
	rest := new(big.Rat).Sub(big.NewRat(1, 1), price)
	fee := new(big.Rat).Mul(rate, big.NewRat(quantity, 1))
	fee.Mul(fee, price)
	fee.Mul(fee, rest)
	return fee.Mul(fee, big.NewRat(unitsPerOne, 1))
}

// ceil is the smallest whole number that is not below r.
func ceil(r *big.Rat) exchange.Money {
	whole, rest := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	if !whole.IsInt64() {
		panic("model: a fee that no money can express")
	}
	return exchange.Money(whole.Int64())
}

// greatestFee is the most that opening a quantity can cost in fees when the order may trade at its limit or better.
func (m *Market) greatestFee(s exchange.Side, limit exchange.Price, opening int64) exchange.Money {
	worst := limit // p × (1 − p) is greatest nearest to one half
	if s == exchange.Buy && limit > exchange.One/2 || s == exchange.Sell && limit < exchange.One/2 {
		worst = exchange.One / 2
	}
	return ceil(feeOf(m.takerRate(), opening, worst))
}

// HoldOf returns H of what is left of an order: what opening it at the limit costs, and the maker's fee for that,
// less what it has overpaid once its closing part is used up.
func (m *Market) HoldOf(o *Order) exchange.Money {
	fee := feeOf(m.makerRate(), o.Opening, o.Price)
	if o.Closing == 0 {
		fee.Sub(fee, o.Fee.Overpaid())
	}
	if fee.Sign() < 0 {
		fee.SetInt64(0)
	}
	return cost(o.Side.OpenCost(o.Price), o.Opening) + ceil(fee)
}

func cost(p exchange.Price, quantity int64) exchange.Money {
	return exchange.Money(int64(p) * quantity)
}
