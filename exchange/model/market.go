package model

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

const second exchange.Duration = 1e9

// Market is a market with its books, one per outcome.
type Market struct {
	ID       exchange.MarketID
	Spec     exchange.MarketSpec
	State    exchange.MarketState
	Version  uint32
	Ordered  bool // an order was accepted: the rules are fixed
	Books    []*Book
	Escrow   exchange.Money
	Fees     exchange.Money
	Values   []exchange.Price // once resolved
	PayAfter exchange.Time
	Source   string
	Evidence string
	Move     Move
}

// market finds a market, or nil. One without books is a place in the list for an id that no market has here.
func (e *Engine) market(id exchange.MarketID) *Market {
	if m := byID(e.Markets, id); m != nil && len(m.Books) > 0 {
		return m
	}
	return nil
}

func (m *Market) reply() exchange.Reply {
	return exchange.Reply{ID: uint64(m.ID), Version: m.Version}
}

func (m *Market) changed() exchange.MarketChanged {
	return exchange.MarketChanged{Market: m.ID, Version: m.Version}
}

func (e *Engine) createMarket(c *exchange.CreateMarket) exchange.Reply {
	spec := c.Spec
	switch {
	case c.ID > exchange.MaxMarkets:
		return refuse(exchange.RejectTooManyIDs)
	case !validText(spec.Question, 10, 500) || !validText(spec.Rules, 0, 10_000):
		return refuse(exchange.RejectTextInvalid)
	case !validOutcomes(spec.Outcomes):
		return refuse(exchange.RejectOutcomesInvalid)
	case !validTerms(&spec, e.Now):
		return refuse(exchange.RejectTermsInvalid)
	case e.market(c.ID) != nil:
		return refuse(exchange.RejectMarketExists)
	}
	spec.Outcomes = slices.Clone(spec.Outcomes)
	m := &Market{ID: c.ID, Spec: spec, Version: 1}
	if m.ID == 0 {
		m.ID = exchange.MarketID(len(e.Markets) + 1)
	}
	for range max(1, len(spec.Outcomes)) {
		m.Books = append(m.Books, &Book{Positions: map[exchange.AccountID]*Position{}})
	}
	for len(e.Markets) < int(m.ID) {
		e.Markets = append(e.Markets, &Market{})
	}
	e.Markets[m.ID-1] = m
	e.emit(&exchange.MarketCreated{Market: m.ID, Spec: spec})
	return m.reply()
}

func validOutcomes(names []string) bool {
	if len(names) == 0 {
		return true
	}
	for i, name := range names {
		if !validText(name, 1, 100) || slices.Contains(names[:i], name) {
			return false
		}
	}
	return len(names) >= 2 && len(names) <= exchange.MaxOutcomes
}

func validTerms(s *exchange.MarketSpec, now exchange.Time) bool {
	return (s.CloseAt == 0 || s.CloseAt > now) && s.DisputeWindow >= 0 && s.DisputeWindow <= 90*24*3600*second && s.Tick.Valid() &&
		s.TakerFee <= exchange.MaxFeeRate && s.MakerShare <= exchange.MaxFeeRate &&
		s.PositionLimit >= 1 && s.PositionLimit <= exchange.MaxPosition && s.Collar < exchange.One &&
		s.Flags&^(exchange.KeepOrdersOnSuspend|exchange.SelfTradesAllowed) == 0
}

// checkAct makes the checks that all acts on a market share: it exists, its version is the one seen, and it is in one
// of the states.
func (e *Engine) checkAct(id exchange.MarketID, version uint32, states ...exchange.MarketState) (*Market, exchange.Reject) {
	m := e.market(id)
	switch {
	case m == nil:
		return nil, exchange.RejectMarketNotFound
	case version != 0 && version != m.Version:
		return nil, exchange.RejectVersionMismatch
	case !slices.Contains(states, m.State):
		return nil, exchange.RejectMarketState
	}
	return m, exchange.Accepted
}

func (e *Engine) updateMarket(c *exchange.UpdateMarket) exchange.Reply {
	m, code := e.checkAct(c.Market, c.Version, exchange.StateOpen, exchange.StateSuspended)
	switch {
	case code != exchange.Accepted:
		return refuse(code)
	case c.Question != "" && !validText(c.Question, 10, 500) || !validText(c.Rules, 0, 10_000):
		return refuse(exchange.RejectTextInvalid)
	case c.CloseAt > 0 && c.CloseAt <= e.Now:
		return refuse(exchange.RejectTermsInvalid)
	case c.Rules != "" && m.Ordered:
		return refuse(exchange.RejectRulesImmutable)
	}
	if c.Question != "" {
		m.Spec.Question = c.Question
	}
	if c.Rules != "" {
		m.Spec.Rules = c.Rules
	}
	if c.CloseAt >= 0 {
		m.Spec.CloseAt = c.CloseAt
	}
	m.Version++
	e.emit(&exchange.MarketUpdated{Market: m.ID, Version: m.Version, Question: m.Spec.Question, Rules: m.Spec.Rules,
		CloseAt: m.Spec.CloseAt})
	return m.reply()
}

func (e *Engine) suspendMarket(c *exchange.SuspendMarket) exchange.Reply {
	m, code := e.checkAct(c.Market, c.Version, exchange.StateOpen)
	if code != exchange.Accepted {
		return refuse(code)
	}
	m.enter(exchange.StateSuspended)
	e.emit(&exchange.MarketSuspended{MarketChanged: m.changed()})
	if m.Spec.Flags&exchange.KeepOrdersOnSuspend == 0 {
		e.doomMarket(m, exchange.CancelMarketOperator)
	}
	return m.reply()
}

func (e *Engine) resumeMarket(c *exchange.ResumeMarket) exchange.Reply {
	m, code := e.checkAct(c.Market, c.Version, exchange.StateSuspended)
	if code != exchange.Accepted {
		return refuse(code)
	}
	m.enter(exchange.StateOpen)
	e.emit(&exchange.MarketResumed{MarketChanged: m.changed()})
	return m.reply()
}

func (e *Engine) closeMarket(c *exchange.CloseMarket) exchange.Reply {
	m, code := e.checkAct(c.Market, c.Version, exchange.StateOpen, exchange.StateSuspended)
	if code != exchange.Accepted {
		return refuse(code)
	}
	e.close(m)
	return m.reply()
}

func (e *Engine) close(m *Market) {
	m.enter(exchange.StateClosed)
	e.emit(&exchange.MarketClosed{MarketChanged: m.changed()})
	e.doomMarket(m, exchange.CancelMarketClosed)
}

func (e *Engine) cancelMarketOrders(c *exchange.CancelMarketOrders) exchange.Reply {
	m, code := e.checkAct(c.Market, c.Version, exchange.StateOpen, exchange.StateSuspended)
	if code != exchange.Accepted {
		return refuse(code)
	}
	m.Version++
	e.emit(&exchange.MarketOrdersCancelled{MarketChanged: m.changed(), Below: exchange.NewOrderID(e.Orders+1, 0)})
	e.doomMarket(m, exchange.CancelMarketOperator)
	return m.reply()
}

func (m *Market) enter(s exchange.MarketState) {
	m.State = s
	m.Version++
}

func (e *Engine) doomMarket(m *Market, reason exchange.CancelReason) {
	e.doom(reason, func(o *Order) bool { return o.Market == m.ID })
}
