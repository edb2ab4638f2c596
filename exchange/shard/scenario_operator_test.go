package shard_test

import (
	"strings"

	"github.com/hustings/hustings/exchange"
)

// market finds a market by name; "nowhere" names one that does not exist.
func (s *stage) market(w *words) *namedMarket {
	name := w.next()
	if name == "nowhere" {
		return &namedMarket{id: 1_000, name: name}
	}
	m := s.markets[name]
	if m == nil {
		w.fail("there is no market %q", name)
		return &namedMarket{}
	}
	return m
}

// parseOperator reads the operator's acts. ok is false when the verb is none of them.
func (s *stage) parseOperator(verb string, w *words) (r request, ok bool) {
	switch verb {
	case "register":
		return s.registration(w.next()), true
	case "market":
		return s.parseMarket(w), true
	case "limit", "block", "unblock":
		return request{cmd: s.parseLimits(verb, w)}, true
	case "update":
		return request{cmd: s.parseUpdate(w)}, true
	case "suspend":
		return request{cmd: &exchange.SuspendMarket{MarketAction: s.parseAct(w)}}, true
	case "resume":
		return request{cmd: &exchange.ResumeMarket{MarketAction: s.parseAct(w)}}, true
	case "close":
		return request{cmd: &exchange.CloseMarket{MarketAction: s.parseAct(w)}}, true
	case "cancel-orders":
		return request{cmd: &exchange.CancelMarketOrders{MarketAction: s.parseAct(w)}}, true
	case "resolve":
		return request{cmd: s.parseResolve(w)}, true
	case "tier":
		c := &exchange.SetTier{Account: s.account(w, w.next()), Tier: parseTier(w)}
		if w.is("if-version") {
			c.Version = uint32(w.number())
		}
		return request{cmd: c}, true
	case "halt", "go-on":
		return request{cmd: &exchange.SetHalt{Halted: verb == "halt", Reason: w.next()}}, true
	case "record":
		return request{cmd: &exchange.RecordAct{Act: w.next(), Subject: w.next()}}, true
	case "approvals":
		return request{cmd: parseApprovals(w)}, true
	case "pay-out":
		return request{cmd: &exchange.Withdraw{Account: s.account(w, w.next()), Amount: w.money()}}, true
	case "switch":
		w.must("rules")
		return request{cmd: &exchange.SwitchRules{Version: uint32(w.number())}}, true
	case "home":
		return s.parseHome(w), true
	case "void":
		c := &exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: s.market(w).id}, Reason: w.next()}
		parseSeen(&c.MarketAction, w)
		return request{cmd: c}, true
	}
	return request{}, false
}

func (s *stage) parseAct(w *words) exchange.MarketAction {
	a := exchange.MarketAction{Market: s.market(w).id}
	parseSeen(&a, w)
	return a
}

// parseSeen reads the version that the operator has seen, and a key.
func parseSeen(a *exchange.MarketAction, w *words) {
	if w.is("if-version") {
		a.Version = uint32(w.number())
	}
	if w.is("key") {
		a.Key = w.key()
	}
}

func (s *stage) parseMarket(w *words) request {
	m := &namedMarket{name: w.next()}
	c := &exchange.CreateMarket{Spec: exchange.MarketSpec{Question: w.next(), Tick: exchange.TickRule{Middle: 1},
		PositionLimit: 1_000_000}}
	if w.is("id") {
		c.ID = exchange.MarketID(w.number())
	}
	for !w.empty() {
		s.parseTerm(&c.Spec, w)
	}
	m.outcomes = c.Spec.Outcomes
	return request{cmd: c, accepted: func(reply exchange.Reply) {
		m.id = exchange.MarketID(reply.ID)
		s.markets[m.name], s.latest = m, m
		for len(s.listed) <= int(m.id) {
			s.listed = append(s.listed, nil)
		}
		s.listed[m.id] = m
	}}
}

func (s *stage) parseTerm(spec *exchange.MarketSpec, w *words) {
	switch word := w.next(); word {
	case "outcomes":
		spec.Outcomes = strings.Split(w.next(), ",")
	case "rules":
		spec.Rules = w.next()
	case "taker-fee":
		spec.TakerFee = w.rate()
	case "maker-share":
		spec.MakerShare = w.rate()
	case "limit":
		spec.PositionLimit = exchange.Quantity(w.number())
	case "collar":
		spec.Collar = w.price()
	case "tick":
		spec.Tick.Middle = w.price()
	case "edge-tick":
		spec.Tick.Edge = w.price()
		w.must("below")
		spec.Tick.EdgeWidth = w.price()
	case "closes-in":
		spec.CloseAt = s.now + exchange.Time(w.span())
	case "dispute":
		spec.DisputeWindow = w.span()
	case "keeps-orders":
		spec.Flags |= exchange.KeepOrdersOnSuspend
	case "self-trades":
		spec.Flags |= exchange.SelfTradesAllowed
	default:
		w.fail("%q is not a term of a market", word)
	}
}

// parseLimits changes one of an account's limits and repeats the others.
func (s *stage) parseLimits(verb string, w *words) exchange.Command {
	name := w.next()
	c := &exchange.SetLimits{Account: s.account(w, name)}
	if all := s.state().Accounts; int(c.Account) <= len(all) && c.Account > 0 {
		c.MaxOpenOrders, c.Blocked = all[c.Account-1].MaxOpenOrders, all[c.Account-1].Blocked
	}
	switch verb {
	case "limit":
		c.MaxOpenOrders = uint32(w.number())
		w.must("orders")
	case "block":
		c.Blocked = true
	case "unblock":
		c.Blocked = false
	}
	if w.is("if-version") {
		c.Version = uint32(w.number())
	}
	return c
}

func (s *stage) parseUpdate(w *words) exchange.Command {
	c := &exchange.UpdateMarket{Market: s.market(w).id, CloseAt: -1}
	for !w.empty() {
		switch word := w.next(); word {
		case "question":
			c.Question = w.next()
		case "rules":
			c.Rules = w.next()
		case "closes-in":
			c.CloseAt = s.now + exchange.Time(w.span())
		case "closes-by-hand":
			c.CloseAt = 0
		case "if-version":
			c.Version = uint32(w.number())
		default:
			w.fail("%q is not part of an update", word)
		}
	}
	return c
}

func (s *stage) parseResolve(w *words) exchange.Command {
	c := &exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: s.market(w).id}, Source: "the official count"}
	for !w.empty() {
		switch {
		case w.is("source"):
			c.Source = w.next()
		case w.is("evidence"):
			c.Evidence = w.next()
		case w.is("if-version"):
			c.Version = uint32(w.number())
		case w.is("key"):
			c.Key = w.key()
		default:
			c.Values = append(c.Values, w.price())
		}
	}
	return c
}
