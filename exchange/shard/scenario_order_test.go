package shard_test

import (
	"slices"
	"strings"

	"github.com/hustings/hustings/exchange"
)

// parseOrder reads "10 Yes at 0.60" and the options behind it. An order on No becomes one on Yes of the other side.
func (s *stage) parseOrder(who exchange.AccountID, verb string, w *words) exchange.Command {
	c := &exchange.PlaceOrder{Account: who, Quantity: exchange.Quantity(w.number())}
	contract := w.next()
	w.must("at")
	c.Price = w.price()
	m := s.latest
	for !w.empty() {
		if w.is("in") {
			m = s.market(w)
			continue
		}
		s.parseOption(c, w)
	}
	if w.err != nil {
		return c
	}
	if verb == "sells" {
		c.Side = exchange.Sell
	}
	c.Market = m.id
	if name, isNo := m.contract(contract); isNo {
		c.Side = c.Side.Opposite()
		c.Price = c.Price.Complement()
		c.Flags |= exchange.NoTerms
		c.Outcome = m.outcome(w, name)
	} else {
		c.Outcome = m.outcome(w, name)
	}
	return c
}

// contract splits "not-Anna", or "No" of a binary market, from "Anna" or "Yes".
func (m *namedMarket) contract(word string) (outcome string, isNo bool) {
	if len(m.outcomes) == 0 && word == "No" {
		return "Yes", true
	}
	return strings.CutPrefix(word, "not-")
}

// outcome finds an outcome by name; "nothing" names one that does not exist.
func (m *namedMarket) outcome(w *words, name string) exchange.Outcome {
	switch i := slices.Index(m.outcomes, name); {
	case i >= 0:
		return exchange.Outcome(i)
	case name == "nothing":
		return 200
	case len(m.outcomes) > 0 || name != "Yes":
		w.fail("%s has no outcome %q", m.name, name)
	}
	return 0
}

var selfTradeModes = []string{"cancel-taker", "cancel-maker", "cancel-both", "decrease-both", "allow-self-trade"}

func (s *stage) parseOption(c *exchange.PlaceOrder, w *words) {
	switch word := w.next(); word {
	case "immediate":
		c.TimeInForce = exchange.ImmediateOrCancel
	case "fill-or-kill":
		c.TimeInForce = exchange.FillOrKill
	case "for":
		c.TimeInForce = exchange.GoodTillTime
		c.ExpireAt = s.now + exchange.Time(w.span())
	case "post-only":
		c.Flags |= exchange.PostOnly
	case "reduce-only":
		c.Flags |= exchange.ReduceOnly
	case "market":
		c.Flags |= exchange.MarketOrder
	case "spending":
		c.MaxCost = w.money()
	case "group":
		c.Group = parseGroup(w)
	case "key":
		c.Key = w.key()
	case "funds-elsewhere":
		c.FundsElsewhere = true
	case "id":
		c.ClientID = []byte(w.next())
	default:
		mode := slices.Index(selfTradeModes, word)
		if mode < 0 {
			w.fail("%q is not an option of an order", word)
		}
		c.SelfTrade = exchange.SelfTrade(mode)
	}
}
