package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// amendment is a change of an order as it was asked for.
type amendment struct {
	price    exchange.Price // 0: stays; in terms of contract
	quantity exchange.Quantity
	contract uint8 // index in api.ContractWords
	stated   bool  // the request names the contract
}

func (a *amendment) read(s *scanner) *api.Problem {
	if p := s.open('{', ""); p != nil {
		return p
	}
	for {
		more, p := s.more()
		if p != nil {
			return p
		}
		if !more {
			return a.complete(s)
		}
		name, p := s.name()
		if p != nil {
			return p
		}
		switch string(name) {
		case "price":
			a.price, p = s.price("price")
		case "quantity":
			a.quantity, p = s.quantity("quantity")
		case "contract":
			a.stated = true
			a.contract, p = s.word("contract", api.ContractWords)
		default:
			return unknown("", name)
		}
		if p != nil {
			return p
		}
	}
}

func (a *amendment) complete(s *scanner) *api.Problem {
	if a.price == 0 && a.quantity == 0 {
		return api.CodeMissingField.Problem("price", "Name a new price, a new quantity, or both.")
	}
	if a.stated && a.price == 0 {
		return api.CodeInvalidField.Problem("contract", "contract says what price speaks of, and there is no price.")
	}
	return s.end()
}

func (c *call) amendOrder() *api.Problem {
	market, p := c.marketID()
	if p != nil {
		return p
	}
	order, p := c.orderID()
	if p != nil {
		return p
	}
	var a amendment
	c.scan.reset(c.body)
	if p := a.read(&c.scan); p != nil {
		return p
	}
	if a.price != 0 && !a.stated {
		o, p := c.placing(market, order)
		if p != nil {
			return p
		}
		if o.Flags&exchange.NoTerms != 0 {
			a.contract = 1
		}
	}
	cmd := exchange.AmendOrder{
		Account: c.who.Account, Key: c.coreKey(), Market: market, Order: order, Price: a.price, Quantity: a.quantity, Version: c.version,
	}
	if a.price != 0 && a.contract == 1 {
		cmd.Price = a.price.Complement()
	}
	r, p := c.try(&cmd)
	if p != nil {
		return p
	}
	if r.Code != exchange.Accepted {
		return api.RejectProblem(r.Code, r.Seq, rejectField(r.Code))
	}
	c.out.Write(appendAmended(c.out.AvailableBuffer(), &cmd, &a, r))
	return nil
}

// appendAmended appends an api.AmendAnswer.
func appendAmended(b []byte, cmd *exchange.AmendOrder, a *amendment, r *exchange.Reply) []byte {
	cost := r.Cost
	b = appendReceipt(b, r)
	b = appendID(append(b, `,"order":`...), uint64(cmd.Order))
	b = appendID(append(b, `,"market":`...), uint64(cmd.Market))
	if a.price != 0 {
		b = appendWord(append(b, `,"contract":`...), api.ContractWords[a.contract])
		b = appendPrice(append(b, `,"price":`...), a.price)
		if a.contract == 1 {
			cost = complementCost(r)
		}
	}
	if a.quantity != 0 {
		b = appendCount(append(b, `,"quantity":`...), uint32(a.quantity))
	}
	status := api.StatusDone
	if r.Remaining > 0 {
		status = api.StatusOpen
	}
	b = appendWord(append(b, `,"status":`...), status)
	return append(appendWork(b, r, cost), '}')
}
