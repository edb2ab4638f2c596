package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
)

// abandonMarket gives up a move to this shard. Of a move that is not known here, nothing will be taken from now on.
func (s *Shard) abandonMarket(c *exchange.AbandonMarket, r *exchange.Reply) exchange.Reject {
	if c.Market == 0 || c.Market > exchange.MaxMarkets {
		return exchange.RejectTooManyIDs
	}
	m := s.market(c.Market)
	var known market.Moving
	if m != nil {
		known = m.Moving()
	}
	r.ID, r.Version = uint64(c.Market), c.Move
	switch {
	case m == nil:
		s.markets.SetLen(max(s.markets.Len(), uint32(c.Market)+1))
		gone := market.New(&exchange.MarketSpec{})
		gone.SetMoving(market.Moving{Moves: c.Move, With: c.From})
		gone.Stage = market.Gone
		gone.Books = s.books.Add()
		*s.books.At(gone.Books) = outcomeBook{market: c.Market}
		*s.markets.At(uint32(c.Market)) = gone
		s.emit(&exchange.MarketPartDropped{Market: c.Market, To: c.From, Move: c.Move, Last: true})
		return exchange.Accepted
	case c.Move < known.Moves:
		return exchange.Accepted
	case c.Move > known.Moves && m.Stage == market.Gone:
		m.SetMoving(market.Moving{Moves: c.Move, With: c.From})
		s.emit(&exchange.MarketPartDropped{Market: c.Market, To: c.From, Move: c.Move, Last: true})
		return exchange.Accepted
	case c.Move > known.Moves || m.Stage == market.Here || m.Stage == market.Frozen:
		return exchange.RejectMarketExists
	case m.Stage == market.Gone:
		return exchange.Accepted
	}
	s.beginDropping(c.Market, m, r)
	return exchange.Accepted
}

// releaseMarket drops what is left of a market that is on another shard.
func (s *Shard) releaseMarket(c *exchange.ReleaseMarket, r *exchange.Reply) exchange.Reject {
	m := s.market(c.Market)
	if m == nil {
		return exchange.RejectMarketNotFound
	}
	r.ID, r.Version = uint64(c.Market), c.Move
	known := m.Moving()
	switch {
	case c.Move < known.Moves || c.Move == known.Moves && m.Stage == market.Gone:
		return exchange.Accepted
	case c.Move > known.Moves || m.Stage == market.Here || m.Stage == market.Arriving:
		return exchange.RejectMoveAbandoned
	}
	s.beginDropping(c.Market, m, r)
	return exchange.Accepted
}

// beginDropping drops the first of a market that goes on elsewhere.
func (s *Shard) beginDropping(id exchange.MarketID, m *market.Market, r *exchange.Reply) {
	known := m.Moving()
	known.Part = 0
	m.SetMoving(known)
	s.setStage(id, m, market.Dropping)
	s.dropSome(id, m, r)
}

// dropSome drops orders, then positions, then keys.
func (s *Shard) dropSome(id exchange.MarketID, m *market.Market, r *exchange.Reply) {
	known := m.Moving()
	e := exchange.MarketPartDropped{Market: id, To: known.With, Move: known.Moves}
	left := droppedAtOnce
	for i := range uint32(m.Count) {
		bk := s.books.At(m.Books + i)
		for side := range exchange.Side(2) {
			for ; left > 0; left-- {
				slot, _ := bk.Head(side)
				if slot == 0 {
					break
				}
				s.dropOrder(slot)
				e.Orders++
			}
		}
	}
	for i := range uint32(m.Count) {
		bk := s.books.At(m.Books + i)
		for ; left > 0 && bk.positions != 0; left-- {
			slot := bk.positions
			pos := s.ledger.Positions.At(slot)
			bk.positions = pos.Next
			s.ledger.DropPosition(slot)
		}
	}
	if left > 0 && s.keys.DropNewest(&m.Keys, id, left) {
		e.Last = true
		s.dropMarket(id, m)
	} else {
		r.Remaining = 1
	}
	s.emit(&e)
}

// dropOrder takes an order out of everything without giving anything back: it is on another shard.
func (s *Shard) dropOrder(slot uint32) {
	x := s.open(slot)
	x.pos.Reserved[x.o.Side.Opposite()] -= x.o.Closing
	x.pos.Opening[x.o.Side] -= x.o.Opening()
	s.ledger.AdoptHold(x.acct, -x.o.Hold)
	x.bk.Reduce(&s.orders, x.o, x.o.Remaining)
	s.strike(x.o, x.slot, x.acct, x.m)
}

// dropMarket leaves of a market where it is.
func (s *Shard) dropMarket(id exchange.MarketID, m *market.Market) {
	for i := range uint32(m.Count) {
		bk := s.books.At(m.Books + i)
		s.ledger.AdoptPool(&bk.Pool, &m.Fees, -bk.Escrow, 0)
		bk.Have = [2]uint64{}
		bk.Shrink()
	}
	s.ledger.AdoptPool(&s.books.At(m.Books).Pool, &m.Fees, 0, -m.Fees)
	if m.Timer != 0 {
		s.timers.Remove(m.Timer)
		m.Timer = 0
	}
	gone := market.New(&exchange.MarketSpec{})
	gone.Books = m.Books
	gone.SetMoving(m.Moving())
	*m = gone
	s.setStage(id, m, market.Gone)
}
