package gateway

import (
	"fmt"
	"strings"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// batch cancels and places many orders in one submission. A request that cannot be read is refused as a whole; what
// the exchange refuses, it refuses one by one.
func (c *call) batch() *api.Problem {
	c.scan.reset(c.body)
	c.orders, c.cancels, c.commands = c.orders[:0], c.cancels[:0], c.commands[:0]
	if p := c.readBatch(); p != nil {
		return p
	}
	n := len(c.cancels) + len(c.orders)
	if n == 0 {
		return api.CodeMissingField.Problem("orders", "The batch is empty.")
	}
	if p := c.chargeBatch(len(c.orders), len(c.cancels)); p != nil {
		return p
	}
	for i := range c.cancels {
		c.commands = wire.AppendCancelOrder(c.commands, &c.cancels[i])
	}
	for i := range c.orders {
		c.commands = wire.AppendPlaceOrder(c.commands, &c.orders[i].cmd)
	}
	if p := c.submit(n, len(c.orders) == 0); p != nil {
		return p
	}
	c.out.Grow(batchRoom * n)
	c.out.Write(c.appendBatch(c.out.AvailableBuffer()))
	return nil
}

// batchRoom is about how many bytes an item's answer takes.
const batchRoom = 420

func (c *call) readBatch() *api.Problem {
	if p := c.scan.open('{', ""); p != nil {
		return p
	}
	for {
		more, p := c.scan.more()
		if p != nil {
			return p
		}
		if !more {
			return c.scan.end()
		}
		name, p := c.scan.name()
		if p != nil {
			return p
		}
		switch string(name) {
		case "orders":
			p = c.readItems("orders", c.readBatchOrder)
		case "cancels":
			p = c.readItems("cancels", c.readBatchCancel)
		default:
			p = unknown("", name)
		}
		if p != nil {
			return p
		}
	}
}

// readItems reads an array, each item with one call of read, and puts an item's place before the field that is wrong.
func (c *call) readItems(list string, read func(place int) *api.Problem) *api.Problem {
	if p := c.scan.open('[', list); p != nil {
		return p
	}
	for place := 0; ; place++ {
		more, p := c.scan.more()
		if p != nil || !more {
			return p
		}
		if len(c.orders)+len(c.cancels) == api.MaxBatch {
			return api.CodeInvalidField.Problem(list, fmt.Sprintf("A batch has at most %d items.", api.MaxBatch))
		}
		if p := read(place); p != nil {
			return within(p, list, place)
		}
	}
}

func (c *call) readBatchOrder(place int) *api.Problem {
	if len(c.orders) < cap(c.orders) {
		c.orders = c.orders[:len(c.orders)+1]
	} else {
		c.orders = append(c.orders, orderRequest{})
	}
	o := &c.orders[place]
	if p := o.read(&c.scan, true); p != nil {
		return p
	}
	market := exchange.MarketID(o.market)
	t, p := c.terms(market)
	if p != nil {
		return p
	}
	if p := o.resolve(t, c.scan.outcome); p != nil {
		return p
	}
	o.cmd.Account, o.cmd.Market = c.who.Account, market
	return c.orderKey(o, place)
}

func (c *call) readBatchCancel(place int) *api.Problem {
	cmd := exchange.CancelOrder{Account: c.who.Account}
	if c.key != "" {
		cmd.Key = deriveKey(scopeBatchCancel, c.who.Account, place, c.key)
	} else {
		cmd.Key = c.keyForRetries()
	}
	s := &c.scan
	if p := s.open('{', ""); p != nil {
		return p
	}
	for {
		more, p := s.more()
		if p != nil {
			return p
		}
		if !more {
			break
		}
		name, p := s.name()
		if p != nil {
			return p
		}
		var id api.ID
		switch string(name) {
		case "market":
			id, p = s.id32("market", exchange.RejectMarketNotFound)
			cmd.Market = exchange.MarketID(id)
		case "order":
			id, p = s.id("order")
			cmd.Order = exchange.OrderID(id)
		default:
			p = unknown("", name)
		}
		if p != nil {
			return p
		}
	}
	switch {
	case cmd.Market == 0:
		return missing("market")
	case cmd.Order == 0:
		return missing("order")
	}
	c.cancels = append(c.cancels, cmd)
	return nil
}

// appendBatch appends an api.BatchAnswer.
func (c *call) appendBatch(b []byte) []byte {
	c.seq = 0
	for i := range c.replies {
		c.seq = max(c.seq, c.replies[i].Seq)
	}
	b = appendID(append(b, `{"seq":`...), uint64(c.seq))
	cancelled, placed := c.replies[:len(c.cancels)], c.replies[len(c.cancels):]
	b = appendResults(b, "cancels", cancelled, func(b []byte, i int, r *exchange.Reply) []byte {
		return appendCancelled(append(b, `{"cancelled":`...), &c.cancels[i], r)
	})
	b = appendResults(b, "orders", placed, func(b []byte, i int, r *exchange.Reply) []byte {
		return appendPlaced(append(b, `{"placed":`...), &c.orders[i], r)
	})
	return append(b, '}')
}

func appendResults(b []byte, list string, replies []exchange.Reply, accepted func([]byte, int, *exchange.Reply) []byte) []byte {
	if len(replies) == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), list...), `":[`...)
	for i := range replies {
		if i > 0 {
			b = append(b, ',')
		}
		r := &replies[i]
		if r.Code == exchange.Accepted {
			b = accepted(b, i, r)
		} else {
			b = appendProblem(append(b, `{"refused":`...), api.RejectProblem(r.Code, r.Seq, rejectField(r.Code)))
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// within puts the place in a list before the field of a problem. Errors of the tokenizer know their place already.
func within(p *api.Problem, list string, place int) *api.Problem {
	at := fmt.Sprintf("%s[%d]", list, place)
	switch {
	case strings.HasPrefix(p.Field, at) || p.Code == api.CodeMalformedJSON.Code:
	case p.Field == "":
		p.Field = at
	default:
		p.Field = at + "." + p.Field
	}
	return p
}
