package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/wire"
)

// placeOrder executes a PlaceOrder command.
func (s *Shard) placeOrder(o *exchange.PlaceOrder, r *exchange.Reply) {
	s.about = o.Market
	m := s.market(o.Market)
	if m != nil && m.Stage != market.Here {
		s.onItsWay(m, r)
		return
	}
	var a arrival
	code := s.arrive(o, m, &a)
	if code == exchange.Accepted {
		code = s.admit(&a)
	}
	if code != exchange.Accepted {
		if r.Code = s.elsewhere(o, code, a.missing, r); r.Code != code {
			return
		}
		s.emit(&exchange.OrderRejected{Market: o.Market, Outcome: o.Outcome, Account: o.Account, Side: o.Side,
			Flags: o.Flags, Price: o.Price, Quantity: o.Quantity, Code: code, ClientID: o.ClientID})
		return
	}
	s.number++
	slot := s.orders.Take()
	a.id, a.place = exchange.NewOrderID(s.number, slot), slot
	a.m.Traded = true
	s.ensurePosition(&a)
	a.reserve()

	placed := exchange.OrderPlaced{Market: o.Market, Order: a.id, Account: o.Account, Price: o.Price,
		Outcome: o.Outcome, Side: o.Side, TimeInForce: o.TimeInForce, SelfTrade: o.SelfTrade, Flags: o.Flags,
		Quantity: o.Quantity, Closing: a.closing, Group: o.Group, MaxCost: o.MaxCost, ExpireAt: o.ExpireAt, ClientID: o.ClientID}
	meets := a.bk.WouldTrade(a.side, a.limit)
	if !meets && a.mayRest() {
		placed.Hold = s.enterBook(&a)
		placed.Resting = a.quantity
	}
	placed.Cash = a.acct.Cash
	s.out.Events = wire.AppendOrderPlaced(s.out.Events, &placed)
	s.emitted()
	if a.dropped > 0 {
		s.emitUnrested(&a, a.dropped, a.quantity, exchange.CancelReduceOnly)
	}
	if placed.Resting == 0 {
		s.trade(&a)
	}
	if a.quantity == 0 || !a.mayRest() || a.ended {
		s.orders.Release(slot)
	}
	r.ID, r.Version = uint64(a.id), 1
	s.answer(&a, r)
}

// answer tells what came of an arriving order, and checks the invariants.
func (s *Shard) answer(a *arrival, r *exchange.Reply) {
	r.Filled, r.Cost, r.Fees = a.filled, a.cost, a.fees
	if !a.ended && a.mayRest() {
		r.Remaining = a.quantity
	}
	s.sign |= a.acct.Cash | a.acct.Held
	s.verify(a.bk, a.m)
}

// arrive finds what the order is about, beside its market, and checks what does not depend on prices and funds.
func (s *Shard) arrive(o *exchange.PlaceOrder, m *market.Market, a *arrival) exchange.Reject {
	acct, code := s.activeAccount(o.Account)
	if code != exchange.Accepted {
		return code
	}
	if s.halted {
		return exchange.RejectExchangeHalted
	}
	if m == nil {
		return exchange.RejectMarketNotFound
	}
	if uint8(o.Outcome) >= m.Count {
		return exchange.RejectOutcomeNotFound
	}
	if o.Group != 0 && s.group(o.Account, o.Group) == nil {
		return exchange.RejectGroupNotFound
	}
	if code := s.accepting(o.Market, m); code != exchange.Accepted {
		return code
	}
	if conflicting(o, m) {
		return exchange.RejectOptionsConflict
	}
	if s.orders.Reserve() == 0 {
		return exchange.RejectTooManyIDs
	}
	a.side, a.tif, a.mode, a.flags, a.limit = o.Side, o.TimeInForce, o.SelfTrade, o.Flags, o.Price
	a.total, a.quantity, a.maxCost, a.expireAt, a.group = o.Quantity, o.Quantity, o.MaxCost, o.ExpireAt, o.Group
	a.account, a.acct, a.m, a.bookSlot = o.Account, acct, m, m.Books+uint32(o.Outcome)
	a.bk = s.books.At(a.bookSlot)
	if a.flags&exchange.PostOnly != 0 || a.tif == exchange.FillOrKill {
		s.clearDoomed(a.bk, a.m, a.side.Opposite())
	}
	a.cash, a.orders = acct.Cash, acct.OpenOrders
	if a.slot = s.ledger.Position(o.Account, a.bookSlot); a.slot != 0 {
		a.pos = s.ledger.Positions.At(a.slot)
		a.free = a.pos.Free(a.side.Opposite())
		a.opening = a.pos.Have[a.side] + a.pos.Opening[a.side]
	}
	return exchange.Accepted
}

// fundsElsewhere returns what is answered to an order that was refused. If its account may have cash on another shard, a
// refusal for want of cash, or of the account itself, is not the last word: no event tells of it, and the same command
// may come again.
func fundsElsewhere(marked bool, code exchange.Reject, account exchange.AccountID, missing exchange.Money, r *exchange.Reply) exchange.Reject {
	unknown := code == exchange.RejectAccountNotFound && account != 0
	if !marked || !unknown && code != exchange.RejectInsufficientFunds {
		return code
	}
	r.Cost = missing
	return exchange.RejectFundsElsewhere
}

// elsewhere is fundsElsewhere for an order, whose group may be known on another shard too.
func (s *Shard) elsewhere(o *exchange.PlaceOrder, code exchange.Reject, missing exchange.Money, r *exchange.Reply) exchange.Reject {
	if code == exchange.RejectGroupNotFound && o.FundsElsewhere && s.rules >= exchange.GroupRules && s.known(o.Group) == nil {
		return exchange.RejectGroupElsewhere
	}
	return fundsElsewhere(o.FundsElsewhere, code, o.Account, missing, r)
}

// activeAccount returns an account that may trade.
func (s *Shard) activeAccount(id exchange.AccountID) (*ledger.Account, exchange.Reject) {
	acct := s.ledger.Account(id)
	if acct == nil {
		return nil, exchange.RejectAccountNotFound
	}
	if acct.DeadMan != 0 && s.deadManPassed(acct) {
		s.fireDeadMan(id, acct)
	}
	if acct.Flags&ledger.Blocked != 0 {
		return nil, exchange.RejectAccountBlocked
	}
	return acct, exchange.Accepted
}

// accepting says whether a market accepts orders, and closes it if its time has come.
func (s *Shard) accepting(id exchange.MarketID, m *market.Market) exchange.Reject {
	if m.Halted {
		return exchange.RejectMarketHalted
	}
	if m.CloseAt != 0 && m.CloseAt <= s.now && m.Trading() {
		s.closeMarket(id, m)
	}
	if m.State != exchange.StateOpen {
		return exchange.RejectMarketNotOpen
	}
	return exchange.Accepted
}

// conflicting reports whether the order's options contradict each other or the market.
func conflicting(o *exchange.PlaceOrder, m *market.Market) bool {
	immediate := o.TimeInForce == exchange.ImmediateOrCancel || o.TimeInForce == exchange.FillOrKill
	isMarket := o.Flags&exchange.MarketOrder != 0
	return isMarket && !immediate ||
		immediate && o.Flags&exchange.PostOnly != 0 ||
		o.MaxCost < 0 || o.MaxCost != 0 && !isMarket ||
		(o.TimeInForce == exchange.GoodTillTime) != (o.ExpireAt != 0) ||
		o.SelfTrade == exchange.AllowSelfTrade && m.Flags&exchange.SelfTradesAllowed == 0
}

// admit decides what the order closes and checks everything from its price on. It changes nothing but a.
func (s *Shard) admit(a *arrival) exchange.Reject {
	isMarket := a.flags&exchange.MarketOrder != 0
	switch {
	case a.limit < exchange.MinPrice || a.limit > exchange.MaxPrice:
		return exchange.RejectPriceOutOfRange
	case !isMarket && !a.m.Tick.Allows(a.limit):
		return exchange.RejectPriceOffTick
	case a.total < 1 || a.total > exchange.MaxQuantity:
		return exchange.RejectQuantityOutOfRange
	case a.total <= a.before:
		return exchange.RejectQuantityFilled
	case a.expireAt != 0 && a.expireAt <= s.now:
		return exchange.RejectExpiryPassed
	case a.group != 0 && s.groups.At(uint32(a.group)).triggered:
		return exchange.RejectGroupTriggered
	case a.mayRest() && a.orders >= a.acct.MaxOpenOrders:
		return exchange.RejectTooManyOrders
	}
	if worst := a.m.Collared(a.side, a.bk.last); !book.Crosses(a.side, worst, a.limit) {
		if !isMarket {
			return exchange.RejectPriceOutsideCollar
		}
		a.limit = worst
	}
	a.closing = min(a.quantity, a.free)
	if a.flags&exchange.ReduceOnly != 0 {
		if a.closing == 0 {
			return exchange.RejectNothingToReduce
		}
		a.dropped = a.quantity - a.closing
		a.quantity = a.closing
	}
	opens := a.quantity - a.closing
	if opens > 0 && uint64(a.opening)+uint64(opens) > uint64(a.m.PositionLimit) {
		return exchange.RejectPositionLimit
	}
	if need := a.needs(opens); need > a.cash {
		a.missing = need - a.cash
		return exchange.RejectInsufficientFunds
	}
	if a.flags&exchange.PostOnly != 0 && a.bk.WouldTrade(a.side, a.limit) {
		return exchange.RejectPostOnlyCrosses
	}
	if a.tif == exchange.FillOrKill && !s.fillable(a) {
		return exchange.RejectUnfillable
	}
	return exchange.Accepted
}

// needs is the most that the order can take out of the account's cash by opening this many contracts.
func (a *arrival) needs(opens exchange.Quantity) exchange.Money {
	most := exchange.Cost(a.side.OpenCost(a.limit), opens) +
		ledger.MaxFee(ledger.TakerRate(a.m.TakerFee), a.side, a.limit, opens)
	if a.maxCost > 0 {
		most = min(most, a.maxCost)
	}
	return most
}

func (s *Shard) ensurePosition(a *arrival) {
	if a.slot == 0 {
		a.slot = s.ledger.MakePosition(a.account, a.bookSlot, a.bk.positions)
		a.bk.positions = a.slot
		a.pos = s.ledger.Positions.At(a.slot)
	}
}

// trade matches an arriving order and lets the rest of it rest, or cancels it. The order was announced by an event.
func (s *Shard) trade(a *arrival) {
	s.match(a)
	switch {
	case a.quantity == 0:
	case a.ended || !a.mayRest():
		if !a.ended {
			a.reason = exchange.CancelImmediate
		}
		q := a.quantity
		a.shrink(q)
		s.emitUnrested(a, q, 0, a.reason)
	default:
		s.rested = exchange.OrderRested{Market: a.bk.market, Outcome: a.bk.outcome, Order: a.id, Account: a.account,
			Resting: a.quantity, Hold: s.enterBook(a)}
		s.rested.Cash = a.acct.Cash
		s.emit(&s.rested)
	}
}

// emitUnrested says that q contracts of an arriving order, which a has already given up, will not trade. Of an order
// that goes on, remaining contracts are left.
func (s *Shard) emitUnrested(a *arrival, q, remaining exchange.Quantity, reason exchange.CancelReason) {
	wasFlat := a.pos.Flat()
	release := exchange.Release{Market: a.bk.market, Outcome: a.bk.outcome, Order: a.id, Account: a.account,
		Quantity: q, Remaining: remaining, Merged: s.ledger.Merge(a.acct, a.pos, &a.bk.Pool), Cash: a.acct.Cash}
	kind := exchange.KindOrderCancelled
	if remaining > 0 {
		kind = exchange.KindOrderReduced
	}
	s.out.Events = wire.AppendRelease(s.out.Events, kind, &release, reason)
	s.emitted()
	s.notePosition(wasFlat, a.pos, a.bk)
}
