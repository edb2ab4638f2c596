package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/shape"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func (c *call) getPortfolio() *api.Problem {
	f, found := c.s.reader.Portfolio(c.who.Account)
	if !found {
		return api.RejectProblem(exchange.RejectAccountNotFound, 0, "account")
	}
	a := &f.Account
	answer := api.Portfolio{
		Account: api.ID(a.ID), Cash: api.Money(a.Cash), Held: api.Money(a.Held), Value: api.Money(f.Value),
		Equity: api.Money(a.Cash + a.Held + f.Value - a.Receivable), Unrealised: api.Money(f.Value - f.Cost),
		Realised: api.Money(f.Realised), Owed: api.Money(a.Receivable), OpenOrders: a.OpenOrders,
		Positions: []api.Position{}, Seq: api.ID(c.seq),
	}
	for _, p := range c.s.reader.Positions(c.who.Account, projection.PositionCursor{}, api.MaxPage) {
		m, _ := c.s.reader.Market(p.Market)
		answer.Positions = appendPosition(answer.Positions, &m, &p)
	}
	return c.answer(&answer)
}

func (c *call) listPositions() *api.Problem { return c.positionsOf(c.who.Account) }

func (c *call) positionsOf(account exchange.AccountID) *api.Problem {
	q := c.query()
	limit, after, at := q.limit(), q.cursor(2), q.time("at")
	market := exchange.MarketID(q.id("market", 1<<32-1))
	if q.problem == nil && at != 0 && market == 0 {
		q.fail("market", "at needs market.")
	}
	if q.problem != nil {
		return q.problem
	}
	if _, found := c.s.reader.Account(account); !found {
		return api.RejectProblem(exchange.RejectAccountNotFound, 0, "account")
	}
	answer := api.Positions{Positions: []api.Position{}, Time: api.Time(at), Page: api.Page{Seq: api.ID(c.seq)}}
	if market != 0 {
		positions, p := c.positionsIn(account, market, at)
		if p != nil {
			return p
		}
		answer.Positions = append(answer.Positions, positions...)
		return c.answer(&answer)
	}
	cursor := projection.PositionCursor{Market: exchange.MarketID(after[0]), Outcome: exchange.Outcome(after[1])}
	positions := c.s.reader.Positions(account, cursor, limit)
	for i := range positions {
		m, _ := c.s.reader.Market(positions[i].Market)
		answer.Positions = appendPosition(answer.Positions, &m, &positions[i])
	}
	if len(positions) == limit {
		last := &positions[limit-1]
		answer.NextCursor = writeCursor(uint64(last.Market), uint64(last.Outcome))
	}
	return c.answer(&answer)
}

// positionsIn lists an account's positions in one market, now or at a past instant.
func (c *call) positionsIn(account exchange.AccountID, market exchange.MarketID, at exchange.Time) (all []api.Position, p *api.Problem) {
	reader := c.s.reader
	if at != 0 {
		if reader, p = c.marketAt(market, at); p != nil {
			return nil, p
		}
		c.seq = reader.Seq()
	}
	m, _ := reader.Market(market)
	for i := range m.Books {
		if position, found := reader.Position(account, market, exchange.Outcome(i)); found {
			all = appendPosition(all, &m, &position)
		}
	}
	return all, nil
}

// appendPosition appends what there is of a position's two contracts.
func appendPosition(all []api.Position, m *projection.Market, p *projection.Position) []api.Position {
	if p.Yes+p.No == 0 {
		return all
	}
	mark := m.Books[p.Outcome].Last
	if m.State == exchange.StateResolved {
		mark = m.Books[p.Outcome].Value
	}
	add := func(no bool, quantity, reserved exchange.Quantity, cost exchange.Money, mark exchange.Price) {
		if quantity == 0 {
			return
		}
		name, contract := shape.Name(m.Spec.Outcomes, p.Outcome, no)
		all = append(all, api.Position{
			Market: api.ID(p.Market), Outcome: name, Contract: contract, Quantity: uint32(quantity), Reserved: uint32(reserved),
			Cost: api.Money(cost), MarkPrice: api.Price(mark), Value: api.Money(exchange.Cost(mark, quantity)),
		})
	}
	add(false, p.Yes, p.ReservedYes, p.YesCost, mark)
	add(true, p.No, p.ReservedNo, p.NoCost, mark.Complement())
	return all
}
