// Package shape puts what the exchange has into the terms of the API, for all that show it: answers of the gateway and the feed.
// The exchange knows of one book for each outcome, in terms of Yes; whoever placed an order on No sees it, and its fills, in terms of No.
package shape

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// Name is what an outcome and contract are called, outcomes being the names in the market: nil if it is binary, where the contract is the outcome.
func Name(outcomes []string, outcome exchange.Outcome, no bool) (name, contract string) {
	contract = api.Yes
	if no {
		contract = api.No
	}
	if outcomes == nil {
		return contract, ""
	}
	return outcomes[outcome], contract
}

// Order describes an order in the terms in which it was placed. Status is one of api.StatusWords; the reason is that of a cancelled one.
func Order(outcomes []string, o *projection.Order, status string, reason exchange.CancelReason) api.Order {
	no := o.Flags&exchange.NoTerms != 0
	name, contract := Name(outcomes, o.Outcome, no)
	side, price := terms(o.Side, o.Price, no)
	shown := api.Order{
		Order: api.ID(o.ID), Market: api.ID(o.Market), Outcome: name, Contract: contract, Side: side,
		Type: api.TypeLimit, Price: price, Quantity: uint32(o.Quantity), Filled: uint32(o.Filled),
		Remaining: uint32(o.Remaining), Status: status, TimeInForce: api.TIFWords[o.TimeInForce], ExpiresAt: api.Time(o.ExpireAt),
		PostOnly: o.Flags&exchange.PostOnly != 0, ReduceOnly: o.Flags&exchange.ReduceOnly != 0, SelfTrade: api.SelfTradeWords[o.SelfTrade],
		Group: api.ID(o.Group), ClientOrderID: string(o.ClientID), PlacedAt: api.Time(o.PlacedAt), Version: o.Version,
	}
	if o.Flags&exchange.MarketOrder != 0 {
		shown.Type = api.TypeMarket
	}
	if status == api.StatusCancelled {
		shown.Reason = reason.String()
	}
	return shown
}

// Fill describes a half of a trade in the terms in which its order was placed: on No, or not.
func Fill(outcomes []string, f *projection.Fill, no bool) api.Fill {
	name, contract := Name(outcomes, f.Outcome, no)
	side, price := terms(f.Side, f.Price, no)
	role := api.RoleTaker
	if f.Maker {
		role = api.RoleMaker
	}
	return api.Fill{
		Seq: api.ID(f.Seq), Time: api.Time(f.Time), Order: api.ID(f.Order), Market: api.ID(f.Market), Outcome: name,
		Contract: contract, Side: side, Price: price, Quantity: uint32(f.Quantity), Fee: api.Money(f.Fee), Role: role,
	}
}

func terms(side exchange.Side, price exchange.Price, no bool) (string, api.Price) {
	if no {
		side, price = side.Opposite(), price.Complement()
	}
	return api.SideWords[side], api.Price(price)
}
