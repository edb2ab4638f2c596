package projection

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A Portfolio is an account with the worth of its positions.
type Portfolio struct {
	Account   Account
	Positions int            // with contracts
	Value     exchange.Money // of its contracts at the last prices or, once resolved, at what they pay
	Cost      exchange.Money // statistic: of these contracts when they were opened, without fees
	Realised  exchange.Money // statistic: profit of everything that was closed, fees deducted
}

// Portfolio returns an account with the worth of its positions.
func (v *View) Portfolio(id exchange.AccountID) (p Portfolio, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if p.Account, ok = v.readAccount(id); !ok {
		return p, false
	}
	p.Realised = p.Account.Realised
	for i := v.accounts.at(uint32(id)).positions; i != 0; {
		from := v.positions.at(i)
		i = from.older
		p.Realised += from.realised()
		if from.yes+from.no > 0 {
			p.Positions++
			p.Cost += from.yesCost + from.noCost
			p.Value += v.value(from)
		}
	}
	return p, true
}

// value is what the contracts of a position are worth just now.
func (v *View) value(p *position) exchange.Money {
	m := v.markets.at(uint32(p.market))
	b := v.bookAt(m, p.outcome)
	price := b.last
	if m.state == exchange.StateResolved {
		price = b.value
	}
	return exchange.Cost(price, p.yes) + exchange.Cost(price.Complement(), p.no)
}

// A PositionCursor is a place in an account's list of positions. The zero cursor is the beginning.
type PositionCursor struct {
	Market  exchange.MarketID
	Outcome exchange.Outcome
}

// Positions returns the account's positions in markets that are not settled, those without contracts included, with
// the newest market first and then by outcome: those beyond a cursor, and at most limit of them, 1 to MaxPage.
func (v *View) Positions(id exchange.AccountID, after PositionCursor, limit int) []Position {
	limit = min(max(limit, 1), MaxPage)
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastAccount {
		return nil
	}
	var all []Position
	for i := v.accounts.at(uint32(id)).positions; i != 0; {
		p := v.positions.at(i)
		i = p.older
		if !v.settled(p.market) && (after.Market == 0 || comparePlace(p.market, p.outcome, after.Market, after.Outcome) > 0) {
			all = append(all, readPosition(p))
		}
	}
	slices.SortFunc(all, func(a, b Position) int { return comparePlace(a.Market, a.Outcome, b.Market, b.Outcome) })
	return slices.Clip(all[:min(limit, len(all))])
}

// Position returns what an account has or had of one outcome of a market that is not settled.
func (v *View) Position(id exchange.AccountID, market exchange.MarketID, outcome exchange.Outcome) (p Position, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if found := v.position(id, market, outcome); found != nil && !v.settled(market) {
		return readPosition(found), true
	}
	return Position{}, false
}

// settled reports whether the positions of a market are history, though a few may not be swept yet.
func (v *View) settled(id exchange.MarketID) bool {
	state := v.markets.at(uint32(id)).state
	return state == exchange.StateSettled || state == exchange.StateVoided
}

func comparePlace(m1 exchange.MarketID, o1 exchange.Outcome, m2 exchange.MarketID, o2 exchange.Outcome) int {
	return cmp.Or(cmp.Compare(m2, m1), cmp.Compare(o1, o2))
}

func readPosition(p *position) Position {
	return Position{
		Account: p.account, Market: p.market, Outcome: p.outcome,
		Yes: p.yes, No: p.no, ReservedYes: p.reservedYes, ReservedNo: p.reservedNo,
		Paid: p.paid, YesCost: p.yesCost, NoCost: p.noCost,
	}
}
