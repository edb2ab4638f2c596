package projection

import (
	"math/bits"

	"github.com/hustings/hustings/exchange"
)

// A Position is what an account has of one outcome, or had while its market is not settled.
type Position struct {
	Account     exchange.AccountID
	Market      exchange.MarketID
	Outcome     exchange.Outcome
	Yes, No     exchange.Quantity
	ReservedYes exchange.Quantity // by sells that close; part of Yes
	ReservedNo  exchange.Quantity // by buys that close; part of No
	Paid        exchange.Money    // in this book, fees included, less what was received; merges and payouts count as received

	YesCost exchange.Money // statistic: what the Yes it has cost when they were opened, without fees
	NoCost  exchange.Money // statistic: the same for No
}

// Realised is the profit of what was closed, merged and paid out, with all fees deducted. What is left at Cost does
// not count.
func (p *Position) Realised() exchange.Money { return p.YesCost + p.NoCost - p.Paid }

type position struct {
	account                 exchange.AccountID
	market                  exchange.MarketID
	yes, no                 exchange.Quantity
	reservedYes, reservedNo exchange.Quantity
	paid, yesCost, noCost   exchange.Money
	older, newer            uint32 // the account's positions
	next                    uint32 // the market's positions
	outcome                 exchange.Outcome
}

func (p *position) flat() bool { return p.yes|p.no == 0 }

// add adds contracts, or takes some out, and keeps count of the book's contracts and of who has any.
func (v *View) add(b *book, p *position, yes, no exchange.Quantity) {
	wasFlat := p.flat()
	p.yes += yes
	p.no += no
	b.yes += uint64(int32(yes))
	b.no += uint64(int32(no))
	if isFlat := p.flat(); isFlat != wasFlat {
		if isFlat {
			v.total.Positions--
		} else {
			v.total.Positions++
		}
	}
}

// take takes all contracts out.
func (v *View) take(b *book, p *position) {
	v.add(b, p, -p.yes, -p.no)
	p.yesCost, p.noCost = 0, 0
}

// freePairs is how many pairs of free Yes and No the position has. After each event there are none.
func (p *position) freePairs() exchange.Quantity { return min(p.yes-p.reservedYes, p.no-p.reservedNo) }

func (p *position) realised() exchange.Money { return p.yesCost + p.noCost - p.paid }

func hashPosition(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) uint32 {
	high, low := bits.Mul64(uint64(account)<<32|uint64(market)^0xA0761D6478BD642F, uint64(outcome)<<3^0xE7037ED1A0B428DB)
	return uint32((high ^ low) >> 16)
}

// position returns the position of an account in a book, or nil if it never had one.
func (v *View) position(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) *position {
	for probe := v.positionsOf.probe(hashPosition(account, market, outcome)); probe.next(); {
		p := v.positions.at(probe.number)
		if p.account == account && p.market == market && p.outcome == outcome {
			return p
		}
	}
	return nil
}

func (v *View) makePosition(account exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) *position {
	if p := v.position(account, market, outcome); p != nil {
		return p
	}
	i, p := v.positions.add()
	a, m := v.accounts.at(uint32(account)), v.markets.at(uint32(market))
	*p = position{account: account, market: market, outcome: outcome, older: a.positions, next: m.positions}
	if p.older != 0 {
		v.positions.at(p.older).newer = i
	}
	a.positions, m.positions = i, i
	v.positionsOf.insert(hashPosition(account, market, outcome), i)
	return p
}

// dropPosition forgets a position of a settled market, which is no longer in the market's list.
func (v *View) dropPosition(i uint32) {
	p := v.positions.at(i)
	a := v.accounts.at(uint32(p.account))
	a.realised += p.realised()
	if p.newer == 0 {
		a.positions = p.older
	} else {
		v.positions.at(p.newer).older = p.older
	}
	if p.older != 0 {
		v.positions.at(p.older).newer = p.newer
	}
	v.positionsOf.remove(hashPosition(p.account, p.market, p.outcome), i)
	v.positions.release(i)
}

// reserve sets contracts aside that an order is going to close.
func (v *View) reserve(o *order, quantity exchange.Quantity) *InconsistencyError {
	p := v.position(o.account, o.market, o.outcome)
	if p == nil {
		return broken("%d contracts are to be closed and there is no position", quantity)
	}
	p.addReserved(o.side, quantity)
	return p.check()
}

// addReserved adds to the contracts reserved by orders of a side: a buy closes No, a sell Yes.
func (p *position) addReserved(side exchange.Side, quantity exchange.Quantity) {
	if side == exchange.Buy {
		p.reservedNo += quantity
	} else {
		p.reservedYes += quantity
	}
}

// check finds counts below zero (which have wrapped around), reservations of what is not there, and pairs that should
// have been merged.
func (p *position) check() *InconsistencyError {
	var fault *InconsistencyError
	switch {
	case p.yes > exchange.MaxPosition || p.no > exchange.MaxPosition:
		fault = broken("its position is %d yes and %d no", int32(p.yes), int32(p.no))
	case p.reservedYes > p.yes || p.reservedNo > p.no:
		fault = broken("its orders reserve %d of %d yes and %d of %d no", int32(p.reservedYes), p.yes, int32(p.reservedNo), p.no)
	case p.freePairs() > 0:
		fault = broken("%d free pairs of yes and no are not merged", p.freePairs())
	default:
		return nil
	}
	return fault.withAccount(p.account).withMarket(p.market)
}

// reserveAnew replaces what an order had reserved by its closing part of now, and merges the pairs that it freed.
func (v *View) reserveAnew(o *order, old, merged exchange.Quantity) *InconsistencyError {
	if old == 0 && o.closing == 0 && merged == 0 {
		return nil
	}
	p := v.position(o.account, o.market, o.outcome)
	if p == nil {
		return broken("%d contracts are to be closed and there is no position", o.closing)
	}
	p.addReserved(o.side, o.closing-old)
	m := v.markets.at(uint32(o.market))
	v.merge(m, v.bookAt(m, o.outcome), p, merged)
	return p.check()
}

// merge turns pairs of Yes and No into cash, which the caller pays.
func (v *View) merge(m *market, b *book, p *position, pairs exchange.Quantity) {
	if pairs == 0 {
		return
	}
	value := exchange.Cost(exchange.One, pairs)
	p.yesCost -= share(p.yesCost, pairs, p.yes)
	p.noCost -= share(p.noCost, pairs, p.no)
	v.add(b, p, -pairs, -pairs)
	p.paid -= value
	v.addEscrow(m, -value)
}

// share is the part of the cost of all contracts that some of them have.
func share(cost exchange.Money, some, all exchange.Quantity) exchange.Money {
	if some >= all {
		return cost
	}
	high, low := bits.Mul64(uint64(cost), uint64(some))
	if high >= uint64(all) {
		return cost
	}
	q, _ := bits.Div64(high, low, uint64(all))
	return exchange.Money(q)
}

func (v *View) positionOpened(e *exchange.PositionOpened) *InconsistencyError {
	p := v.position(e.Account, e.Market, e.Outcome)
	if p == nil || p.flat() {
		return broken("its position has no contracts")
	}
	return nil
}

func (v *View) positionClosed(e *exchange.PositionClosed) *InconsistencyError {
	p := v.position(e.Account, e.Market, e.Outcome)
	if p == nil {
		return broken("it never had a position")
	}
	if !p.flat() {
		if fault := v.forfeitUnrefunded(p); fault != nil {
			return fault
		}
	}
	switch {
	case !p.flat():
		return broken("its position has %d yes and %d no", p.yes, p.no)
	case e.Paid != p.paid:
		return broken("%v was paid for the position, not %v", p.paid, e.Paid)
	}
	return nil
}
