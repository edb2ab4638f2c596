package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// orderRequest is one order as it was asked for, and as the core will see it.
type orderRequest struct {
	cmd   exchange.PlaceOrder // in terms of Yes, as the core wants it; ClientID aliases clientID
	terms *terms

	clientID [api.MaxKey]byte
	seen     orderFields
	contract uint8 // index in api.ContractWords
	market   api.ID
}

// orderFields is the set of fields that a request has.
type orderFields uint16

const (
	hasOutcome orderFields = 1 << iota
	hasContract
	hasSide
	hasPrice
	hasQuantity
	hasTimeInForce
	hasMaxCost
	hasMarket
	hasClientID
)

// read reads the fields of an order. The outcome's name stays in s.outcome for resolve.
func (o *orderRequest) read(s *scanner, inBatch bool) *api.Problem {
	o.cmd = exchange.PlaceOrder{}
	o.seen, o.contract, o.market = 0, 0, 0
	if p := s.open('{', ""); p != nil {
		return p
	}
	for {
		more, p := s.more()
		if p != nil {
			return p
		}
		if !more {
			return o.complete(inBatch)
		}
		name, p := s.name()
		if p != nil {
			return p
		}
		if p := o.field(s, name, inBatch); p != nil {
			return p
		}
	}
}

func (o *orderRequest) field(s *scanner, name []byte, inBatch bool) (p *api.Problem) {
	var word uint8
	switch string(name) {
	case "outcome":
		o.seen |= hasOutcome
		var b []byte
		b, p = s.text("outcome")
		s.outcome = append(s.outcome[:0], b...)
	case "contract":
		o.seen |= hasContract
		o.contract, p = s.word("contract", api.ContractWords)
	case "side":
		o.seen |= hasSide
		word, p = s.word("side", api.SideWords)
		o.cmd.Side = exchange.Side(word)
	case "type":
		word, p = s.word("type", api.TypeWords)
		o.flag(exchange.MarketOrder, word == 1)
	case "price":
		o.seen |= hasPrice
		o.cmd.Price, p = s.price("price")
	case "quantity":
		o.seen |= hasQuantity
		o.cmd.Quantity, p = s.quantity("quantity")
	case "time_in_force":
		o.seen |= hasTimeInForce
		word, p = s.word("time_in_force", api.TIFWords)
		o.cmd.TimeInForce = exchange.TimeInForce(word)
	default:
		return o.rareField(s, name, inBatch)
	}
	return p
}

func (o *orderRequest) rareField(s *scanner, name []byte, inBatch bool) (p *api.Problem) {
	var word uint8
	var on bool
	switch string(name) {
	case "client_order_id":
		return o.readClientID(s)
	case "expires_at":
		o.cmd.ExpireAt, p = s.time("expires_at")
	case "post_only":
		on, p = s.flag("post_only")
		o.flag(exchange.PostOnly, on)
	case "reduce_only":
		on, p = s.flag("reduce_only")
		o.flag(exchange.ReduceOnly, on)
	case "self_trade":
		word, p = s.word("self_trade", api.SelfTradeWords)
		o.cmd.SelfTrade = exchange.SelfTrade(word)
	case "max_cost":
		o.seen |= hasMaxCost
		o.cmd.MaxCost, p = s.amount("max_cost")
	case "group":
		var id api.ID
		id, p = s.id32("group", exchange.RejectGroupNotFound)
		o.cmd.Group = exchange.GroupID(id)
	case "market":
		if !inBatch {
			return unknown("", name)
		}
		o.seen |= hasMarket
		o.market, p = s.id32("market", exchange.RejectMarketNotFound)
	default:
		return unknown("", name)
	}
	return p
}

func (o *orderRequest) readClientID(s *scanner) *api.Problem {
	b, p := s.text("client_order_id")
	if p != nil {
		return p
	}
	if !printable(b) {
		return api.CodeInvalidField.Problem("client_order_id", "client_order_id must have 1 to 64 printable ASCII characters.")
	}
	o.seen |= hasClientID
	o.cmd.ClientID = o.clientID[:copy(o.clientID[:], b)]
	return nil
}

func (o *orderRequest) flag(f exchange.OrderFlags, on bool) {
	if on {
		o.cmd.Flags |= f
	}
}

func (o *orderRequest) complete(inBatch bool) *api.Problem {
	market := o.cmd.Flags&exchange.MarketOrder != 0
	switch {
	case inBatch && o.seen&hasMarket == 0:
		return missing("market")
	case o.seen&hasOutcome == 0:
		return missing("outcome")
	case o.seen&hasSide == 0:
		return missing("side")
	case o.seen&hasQuantity == 0:
		return missing("quantity")
	case o.seen&hasPrice == 0 && !market:
		return missing("price")
	case o.seen&(hasPrice|hasMaxCost) == 0:
		return api.CodeMissingField.Problem("price", "A market order needs a worst price, or else max_cost.")
	}
	if market && o.seen&hasTimeInForce == 0 {
		o.cmd.TimeInForce = exchange.ImmediateOrCancel
	}
	return nil
}

// resolve puts the order into the core's terms, which are those of the Yes contract.
func (o *orderRequest) resolve(t *terms, outcome []byte) *api.Problem {
	o.terms = t
	i, found := t.find(outcome)
	if !found {
		return api.RejectProblem(exchange.RejectOutcomeNotFound, 0, "outcome")
	}
	o.cmd.Outcome = i
	if t.outcomes == nil {
		if o.seen&hasContract != 0 {
			return api.CodeInvalidField.Problem("contract", "contract is for categorical markets: here the outcome, yes or no, says it.")
		}
		if string(outcome) == api.No {
			o.contract = 1
		}
	}
	if o.seen&hasPrice == 0 { // a market order that max_cost alone bounds
		o.cmd.Price = o.cmd.Side.OpenCost(exchange.MaxPrice)
	}
	if o.contract == 1 {
		o.cmd.Flags |= exchange.NoTerms
		o.cmd.Side = o.cmd.Side.Opposite()
		o.cmd.Price = o.cmd.Price.Complement()
	}
	return nil
}
