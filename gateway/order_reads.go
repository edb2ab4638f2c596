package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/shape"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// placing finds one of the caller's orders as it was placed, open or done. Whose it is, in which market and on which
// contract never changes, so that is good for an answer that must be the same for ever.
func (c *call) placing(market exchange.MarketID, order exchange.OrderID) (pastOrder, *api.Problem) {
	notFound := func() (pastOrder, *api.Problem) {
		return pastOrder{}, api.RejectProblem(exchange.RejectOrderNotFound, 0, "order")
	}
	open, found := c.s.reader.Order(market, order)
	if !found {
		if p := c.catchUp(); p != nil {
			return pastOrder{}, p
		}
		open, found = c.s.reader.Order(market, order)
	}
	if found {
		if open.Account != c.who.Account {
			return notFound()
		}
		return pastOrder{Order: open, status: api.StatusOpen}, nil
	}
	o, found, p := c.findPlacing(c.who.Account, market, order)
	if p != nil {
		return o, p
	}
	if !found || o.Market != market {
		return notFound()
	}
	return o, nil
}

func (c *call) getOrder() *api.Problem {
	market, p := c.marketID()
	if p != nil {
		return p
	}
	order, p := c.orderID()
	if p != nil {
		return p
	}
	o, p := c.placing(market, order)
	if p != nil {
		return p
	}
	if o.seq != 0 { // not open any more, or only just placed
		if p := c.followOrder(&o); p != nil {
			return p
		}
	}
	c.etag = o.Version
	info := c.orderInfo(&o)
	return c.answer(&info)
}

// listOrders lists open orders, or all that the journal has.
func (c *call) listOrders() *api.Problem {
	q := c.query()
	limit, after := q.limit(), exchange.OrderID(q.cursor(1)[0])
	market := exchange.MarketID(q.id("market", 1<<32-1))
	all := q.word("status", 0, "open", "all") == 1
	if q.problem != nil {
		return q.problem
	}
	if all {
		return c.listAllOrders(market)
	}
	answer := api.Orders{Orders: []api.Order{}, Page: api.Page{Seq: api.ID(c.seq)}}
	orders := c.s.reader.OpenOrders(c.who.Account, market, after, limit)
	for i := range orders {
		answer.Orders = append(answer.Orders, c.orderInfo(&pastOrder{Order: orders[i], status: api.StatusOpen}))
	}
	if n := len(orders); n >= limit {
		answer.NextCursor = writeCursor(uint64(orders[n-1].ID))
	}
	return c.answer(&answer)
}

func (c *call) listAllOrders(market exchange.MarketID) *api.Problem {
	page, p := readPage(c, projection.AccountKey(c.who.Account), func(seq exchange.Seq, at exchange.Time, event exchange.Event) []pastOrder {
		e, placed := event.(*exchange.OrderPlaced)
		if !placed || market != 0 && e.Market != market {
			return nil
		}
		return []pastOrder{placedOrder(seq, at, e)}
	})
	if p != nil {
		return p
	}
	answer := api.Orders{Orders: []api.Order{}, Page: page.foot(c)}
	for i := range page.rows {
		o := &page.rows[i]
		if open, found := c.s.reader.Order(o.Market, o.ID); found {
			o.Order = open
		} else if p := c.followOrder(o); p != nil {
			return p
		}
		answer.Orders = append(answer.Orders, c.orderInfo(o))
	}
	return c.answer(&answer)
}

// orderInfo describes an order as the API does.
func (c *call) orderInfo(o *pastOrder) api.Order {
	m, _ := c.s.reader.Market(o.Market)
	return shape.Order(m.Spec.Outcomes, &o.Order, o.status, o.reason)
}
