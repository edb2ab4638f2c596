package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/timer"
)

// doMarket executes an act of the operator on a market and returns which one.
func (s *Shard) doMarket(cmd exchange.Command, r *exchange.Reply) (exchange.MarketID, exchange.Reject) {
	if c, ok := cmd.(*exchange.CreateMarket); ok {
		return 0, s.createMarket(c, r)
	}
	id, version := target(cmd)
	m := s.market(id)
	if m == nil {
		return id, exchange.RejectMarketNotFound
	}
	if version != 0 && version != m.Version {
		return id, exchange.RejectVersionMismatch
	}
	if m.Halted {
		return id, exchange.RejectMarketHalted
	}
	if m.CloseAt != 0 && m.CloseAt <= s.now && m.Trading() {
		s.closeMarket(id, m)
	}
	code := s.actOn(id, m, cmd)
	if code == exchange.Accepted {
		r.ID, r.Version = uint64(id), m.Version
	}
	return id, code
}

// subject returns the market that a command is about, if it names one.
func subject(cmd exchange.Command) exchange.MarketID {
	switch c := cmd.(type) {
	case *exchange.AmendOrder:
		return c.Market
	case *exchange.MassCancel:
		return c.Market
	case *exchange.CreateMarket:
		return c.ID
	case *exchange.FreezeMarket:
		return c.Market
	case *exchange.ThawMarket:
		return c.Market
	case *exchange.AdoptMarket:
		return c.Market
	case *exchange.AbandonMarket:
		return c.Market
	case *exchange.ReleaseMarket:
		return c.Market
	}
	id, _ := target(cmd)
	return id
}

// target returns the market that a command is about and the version it expects.
func target(cmd exchange.Command) (exchange.MarketID, uint32) {
	switch c := cmd.(type) {
	case *exchange.UpdateMarket:
		return c.Market, c.Version
	case *exchange.SuspendMarket:
		return c.Market, c.Version
	case *exchange.ResumeMarket:
		return c.Market, c.Version
	case *exchange.CloseMarket:
		return c.Market, c.Version
	case *exchange.CancelMarketOrders:
		return c.Market, c.Version
	case *exchange.ResolveMarket:
		return c.Market, c.Version
	case *exchange.VoidMarket:
		return c.Market, c.Version
	}
	return 0, 0
}

// actOn executes an act whose market was found and can change.
func (s *Shard) actOn(id exchange.MarketID, m *market.Market, cmd exchange.Command) exchange.Reject {
	switch c := cmd.(type) {
	case *exchange.UpdateMarket:
		return s.updateMarket(id, m, c)
	case *exchange.SuspendMarket:
		return s.suspendMarket(id, m)
	case *exchange.ResumeMarket:
		if m.State != exchange.StateSuspended {
			return exchange.RejectMarketState
		}
		m.State = exchange.StateOpen
		s.emit(&exchange.MarketResumed{MarketChanged: changed(id, m)})
	case *exchange.CloseMarket:
		if !m.Trading() {
			return exchange.RejectMarketState
		}
		s.closeMarket(id, m)
	case *exchange.CancelMarketOrders:
		if !m.Trading() {
			return exchange.RejectMarketState
		}
		s.emit(&exchange.MarketOrdersCancelled{MarketChanged: changed(id, m), Below: s.fence()})
		s.cancelMarket(id, m, exchange.CancelMarketOperator)
	case *exchange.ResolveMarket:
		return s.resolveMarket(id, m, c)
	case *exchange.VoidMarket:
		return s.voidMarket(id, m, c)
	}
	return exchange.Accepted
}

// changed counts a change of a market and returns what every event about one begins with.
func changed(id exchange.MarketID, m *market.Market) exchange.MarketChanged {
	m.Version++
	return exchange.MarketChanged{Market: id, Version: m.Version}
}

func (s *Shard) createMarket(c *exchange.CreateMarket, r *exchange.Reply) exchange.Reject {
	if c.ID > exchange.MaxMarkets {
		return exchange.RejectTooManyIDs
	}
	if code := market.Check(&c.Spec, s.now); code != exchange.Accepted {
		return code
	}
	if s.market(c.ID) != nil {
		return exchange.RejectMarketExists
	}
	m := market.New(&c.Spec)
	id := c.ID
	if id == 0 {
		id = exchange.MarketID(s.markets.Len())
	}
	s.markets.SetLen(max(s.markets.Len(), uint32(id)+1))
	for i := range m.Count {
		slot := s.books.Add()
		if i == 0 {
			m.Books = slot
		}
		*s.books.At(slot) = outcomeBook{market: id, outcome: exchange.Outcome(i)}
	}
	*s.markets.At(uint32(id)) = m
	s.setTimer(id, s.market(id))
	r.ID, r.Version = uint64(id), m.Version
	s.emit(&exchange.MarketCreated{Market: id, Spec: c.Spec})
	return exchange.Accepted
}

// setTimer makes the market's timer agree with its state: its close while it trades, its payouts once it is resolved.
func (s *Shard) setTimer(id exchange.MarketID, m *market.Market) {
	if m.Timer != 0 {
		s.timers.Remove(m.Timer)
		m.Timer = 0
	}
	switch payAfter := m.More().PayAfter; {
	case m.CloseAt != 0 && m.Trading():
		m.Timer = s.timers.Add(m.CloseAt, timer.CloseMarket, uint64(id))
	case m.State == exchange.StateResolved && payAfter > s.now:
		m.Timer = s.timers.Add(payAfter, timer.PayMarket, uint64(id))
	}
}

func (s *Shard) updateMarket(id exchange.MarketID, m *market.Market, c *exchange.UpdateMarket) exchange.Reject {
	switch {
	case !m.Trading():
		return exchange.RejectMarketState
	case c.Question != "" && !market.CheckQuestion(c.Question) || !market.CheckRules(c.Rules):
		return exchange.RejectTextInvalid
	case c.CloseAt > 0 && c.CloseAt <= s.now:
		return exchange.RejectTermsInvalid
	case c.Rules != "" && m.Traded:
		return exchange.RejectRulesImmutable
	}
	texts := *m.Texts
	if c.Question != "" {
		texts.Question = c.Question
	}
	if c.Rules != "" {
		texts.Rules = c.Rules
	}
	m.Texts = market.NewTexts(texts.Question, texts.Rules, texts.More)
	if c.CloseAt >= 0 {
		m.CloseAt = c.CloseAt
		s.setTimer(id, m)
	}
	mc := changed(id, m)
	s.emit(&exchange.MarketUpdated{Market: id, Version: mc.Version, Question: texts.Question, Rules: texts.Rules, CloseAt: m.CloseAt})
	return exchange.Accepted
}

func (s *Shard) suspendMarket(id exchange.MarketID, m *market.Market) exchange.Reject {
	if m.State != exchange.StateOpen {
		return exchange.RejectMarketState
	}
	m.State = exchange.StateSuspended
	s.emit(&exchange.MarketSuspended{MarketChanged: changed(id, m)})
	if m.Flags&exchange.KeepOrdersOnSuspend == 0 {
		s.cancelMarket(id, m, exchange.CancelMarketOperator)
	}
	return exchange.Accepted
}

func (s *Shard) closeMarket(id exchange.MarketID, m *market.Market) {
	m.State = exchange.StateClosed
	s.setTimer(id, m)
	s.emit(&exchange.MarketClosed{MarketChanged: changed(id, m)})
	s.cancelMarket(id, m, exchange.CancelMarketClosed)
}
