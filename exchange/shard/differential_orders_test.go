package shard_test

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
)

func (g *generator) placeOrder() exchange.Command {
	o := &exchange.PlaceOrder{Account: g.account(), Market: g.market(), Side: exchange.Side(g.IntN(2))}
	m := g.existing(o.Market)
	o.Outcome = g.outcome(m)
	o.Price = g.price(m)
	o.Quantity = g.quantity()
	o.TimeInForce = pick(g, exchange.GoodTillCancelled, exchange.GoodTillCancelled, exchange.GoodTillCancelled,
		exchange.GoodTillCancelled, exchange.GoodTillTime, exchange.ImmediateOrCancel, exchange.FillOrKill)
	o.SelfTrade = pick(g, exchange.CancelTaker, exchange.CancelTaker, exchange.CancelMaker, exchange.CancelBoth,
		exchange.DecreaseBoth, exchange.DecreaseBoth, exchange.AllowSelfTrade)
	if o.SelfTrade == exchange.AllowSelfTrade && m != nil && m.Spec.Flags&exchange.SelfTradesAllowed == 0 && g.chance(90) {
		o.SelfTrade = exchange.CancelTaker
	}
	if g.chance(15) {
		o.Group = g.group(o.Account)
	}
	if g.chance(5) {
		o.ClientID = []byte(pick(g, "x", "my order", "0123456789012345678901234567890123456789012345678901234567890123"))
	}
	g.flags(o)
	if o.TimeInForce == exchange.GoodTillTime || g.chance(1) {
		o.ExpireAt = g.h.now + 21*exchange.Time(second) + exchange.Time(pick(g, 1, second, 10*second, hour))
		if g.chance(30) {
			o.ExpireAt = g.h.now + exchange.Time(pick(g, 1, second, 0, -1))
		}
	}
	o.FundsElsewhere = g.fundsElsewhere()
	if g.chance(1) {
		g.spoil(o)
	}
	return o
}

func (g *generator) flags(o *exchange.PlaceOrder) {
	rests := o.TimeInForce == exchange.GoodTillCancelled || o.TimeInForce == exchange.GoodTillTime
	switch n := g.IntN(100); {
	case n < 10 && rests:
		o.Flags |= exchange.PostOnly
	case n < 40 && !rests || n == 99:
		o.Flags |= exchange.MarketOrder
		if g.chance(60) {
			o.MaxCost = exchange.Money(g.IntN(10_0000))
		}
		if g.chance(50) {
			o.Price = pick(g, exchange.MinPrice, exchange.MaxPrice, 9_000, 1_000)
		}
	case n == 98:
		o.Flags |= exchange.PostOnly
		o.MaxCost = pick[exchange.Money](g, 1, -1)
	}
	if g.chance(15) && (g.chance(5) || g.closable(o) > 0) {
		o.Flags |= exchange.ReduceOnly
	}
	if g.chance(10) {
		o.Flags |= exchange.NoTerms
	}
}

// closable is how many contracts the order could close now.
func (g *generator) closable(o *exchange.PlaceOrder) int64 {
	m := g.existing(o.Market)
	if m == nil || int(o.Outcome) >= len(m.Books) || m.Books[o.Outcome].Positions[o.Account] == nil {
		return 0
	}
	p := m.Books[o.Outcome].Positions[o.Account]
	if o.Side == exchange.Sell {
		return p.FreeYes()
	}
	return p.FreeNo()
}

// spoil makes a command that no client of this version sends.
func (g *generator) spoil(o *exchange.PlaceOrder) {
	switch g.IntN(4) {
	case 3:
		o.Flags |= exchange.NoTerms << (1 + g.IntN(4))
	case 0:
		o.Side = 2
	case 1:
		o.TimeInForce = exchange.FillOrKill + 1
	case 2:
		o.SelfTrade = exchange.AllowSelfTrade + 1
	}
}

func (g *generator) outcome(m *model.Market) exchange.Outcome {
	if m == nil || g.chance(1) {
		return exchange.Outcome(g.IntN(256))
	}
	return exchange.Outcome(min(g.IntN(len(m.Books)), g.IntN(len(m.Books)))) // the first ones more often
}

// price is near the middle of the market, which its id decides, on its grid.
func (g *generator) price(m *model.Market) exchange.Price {
	if g.chance(2) {
		return exchange.Price(pick(g, 0, 1, 2, 4_999, 5_001, 9_999, 10_000, 65_535))
	}
	if m == nil {
		return 5_000
	}
	step := int(m.Spec.Tick.Middle)
	middle := pick(g, 5_000, 5_000, 5_000, 100*(1+int(m.ID)*37%98))
	if m.ID%3 == 0 && m.Spec.Tick.EdgeWidth > 0 {
		middle, step = 10_000-int(m.Spec.Tick.EdgeWidth), int(m.Spec.Tick.Edge)
	}
	middle -= middle % step
	p := middle + step*(g.IntN(2*g.traits.spread+1)-g.traits.spread)
	if g.chance(1) {
		p++
	} else if !m.Spec.Tick.Allows(exchange.Price(p)) {
		p -= p % int(m.Spec.Tick.Middle)
	}
	return exchange.Price(max(1, min(p, 9_999)))
}

func (g *generator) quantity() exchange.Quantity {
	if g.chance(1) {
		return exchange.Quantity(pick(g, 0, 1_000_000, 1_000_001, 100_000))
	}
	if g.traits.rich {
		return exchange.Quantity(1 + g.IntN(1_000_000))
	}
	return exchange.Quantity(1 + g.IntN(20))
}

// openOrder finds a resting order, or nil.
func (g *generator) openOrder() *model.Order {
	for range 8 {
		m := g.existing(g.market())
		if m == nil {
			continue
		}
		b := m.Books[int(g.outcome(m))%len(m.Books)]
		if side := b.Sides[g.IntN(2)]; len(side) > 0 {
			return side[g.IntN(len(side))]
		}
	}
	return nil
}

// anyOrder is one that was placed once, or never.
func (g *generator) anyOrder() exchange.OrderID { return modelID(1 + g.Uint64N(g.h.model.Orders+2)) }

func (g *generator) cancelOrder() exchange.Command {
	o := g.openOrder()
	if o == nil || g.chance(10) {
		return &exchange.CancelOrder{Account: g.account(), Market: g.market(), Order: g.anyOrder()}
	}
	return &exchange.CancelOrder{Account: o.Account, Market: o.Market, Order: o.ID}
}

func (g *generator) amendOrder() exchange.Command {
	o := g.openOrder()
	if o == nil || g.chance(3) {
		return &exchange.AmendOrder{Account: g.account(), Market: g.market(), Order: g.anyOrder(), FundsElsewhere: g.fundsElsewhere()}
	}
	c := &exchange.AmendOrder{Account: o.Account, Market: o.Market, Order: o.ID, FundsElsewhere: g.fundsElsewhere()}
	if g.chance(50) {
		c.Price = g.price(g.existing(o.Market))
	}
	if g.chance(60) {
		c.Quantity = exchange.Quantity(g.IntN(int(o.Quantity) + 8))
	}
	if g.chance(20) {
		c.Version = uint32(1 + g.IntN(3))
	}
	if g.chance(2) {
		c.Quantity = 1_000_001
	}
	return c
}

func (g *generator) massCancel() exchange.Command {
	c := &exchange.MassCancel{Account: g.account()}
	if g.chance(40) {
		c.Market = g.market()
	}
	if g.chance(30) {
		c.Group = g.group(c.Account)
	}
	return c
}
