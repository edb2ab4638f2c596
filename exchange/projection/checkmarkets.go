package projection

import "github.com/hustings/hustings/exchange"

func (c *audit) markets() *InconsistencyError {
	for i := uint32(1); i <= c.v.lastMarket; i++ {
		m := c.v.markets.at(i)
		c.total.Escrow += m.escrow
		c.total.MarketFees += m.fees
		if fault := c.market(exchange.MarketID(i), m); fault != nil {
			return fault.withMarket(exchange.MarketID(i))
		}
	}
	return nil
}

func (c *audit) market(id exchange.MarketID, m *market) *InconsistencyError {
	if m.escrow < 0 || m.fees < 0 {
		return broken("its escrow is %v, its fees are %v", m.escrow, m.fees)
	}
	if c.v.settled(id) {
		if m.escrow != 0 || m.fees != 0 || m.openOrders != 0 {
			return broken("settled, it has an escrow of %v, fees of %v and %d orders", m.escrow, m.fees, m.openOrders)
		}
		return nil
	}
	var open uint32
	for i := range exchange.Outcome(m.bookCount) {
		b := c.v.bookAt(m, i)
		if b.crossed() {
			return broken("the book of outcome %d is crossed", i)
		}
		for side := range exchange.Side(2) {
			n, fault := c.side(id, i, b, side)
			if fault != nil {
				return fault
			}
			open += n
		}
	}
	if open != m.openOrders {
		return broken("it has %d open orders, %d are counted", open, m.openOrders)
	}
	c.total.OpenOrders += uint64(open)
	if m.stage == StageArriving { // not all of it is there
		return nil
	}
	return c.escrow(m)
}

// side audits the orders of one side of a book, and counts them.
func (c *audit) side(id exchange.MarketID, outcome exchange.Outcome, b *book, side exchange.Side) (n uint32, fault *InconsistencyError) {
	quantities := map[exchange.Price]uint64{}
	c.v.queues(b, side, func(o *order) {
		n++
		quantities[o.price] += uint64(o.remaining)
		if f := c.order(o); f != nil && fault == nil {
			fault = f.withOrder(o.id).withAccount(o.account)
		}
		if (o.market != id || o.outcome != outcome || o.side != side) && fault == nil {
			fault = broken("it stands in another book than its own").withOrder(o.id)
		}
	})
	if fault != nil || b.sides == nil {
		return n, fault
	}
	for _, lv := range b.sides[side].read(side, int(exchange.One)) {
		if lv.Quantity != quantities[lv.Price] {
			return n, broken("at %v %d contracts rest, %d are counted", lv.Price, quantities[lv.Price], lv.Quantity)
		}
	}
	return n, nil
}

func (c *audit) order(o *order) *InconsistencyError {
	if fault := o.check(); fault != nil {
		return fault
	}
	c.held[o.account] += o.hold
	c.open[o.account]++
	if o.closing == 0 {
		return nil
	}
	for probe := c.v.positionsOf.probe(hashPosition(o.account, o.market, o.outcome)); probe.next(); {
		p := c.v.positions.at(probe.number)
		if p.account == o.account && p.market == o.market && p.outcome == o.outcome {
			c.reserved[2*probe.number+uint32(o.side)] += o.closing
			return nil
		}
	}
	return broken("it closes %d contracts of no position", o.closing)
}

// escrow audits that the escrow covers what its contracts can be worth, and that it is what the accounts paid.
func (c *audit) escrow(m *market) *InconsistencyError {
	var paid, due exchange.Money
	yes, no := make([]uint64, m.bookCount), make([]uint64, m.bookCount)
	for i := m.positions; i != 0; {
		p := c.v.positions.at(i)
		paid += p.paid
		yes[p.outcome] += uint64(p.yes)
		no[p.outcome] += uint64(p.no)
		i = p.next
	}
	for i := range yes {
		b := c.v.bookAt(m, exchange.Outcome(i))
		paysOut := m.state == exchange.StateResolved || m.state == exchange.StateVoiding
		if b.yes != yes[i] || b.no != no[i] || !paysOut && yes[i] != no[i] {
			return broken("outcome %d has %d yes and %d no, its accounts %d and %d", i, b.yes, b.no, yes[i], no[i])
		}
		if m.state == exchange.StateResolved {
			due += exchange.Money(yes[i])*exchange.Money(b.value) + exchange.Money(no[i])*exchange.Money(b.value.Complement())
		} else {
			due += exchange.Money(yes[i]) * exchange.Money(exchange.One)
		}
	}
	if paid != m.escrow+m.fees {
		return broken("its accounts paid %v, escrow and fees are %v and %v", paid, m.escrow, m.fees)
	}
	if due != m.escrow && m.state != exchange.StateVoiding {
		return broken("its escrow is %v, its contracts are worth %v", m.escrow, due)
	}
	return nil
}

func (c *audit) positions() *InconsistencyError {
	for i := uint32(1); i <= c.v.positions.last; i++ {
		p := c.v.positions.at(i)
		if p.account == 0 { // given back
			continue
		}
		if !p.flat() {
			c.total.Positions++
		}
		fault := p.check()
		if stage := c.v.markets.at(uint32(p.market)).stage; stage == StageArriving || stage == StageDropping {
			fault = nil // not all orders that reserve its contracts are there
		}
		switch {
		case fault != nil:
			return fault
		case p.reservedNo != c.reserved[2*i] || p.reservedYes != c.reserved[2*i+1]:
			fault = broken("of outcome %d %d yes and %d no are reserved, by orders %d and %d", p.outcome,
				p.reservedYes, p.reservedNo, c.reserved[2*i+1], c.reserved[2*i])
		}
		if fault != nil {
			return fault.withAccount(p.account).withMarket(p.market)
		}
	}
	return nil
}
