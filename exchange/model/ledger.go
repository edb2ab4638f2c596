package model

import "github.com/hustings/hustings/exchange"

// Position is what an account has in one book.
type Position struct {
	Yes, No                 int64
	ReservedYes, ReservedNo int64          // by orders that will close them
	Paid                    exchange.Money // in this book, fees included, less what was received
}

// FreeYes is how many Yes no order has reserved.
func (p *Position) FreeYes() int64 { return p.Yes - p.ReservedYes }

// FreeNo is how many No no order has reserved.
func (p *Position) FreeNo() int64 { return p.No - p.ReservedNo }

func (p *Position) empty() bool { return p.Yes == 0 && p.No == 0 }

// closable is how many contracts an order of this side could close.
func (p *Position) closable(s exchange.Side) int64 {
	if s == exchange.Sell {
		return p.FreeYes()
	}
	return p.FreeNo()
}

// reserve sets contracts aside for an order to close, or with a negative number gives them back.
func (p *Position) reserve(s exchange.Side, n int64) {
	if s == exchange.Sell {
		p.ReservedYes += n
	} else {
		p.ReservedNo += n
	}
}

// place is where an order's money and contracts are.
type place struct {
	account  *Account
	market   *Market
	outcome  exchange.Outcome
	book     *Book
	position *Position
}

func (e *Engine) placeOf(o *Order) place {
	return e.placeIn(e.market(o.Market), o.Outcome, o.Account)
}

func (e *Engine) placeIn(m *Market, outcome exchange.Outcome, id exchange.AccountID) place {
	b := m.Books[outcome]
	return place{e.account(id), m, outcome, b, b.position(id)}
}

// merge turns free pairs into cash.
func (at place) merge() int64 {
	n := min(at.position.FreeYes(), at.position.FreeNo())
	at.position.Yes -= n
	at.position.No -= n
	at.receive(cost(exchange.One, n))
	return n
}

// receive moves money from the market's escrow to the account, pay the other way.
func (at place) receive(amount exchange.Money) {
	at.account.Cash += amount
	at.market.Escrow -= amount
	at.position.Paid -= amount
}

func (at place) pay(amount exchange.Money) { at.receive(-amount) }

func (at place) payFee(amount exchange.Money) {
	at.account.Cash -= amount
	at.market.Fees += amount
	at.position.Paid += amount
}

// setHold makes an order's hold what it has to be; the difference comes from, or goes to, cash. It returns what the
// hold shrank by.
func (at place) setHold(o *Order) exchange.Money {
	var want exchange.Money
	if o.Resting {
		want = at.market.HoldOf(o)
	}
	shrank := o.Hold - want
	o.Hold = want
	at.account.Cash += shrank
	return shrank
}

// half is what a fill did to one of its two orders.
type half struct {
	closing, merged exchange.Quantity
	fee, shrank     exchange.Money
	cash            exchange.Money
}

// fill books a trade for one of its two orders.
func (e *Engine) fill(o *Order, price exchange.Price, quantity int64) half {
	at := e.placeOf(o)
	rate := at.market.takerRate()
	if o.Resting {
		rate = at.market.makerRate()
	}
	closing := min(quantity, o.Closing)
	opening := quantity - closing
	o.Closing -= closing
	o.Opening -= opening
	o.Filled += quantity
	before := o.Fee.Charged
	o.Fee = o.Fee.plus(feeOf(rate, quantity, price))
	fee := o.Fee.Charged - before

	at.position.reserve(o.Side, -closing)
	if o.Side == exchange.Buy {
		at.position.Yes += opening
		at.position.No -= closing
	} else {
		at.position.No += opening
		at.position.Yes -= closing
	}
	shrank := at.setHold(o)
	at.pay(cost(o.Side.OpenCost(price), opening))
	at.receive(cost(o.Side.Opposite().OpenCost(price), closing))
	at.payFee(fee)
	merged := at.merge()
	return half{exchange.Quantity(closing), exchange.Quantity(merged), fee, shrank, at.account.Cash}
}

// positionEvent tells when an account came to have contracts in a book, or has none any more; otherwise it is nil.
func (at place) positionEvent(wasEmpty bool) exchange.Event {
	account, market := at.account.ID, at.market.ID
	switch empty := at.position.empty(); {
	case wasEmpty && !empty:
		return &exchange.PositionOpened{Account: account, Market: market, Outcome: at.outcome}
	case !wasEmpty && empty:
		return &exchange.PositionClosed{Account: account, Market: market, Outcome: at.outcome, Paid: at.position.Paid}
	}
	return nil
}

// takeOut takes contracts out of an order without a trade, from its opening part first, and emits the event that tell
// makes of it. The order's hold shrinks, the contracts that it had reserved are free again, and pairs that this frees
// are merged.
func (e *Engine) takeOut(o *Order, quantity int64, tell func(exchange.Release) exchange.Event) {
	at := e.placeOf(o)
	wasEmpty := at.position.empty()
	opening := min(quantity, o.Opening)
	closing := quantity - opening
	o.Opening -= opening
	o.Closing -= closing
	o.Quantity -= quantity
	at.position.reserve(o.Side, -closing)
	shrank := at.setHold(o)
	merged := at.merge()
	e.emit(tell(exchange.Release{Market: o.Market, Outcome: o.Outcome, Order: o.ID, Account: o.Account,
		Quantity: exchange.Quantity(quantity), Remaining: exchange.Quantity(o.Open()), HoldReleased: shrank,
		Merged: exchange.Quantity(merged), Cash: at.account.Cash}))
	e.emitSome(at.positionEvent(wasEmpty))
}
