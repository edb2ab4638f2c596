package shard_test

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// add folds one event.
func (f *fold) add(event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		f.placed(e)
	case *exchange.OrderRested:
		o := f.order(e.Market, e.Order)
		if o.Open != int64(e.Resting) {
			f.fail("order %d has %d open, and rests with %d", o.Number, o.Open, e.Resting)
		}
		f.hold(o, e.Hold)
		f.rest(o)
		f.cash(e, e.Account, e.Cash)
	case *exchange.OrderMatched:
		f.matched(e)
	case *exchange.OrderCancelled:
		f.released(e, &e.Release)
	case *exchange.OrderExpired:
		f.released(e, &e.Release)
	case *exchange.OrderReduced:
		f.released(e, &e.Release)
	case *exchange.OrderAmended:
		f.amended(e)
	case *exchange.PayoutIssued:
		p := f.position(e.Market, e.Outcome, e.Account)
		if p.Yes != int64(e.Yes) || p.No != int64(e.No) {
			f.fail("account %d is paid for %d yes and %d no and has %+v", e.Account, e.Yes, e.No, *p)
		}
		p.Yes, p.No = 0, 0
		f.move(e.Market, e.Outcome, e.Account, e.Amount)
		f.cash(e, e.Account, e.Cash)
	case *exchange.RefundIssued:
		f.refunded(e)
	case *exchange.RulesSwitched:
		f.state.Rules = e.Version
	case *exchange.HaltSet:
		f.state.Halted = e.Halted
	case *exchange.ApprovalsSet:
		f.state.Approvals = e.Approvals
	case *exchange.ActProposed:
		f.state.Proposed = e.Proposal
		f.state.Proposals = append(f.state.Proposals, proposalState{e.Proposal, e.Account, e.Credential, e.LapseAt, string(e.Act)})
	case *exchange.ActDecided:
		f.state.Proposals = slices.DeleteFunc(slices.Clone(f.state.Proposals), func(p proposalState) bool { return p.ID == e.Proposal })
	case *exchange.PlacementSet:
		f.state.Placement, f.state.PlacementVersion = string(e.Data), e.Version
	case *exchange.MarketFrozen, *exchange.MarketThawed, *exchange.MarketPartAdopted, *exchange.MarketPartDropped:
		f.moved(event)
	default:
		f.addOfAccount(event)
	}
}

func (f *fold) placed(e *exchange.OrderPlaced) {
	o := &foldedOrder{market: e.Market, outcome: e.Outcome, side: e.Side, orderState: orderState{
		Number: e.Order.Number(), Account: e.Account, Price: e.Price, Quantity: int64(e.Quantity), Open: int64(e.Quantity),
		Closing: int64(e.Closing), Version: 1, ExpireAt: e.ExpireAt, Group: e.Group, Flags: e.Flags, SelfTrade: e.SelfTrade}}
	f.state.Orders = o.Number
	f.orders[namedOrder{e.Market, o.Number}] = o
	f.reserve(o, o.Closing)
	f.hold(o, e.Hold)
	if e.Resting > 0 {
		if e.Resting != e.Quantity && e.Flags&exchange.ReduceOnly == 0 {
			f.fail("%+v rests in part", e)
		}
		f.rest(o)
	}
	f.cash(e, e.Account, e.Cash)
}

func (f *fold) matched(e *exchange.OrderMatched) {
	maker, taker := f.order(e.Market, e.Maker), f.order(e.Market, e.Taker)
	f.market(e.Market).Books[e.Outcome].Last = e.Price
	f.hold(maker, maker.Hold-e.MakerHold)
	f.filled(maker, e, e.MakerClosing, e.MakerMerged, e.MakerFee)
	f.cash(e, e.MakerAccount, e.MakerCash)
	f.filled(taker, e, e.TakerClosing, e.TakerMerged, e.TakerFee)
	f.cash(e, e.TakerAccount, e.TakerCash)
	f.filledIn(maker.Group, e.Quantity)
	f.filledIn(taker.Group, e.Quantity)
	f.keep(maker)
	f.keep(taker)
}

// filled books one order's half of a trade.
func (f *fold) filled(o *foldedOrder, e *exchange.OrderMatched, closing, merged exchange.Quantity, fee exchange.Money) {
	opening := e.Quantity - closing
	o.Filled += int64(e.Quantity)
	o.Open -= int64(e.Quantity)
	o.Closing -= int64(closing)
	f.reserve(o, -int64(closing))
	p := f.position(o.market, o.outcome, o.Account)
	if o.side == exchange.Buy {
		p.Yes += int64(opening)
		p.No -= int64(closing)
	} else {
		p.No += int64(opening)
		p.Yes -= int64(closing)
	}
	f.move(o.market, o.outcome, o.Account, exchange.Cost(o.side.Opposite().OpenCost(e.Price), closing)-
		exchange.Cost(o.side.OpenCost(e.Price), opening))
	f.account(o.Account).Cash -= fee
	f.market(o.market).Fees += fee
	p.Paid += fee
	f.merge(o.market, o.outcome, o.Account, merged)
}

func (f *fold) released(event exchange.Event, r *exchange.Release) {
	o := f.order(r.Market, r.Order)
	if o == nil {
		f.fail("%T of an order that is not open: %+v", event, r)
		return
	}
	opening := min(int64(r.Quantity), o.Open-o.Closing)
	closing := int64(r.Quantity) - opening
	o.Open -= int64(r.Quantity)
	o.Quantity -= int64(r.Quantity)
	o.Closing -= closing
	if o.Open != int64(r.Remaining) {
		f.fail("%T: %d remain, not %d", event, o.Open, r.Remaining)
	}
	f.reserve(o, -closing)
	f.hold(o, o.Hold-r.HoldReleased)
	f.merge(r.Market, r.Outcome, r.Account, r.Merged)
	f.cash(event, r.Account, r.Cash)
	f.keep(o)
}

func (f *fold) amended(e *exchange.OrderAmended) {
	o := f.order(e.Market, e.Order)
	f.reserve(o, -o.Closing)
	f.merge(e.Market, e.Outcome, e.Account, e.Merged)
	if e.LostPriority {
		f.leave(o)
	}
	o.Price, o.Quantity, o.Closing = e.Price, int64(e.Quantity), int64(e.Closing)
	o.Open = o.Quantity - o.Filled
	o.Version++
	f.reserve(o, o.Closing)
	f.hold(o, e.Hold)
	if e.LostPriority && e.Resting > 0 {
		f.rest(o)
	}
	f.keep(o)
	f.cash(e, e.Account, e.Cash)
}

func (f *fold) refunded(e *exchange.RefundIssued) {
	a, m := f.account(e.Account), f.market(e.Market)
	a.Cash += e.Amount + e.Receivable
	a.Receivable += e.Receivable
	m.Escrow -= e.Amount - e.Fees
	m.Fees -= e.Fees
	var paid exchange.Money
	for o := range m.Books {
		p := f.position(e.Market, exchange.Outcome(o), e.Account)
		paid += p.Paid
		*p = positionState{Account: e.Account}
	}
	if paid != e.Amount {
		f.fail("account %d is refunded %v and paid %v", e.Account, e.Amount, paid)
	}
	f.cash(e, e.Account, e.Cash)
}

func (f *fold) addOfAccount(event exchange.Event) {
	switch e := event.(type) {
	case *exchange.AccountRegistered:
		f.state.Accounts = append(f.state.Accounts, accountState{Exists: true, Version: 1, MaxOpenOrders: defaultOpenOrders, Tier: exchange.TierStandard})
	case *exchange.FundsDeposited:
		a := f.account(e.Account)
		f.state.World += e.Amount
		a.Cash += e.Amount - e.Repaid
		a.Receivable -= e.Repaid
		f.cash(e, e.Account, e.Cash)
	case *exchange.FundsWithdrawn:
		f.state.World -= e.Amount
		f.account(e.Account).Cash -= e.Amount
		f.cash(e, e.Account, e.Cash)
	case *exchange.TransferSent:
		f.account(e.Account).Cash -= e.Amount
		f.cash(e, e.Account, e.Cash)
		f.sent(exchange.Transfer{To: e.To, Number: e.Number, Account: e.Account, Amount: e.Amount})
	case *exchange.TransferReceived:
		f.received(e)
	case *exchange.TransferReleased:
		f.letGo(e)
	case *exchange.LimitsSet:
		a := f.account(e.Account)
		a.Version, a.MaxOpenOrders, a.Blocked = e.Version, e.MaxOpenOrders, e.Blocked
	case *exchange.TierSet:
		a := f.account(e.Account)
		a.Version, a.Tier = e.Version, e.Tier
	case *exchange.DeadManSet:
		f.account(e.Account).Deadline = e.Deadline
	case *exchange.MassCancelAccepted:
		if e.Reason == exchange.CancelDeadMan {
			f.account(e.Account).Deadline = 0
		}
	case *exchange.GroupCreated, *exchange.GroupChanged, *exchange.GroupSet, *exchange.GroupCounted:
		f.ofGroups(event)
	default:
		f.addOfMarket(event)
	}
}

// sent adds a transfer to the outbox, which is sorted.
func (f *fold) sent(t exchange.Transfer) {
	i, _ := slices.BinarySearchFunc(f.state.Outbox, t, byShard)
	f.state.Outbox = slices.Insert(f.state.Outbox, i, t)
}

func byShard(a, b exchange.Transfer) int {
	return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Number, b.Number))
}

func (f *fold) received(e *exchange.TransferReceived) {
	a := f.admitted(e.Account)
	f.state.Received += e.Amount
	a.Cash += e.Amount - e.Repaid
	a.Receivable -= e.Repaid
	f.cash(e, e.Account, e.Cash)
}

// admitted finds an account, or makes it.
func (f *fold) admitted(id exchange.AccountID) *accountState {
	for len(f.state.Accounts) < int(id) {
		f.state.Accounts = append(f.state.Accounts, accountState{})
	}
	a := f.account(id)
	if !a.Exists {
		*a = accountState{Exists: true, Version: 1, MaxOpenOrders: defaultOpenOrders, Tier: exchange.TierStandard}
	}
	return a
}

func (f *fold) letGo(e *exchange.TransferReleased) {
	i, ok := slices.BinarySearchFunc(f.state.Outbox, exchange.Transfer{To: e.To, Number: e.Number}, byShard)
	if !ok || f.state.Outbox[i].Amount != e.Amount {
		f.fail("%+v is released, and under way are %+v", e, f.state.Outbox)
		return
	}
	f.state.Outbox = slices.Delete(f.state.Outbox, i, i+1)
	f.state.Released += e.Amount
}

func (f *fold) addOfMarket(event exchange.Event) {
	switch e := event.(type) {
	case *exchange.MarketCreated:
		for len(f.state.Markets) < int(e.Market) {
			f.state.Markets = append(f.state.Markets, marketState{})
		}
		*f.market(e.Market) = marketState{Version: 1, Question: e.Spec.Question, Rules: e.Spec.Rules,
			CloseAt: e.Spec.CloseAt, Books: make([]bookState, e.Spec.Books())}
	case *exchange.MarketUpdated:
		m := f.market(e.Market)
		m.Version, m.Question, m.Rules, m.CloseAt = e.Version, e.Question, e.Rules, e.CloseAt
	case *exchange.MarketSuspended:
		f.enter(e.MarketChanged, exchange.StateSuspended)
	case *exchange.MarketResumed:
		f.enter(e.MarketChanged, exchange.StateOpen)
	case *exchange.MarketClosed:
		f.enter(e.MarketChanged, exchange.StateClosed)
	case *exchange.MarketOrdersCancelled:
		f.enter(e.MarketChanged, f.market(e.Market).State)
	case *exchange.MarketResolved:
		m := f.enter(e.MarketChanged, exchange.StateResolved)
		m.Values, m.PayAfter = slices.Clone(e.Values), e.PayAfter
	case *exchange.MarketVoided:
		f.enter(e.MarketChanged, exchange.StateVoiding)
	case *exchange.MarketSettled:
		m := f.enter(e.MarketChanged, exchange.StateSettled)
		if e.Void {
			m.State = exchange.StateVoided
		}
		f.state.House += e.Fees
		m.Fees -= e.Fees
	case *exchange.MarketHalted:
		f.fail("market %d halted: %v, %s", e.Market, exchange.Invariant(e.Invariant), e.Detail)
	}
}

func (f *fold) enter(c exchange.MarketChanged, s exchange.MarketState) *marketState {
	m := f.market(c.Market)
	if c.Version != m.Version+1 {
		f.fail("market %d goes from version %d to %d", c.Market, m.Version, c.Version)
	}
	m.State, m.Version = s, c.Version
	return m
}
