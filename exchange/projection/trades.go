package projection

import "github.com/hustings/hustings/exchange"

// A half is one order's side of a trade.
type half struct {
	order    *order
	account  *account
	position *position
	closing  exchange.Quantity
	merged   exchange.Quantity
	fee      exchange.Money
	hold     exchange.Money // what its hold shrinks by
	cash     exchange.Money // its account's, afterwards
	cost     exchange.Money // what its contracts cost, less what closing brings in
}

func (v *View) orderMatched(e *exchange.OrderMatched) *InconsistencyError {
	m, b, fault := v.tradingBook(e.Market, e.Outcome)
	if fault != nil {
		return fault
	}
	maker, taker := v.openOrder(e.Market, e.Maker), v.openOrder(e.Market, e.Taker)
	if fault := v.checkMatched(e, b, maker, taker); fault != nil {
		return fault
	}
	groups := [...]exchange.GroupID{maker.group, taker.group} // an order that is done has none
	resting := half{order: maker, closing: e.MakerClosing, merged: e.MakerMerged, fee: e.MakerFee, hold: e.MakerHold, cash: e.MakerCash}
	arriving := half{order: taker, closing: e.TakerClosing, merged: e.TakerMerged, fee: e.TakerFee, cash: e.TakerCash}
	most := highestFee(m.takerFee, e.Price, e.Quantity)
	for _, h := range [...]*half{&resting, &arriving} {
		if fault := v.fill(b, h, e.Price, e.Quantity, most); fault != nil {
			return fault
		}
	}
	v.arriving.left -= e.Quantity
	v.shrink(b, maker, e.Quantity, maker.remaining == 0)
	v.addEscrow(m, resting.cost+arriving.cost)
	v.addFees(m, resting.fee+arriving.fee)
	for _, h := range [...]*half{&resting, &arriving} {
		if fault := v.payHalf(m, b, h); fault != nil {
			return fault
		}
	}
	if fault := resting.position.check(); fault != nil {
		return fault
	}
	if fault := arriving.position.check(); fault != nil {
		return fault
	}
	for _, id := range groups {
		v.fillGroup(id, e.Quantity)
	}
	v.count(m, b, e)
	return nil
}

// checkMatched checks that the trade is between the right orders: the one that is arriving, and the first of those
// that it may trade with.
func (v *View) checkMatched(e *exchange.OrderMatched, b *book, maker, taker *order) *InconsistencyError {
	if taker == nil || !v.arriving.is(taker) || taker.queued || taker.account != e.TakerAccount || taker.market != e.Market ||
		taker.outcome != e.Outcome || taker.side != e.TakerSide {
		return broken("the taker is not the arriving order").withOrder(e.Taker)
	}
	if maker == nil || !maker.queued || maker.account != e.MakerAccount || maker.market != e.Market ||
		maker.outcome != e.Outcome || maker.side == e.TakerSide || maker.price != e.Price {
		return broken("the maker does not rest there").withOrder(e.Maker)
	}
	if e.Quantity == 0 || e.Quantity > v.arriving.left || e.Quantity > maker.remaining {
		return broken("%d contracts trade, the taker has %d left and the maker %d", e.Quantity, v.arriving.left, maker.remaining)
	}
	if rankOf(taker.side, e.Price) > rankOf(taker.side, taker.price) {
		return broken("the price %v is beyond the taker's limit %v", e.Price, taker.price).withOrder(e.Taker)
	}
	rank, lv := b.side(maker.side).best()
	if rank != rankOf(maker.side, maker.price) || v.orders.at(lv.head) != maker {
		return broken("another order comes before the maker").withOrder(e.Maker)
	}
	return nil
}

// fill changes an order and its account's position.
func (v *View) fill(b *book, h *half, price exchange.Price, quantity exchange.Quantity, mostFee exchange.Money) *InconsistencyError {
	o := h.order
	if h.closing != min(quantity, o.closing) {
		return broken("%d of %d contracts close, and %d of the order were to", h.closing, quantity, o.closing).withOrder(o.id)
	}
	if h.fee < 0 || h.fee > mostFee {
		return broken("its fee is %v, the market's rate allows %v", h.fee, mostFee).withOrder(o.id)
	}
	h.account = v.accountOf(o.account)
	h.position = v.makePosition(o.account, o.market, o.outcome)
	o.filled += quantity
	o.remaining -= quantity
	o.closing -= h.closing
	openCost := o.side.OpenCost(price)
	opening := quantity - h.closing
	opened := exchange.Cost(openCost, opening)
	h.cost = opened - exchange.Cost(openCost.Complement(), h.closing)
	p := h.position
	p.paid += h.cost + h.fee
	if o.side == exchange.Buy {
		p.noCost -= share(p.noCost, h.closing, p.no)
		p.yesCost += opened
		p.reservedNo -= h.closing
		v.add(b, p, opening, -h.closing)
	} else {
		p.yesCost -= share(p.yesCost, h.closing, p.yes)
		p.noCost += opened
		p.reservedYes -= h.closing
		v.add(b, p, -h.closing, opening)
	}
	return nil
}

// payHalf merges what a half of a trade lets merge, and moves the money of its account.
func (v *View) payHalf(m *market, b *book, h *half) *InconsistencyError {
	o := h.order
	v.merge(m, b, h.position, h.merged)
	if h.hold < 0 {
		return broken("the hold grows by %v", -h.hold).withOrder(o.id)
	}
	if fault := v.hold(h.account, o, -h.hold); fault != nil {
		return fault
	}
	account := o.account
	if fault := v.done(h.account, m, o); fault != nil {
		return fault
	}
	delta := h.hold - h.cost - h.fee + exchange.Cost(exchange.One, h.merged)
	return v.pay(account, h.account, delta, h.cash)
}

// highestFee is what a trade alone costs a taker. As fees are rounded over all fills of an order, none costs more.
func highestFee(rate exchange.FeeRate, price exchange.Price, quantity exchange.Quantity) exchange.Money {
	const units = 10_000 * 10_000
	owed := uint64(rate) * uint64(quantity) * uint64(price) * uint64(price.Complement())
	return exchange.Money((owed + units - 1) / units)
}

// count keeps the statistics of a trade.
func (v *View) count(m *market, b *book, e *exchange.OrderMatched) {
	if b.hours == nil {
		b.hours = new(hours)
	}
	b.hours.add(v.now, e.Price, e.Quantity)
	b.last = e.Price
	b.volume += uint64(e.Quantity)
	b.trades++
	v.total.Volume += uint64(e.Quantity)
	v.total.Trades++
	v.touch(e.Market, m)
	m.volume += uint64(e.Quantity)
	m.activeAt = v.now
}
