package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// placeOrder is the path that most requests take: it allocates nothing of its own.
func (c *call) placeOrder() *api.Problem {
	market, p := c.marketID()
	if p != nil {
		return p
	}
	c.scan.reset(c.body)
	c.orders = append(c.orders[:0], orderRequest{})
	o := &c.orders[0]
	if p := o.read(&c.scan, false); p != nil {
		return p
	}
	if p := c.scan.end(); p != nil {
		return p
	}
	t, p := c.terms(market)
	if p != nil {
		return p
	}
	if p := o.resolve(t, c.scan.outcome); p != nil {
		return p
	}
	o.cmd.Account, o.cmd.Market = c.who.Account, market
	if p := c.orderKey(o, -1); p != nil {
		return p
	}
	c.commands = wire.AppendPlaceOrder(c.commands[:0], &o.cmd)
	if p := c.submit(1, false); p != nil {
		return p
	}
	r := &c.replies[0]
	c.seq = r.Seq
	if r.Code != exchange.Accepted {
		return api.RejectProblem(r.Code, r.Seq, rejectField(r.Code))
	}
	c.out.Write(appendPlaced(c.out.AvailableBuffer(), o, r))
	return nil
}

// orderKey gives an order its idempotency key. Place is its place in a batch, -1 for an order by itself. A header
// comes first for an order by itself; in a batch the order's own id does.
func (c *call) orderKey(o *orderRequest, place int) *api.Problem {
	own := o.seen&hasClientID != 0
	switch {
	case place < 0 && c.key != "" && (!own || !c.keyOfNonce):
		o.cmd.Key = deriveKey(scopeHeader, c.who.Account, 0, c.key)
	case own:
		o.cmd.Key = deriveKey(scopeClientOrder, c.who.Account, 0, o.cmd.ClientID)
	case c.key != "":
		o.cmd.Key = deriveKey(scopeBatchOrder, c.who.Account, place, c.key)
	default:
		return api.CodeKeyRequired.Problem("client_order_id", "Repeating this would do it twice: send client_order_id or the header Idempotency-Key.")
	}
	return nil
}

// rejectField names the part of a request for an order that a refusal is about, where there is one.
func rejectField(r exchange.Reject) string {
	switch r {
	case exchange.RejectPriceOutOfRange, exchange.RejectPriceOffTick, exchange.RejectPriceOutsideCollar:
		return "price"
	case exchange.RejectQuantityOutOfRange, exchange.RejectQuantityFilled:
		return "quantity"
	case exchange.RejectExpiryPassed:
		return "expires_at"
	case exchange.RejectGroupNotFound, exchange.RejectGroupTriggered:
		return "group"
	case exchange.RejectOutcomeNotFound:
		return "outcome"
	}
	return ""
}

func (c *call) cancelOrder() *api.Problem {
	market, p := c.marketID()
	if p != nil {
		return p
	}
	order, p := c.orderID()
	if p != nil {
		return p
	}
	cmd := exchange.CancelOrder{Account: c.who.Account, Key: c.coreKey(), Market: market, Order: order}
	c.commands = wire.AppendCancelOrder(c.commands[:0], &cmd)
	if p := c.submit(1, true); p != nil {
		return p
	}
	r := &c.replies[0]
	c.seq = r.Seq
	if r.Code != exchange.Accepted {
		return api.RejectProblem(r.Code, r.Seq, "")
	}
	c.out.Write(appendCancelled(c.out.AvailableBuffer(), &cmd, r))
	return nil
}

// cancelOrders cancels all orders of an account, or those of a market or group.
func (c *call) cancelOrders() *api.Problem {
	q := c.query()
	cmd := exchange.MassCancel{
		Account: c.who.Account, Key: c.coreKey(),
		Market: exchange.MarketID(q.id("market", 1<<32-1)), Group: exchange.GroupID(q.id("group", 1<<32-1)),
	}
	if q.problem != nil {
		return q.problem
	}
	r, p := c.do(&cmd)
	if p != nil {
		return p
	}
	return c.answer(api.MassCancelAnswer{Receipt: receipt(r), Orders: uint32(r.Remaining)})
}
