package ledger

import "github.com/hustings/hustings/exchange"

// Hold moves cash of an account into its holds.
func (l *Ledger) Hold(a *Account, m exchange.Money) {
	a.Cash -= m
	a.Held += m
	l.Totals.Cash -= m
	l.Totals.Held += m
}

// Release moves held money back to cash.
func (l *Ledger) Release(a *Account, m exchange.Money) { l.Hold(a, -m) }

// Fill books one side of a trade: of q contracts at price p, closing close the opposite contract and the rest open
// one of this side. The account must own what it closes, and the closing contracts must be reserved.
func (l *Ledger) Fill(a *Account, pos *Position, pool *Pool, side exchange.Side, p exchange.Price, q, closing exchange.Quantity) {
	opening := q - closing
	cost := side.OpenCost(p)
	paid := exchange.Cost(cost, opening) - exchange.Cost(cost.Complement(), closing)
	other := side.Opposite()
	pos.Have[side] += opening
	pos.Have[other] -= closing
	pos.Reserved[other] -= closing
	pool.Have[side] += uint64(opening)
	pool.Have[other] -= uint64(closing)
	pos.Paid += paid
	l.intoEscrow(a, pool, paid)
}

// intoEscrow moves money, or less than none, from cash to a book's escrow.
func (l *Ledger) intoEscrow(a *Account, pool *Pool, m exchange.Money) {
	a.Cash -= m
	pool.Escrow += m
	l.Totals.Cash -= m
	l.Totals.Escrow += m
}

// Merge turns an account's free pairs of Yes and No into cash and returns how many there were.
func (l *Ledger) Merge(a *Account, pos *Position, pool *Pool) exchange.Quantity {
	pairs := min(pos.Free(0), pos.Free(1))
	if pairs == 0 {
		return 0
	}
	pos.Have[0] -= pairs
	pos.Have[1] -= pairs
	pool.Have[0] -= uint64(pairs)
	pool.Have[1] -= uint64(pairs)
	worth := exchange.Cost(exchange.One, pairs)
	pos.Paid -= worth
	l.intoEscrow(a, pool, -worth)
	return pairs
}

// PayFee moves a fee from cash to a market's fees.
func (l *Ledger) PayFee(a *Account, pos *Position, fees *exchange.Money, m exchange.Money) {
	a.Cash -= m
	*fees += m
	pos.Paid += m
	l.Totals.Cash -= m
	l.Totals.MarketFees += m
}

// Deposit brings money in. What the account owes the house is repaid first.
func (l *Ledger) Deposit(a *Account, m exchange.Money) (repaid exchange.Money) {
	l.Totals.World += m
	return l.credit(a, m)
}

// credit gives an account money that came from outside the shard.
func (l *Ledger) credit(a *Account, m exchange.Money) (repaid exchange.Money) {
	repaid = min(m, a.Receivable)
	a.Receivable -= repaid
	l.Totals.Receivable -= repaid
	a.Cash += m - repaid
	l.Totals.Cash += m - repaid
	return repaid
}

// Withdraw takes money out.
func (l *Ledger) Withdraw(a *Account, m exchange.Money) {
	a.Cash -= m
	l.Totals.Cash -= m
	l.Totals.World -= m
}

// PayOut pays a position what its contracts are worth at a settlement value and takes the contracts in.
func (l *Ledger) PayOut(a *Account, pos *Position, pool *Pool, value exchange.Price) (amount exchange.Money) {
	amount = exchange.Cost(value, pos.Have[0]) + exchange.Cost(value.Complement(), pos.Have[1])
	for i, q := range pos.Have {
		pool.Have[i] -= uint64(q)
	}
	pos.Have = [2]exchange.Quantity{}
	pos.Paid -= amount
	l.intoEscrow(a, pool, -amount)
	return amount
}

// Forfeit takes in a position's contracts without paying for them; a void returns what they cost instead.
func (l *Ledger) Forfeit(pos *Position, pool *Pool) {
	for i, q := range pos.Have {
		pool.Have[i] -= uint64(q)
	}
	pos.Have = [2]exchange.Quantity{}
}

// TakeBack moves m from cash to escrow; what cash does not cover the account owes the house from now on.
func (l *Ledger) TakeBack(a *Account, pool *Pool, m exchange.Money) (receivable exchange.Money) {
	receivable = max(0, m-a.Cash)
	a.Receivable += receivable
	l.Totals.Receivable += receivable
	pool.Escrow += receivable
	l.Totals.Escrow += receivable
	l.intoEscrow(a, pool, m-receivable)
	return receivable
}

// Refund moves m to cash: fees of it from the market's fees and the rest from escrow.
func (l *Ledger) Refund(a *Account, pool *Pool, fees *exchange.Money, fromFees, m exchange.Money) {
	a.Cash += fromFees
	*fees -= fromFees
	l.Totals.Cash += fromFees
	l.Totals.MarketFees -= fromFees
	l.intoEscrow(a, pool, fromFees-m)
}

// CollectFees moves a settled market's fees to the house.
func (l *Ledger) CollectFees(fees *exchange.Money) exchange.Money {
	m := *fees
	*fees = 0
	l.Totals.MarketFees -= m
	l.Totals.HouseFees += m
	return m
}
