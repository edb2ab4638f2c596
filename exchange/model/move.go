package model

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Stage is where a market is on its way between shards.
type Stage uint8

// Stages.
const (
	Here Stage = iota
	Frozen
	Arriving
	Dropping
	Gone
)

// Move is what is known of a market's moves.
type Move struct {
	Stage  Stage
	With   exchange.ShardID // the other shard
	Number uint32           // of the newest move
	Part   uint32           // arriving: the part that comes next

	luggage
	cancelled map[exchange.AccountID]exchange.CancelReason // whose orders were all cancelled while they came
}

// luggage is what is still to come.
type luggage struct {
	positions, orders, keys int
	held                    exchange.Money
}

func (m *Market) here() bool { return m.Move.Stage == Here }

// record finds a market, also one that is on another shard, or nil.
func (e *Engine) record(id exchange.MarketID) *Market {
	if m := byID(e.Markets, id); m != nil && (len(m.Books) > 0 || m.Move.Stage == Gone) {
		return m
	}
	return nil
}

// about finds the market that a command names, or nil.
func (e *Engine) about(cmd exchange.Command) *Market {
	if c, ok := cmd.(*exchange.CreateMarket); ok {
		return e.record(c.ID)
	}
	_, id, _ := subject(cmd)
	return e.record(id)
}

// moves reports whether a command is a step of a move.
func moves(cmd exchange.Command) bool {
	switch cmd.(type) {
	case *exchange.FreezeMarket, *exchange.ThawMarket, *exchange.AdoptMarket, *exchange.AbandonMarket, *exchange.ReleaseMarket:
		return true
	}
	return false
}

// onItsWay is the answer about a market that is not here, or not any more.
func (m *Market) onItsWay() exchange.Reply {
	code := exchange.RejectMarketMoving
	if m.Move.Stage == Dropping || m.Move.Stage == Gone {
		code = exchange.RejectMarketMoved
	}
	return exchange.Reply{Code: code, ID: uint64(m.Move.With)}
}

// knows reports whether an account ever had an order in the market.
func (m *Market) knows(id exchange.AccountID) bool {
	return slices.ContainsFunc(m.Books, func(b *Book) bool { return slices.Contains(b.Known, id) })
}

// movingWith finds a market on its way in which an account has a part, or nil.
func (e *Engine) movingWith(id exchange.AccountID) *Market {
	for _, m := range e.Markets {
		if (m.Move.Stage == Frozen || m.Move.Stage == Arriving) && m.knows(id) {
			return m
		}
	}
	return nil
}

// cancelArriving dooms what is still to come of an account's orders.
func (e *Engine) cancelArriving(id exchange.AccountID, why exchange.CancelReason) {
	for _, m := range e.Markets {
		if m.Move.Stage == Arriving && m.knows(id) {
			m.Move.cancelled[id] = why
		}
	}
}

func (e *Engine) freezeMarket(c *exchange.FreezeMarket) exchange.Reply {
	m := e.record(c.Market)
	switch {
	case m == nil:
		return refuse(exchange.RejectMarketNotFound)
	case m.Move.Stage == Frozen && m.Move.With == c.To:
		return exchange.Reply{ID: uint64(m.ID), Version: m.Move.Number}
	case !m.here():
		return m.onItsWay()
	case m.State == exchange.StateSettled || m.State == exchange.StateVoided || m.State == exchange.StateVoiding ||
		m.State == exchange.StateResolved && e.Now >= m.PayAfter:
		return refuse(exchange.RejectMarketState)
	case e.waits(m):
		return refuse(exchange.RejectMarketMoving)
	}
	m.Move = Move{Stage: Frozen, With: c.To, Number: m.Move.Number + 1}
	e.emit(&exchange.MarketFrozen{Market: m.ID, To: c.To, Move: m.Move.Number})
	return exchange.Reply{ID: uint64(m.ID), Version: m.Move.Number}
}

// waits reports whether orders of a market wait to be removed, or orders of an account wherever they are.
func (e *Engine) waits(m *Market) (waits bool) {
	e.eachOrder(func(o *Order) {
		if e.dead(o) && e.market(o.Market).here() {
			waits = waits || o.Market == m.ID || o.expired(e.Now) || e.overdue(o) || slices.ContainsFunc(o.Doomed, notOfMarket)
		}
	})
	return waits
}

func notOfMarket(why exchange.CancelReason) bool {
	return why != exchange.CancelMarketOperator && why != exchange.CancelMarketClosed
}

func (e *Engine) thawMarket(c *exchange.ThawMarket) exchange.Reply {
	m := e.record(c.Market)
	switch {
	case m == nil:
		return refuse(exchange.RejectMarketNotFound)
	case c.Move > m.Move.Number:
		return refuse(exchange.RejectMoveAbandoned)
	case c.Move == m.Move.Number && !m.here() && m.Move.Stage != Frozen:
		return m.onItsWay()
	case c.Move == m.Move.Number && m.Move.Stage == Frozen:
		m.Move.Stage = Here
		e.emit(&exchange.MarketThawed{Market: c.Market, Move: c.Move})
	}
	return exchange.Reply{ID: uint64(c.Market), Version: c.Move}
}

// abandonMarket gives up what comes. Of a move that nobody has heard of here, nothing will be taken.
func (e *Engine) abandonMarket(c *exchange.AbandonMarket) exchange.Reply {
	if c.Market == 0 || c.Market > exchange.MaxMarkets {
		return refuse(exchange.RejectTooManyIDs)
	}
	m := e.record(c.Market)
	reply := exchange.Reply{ID: uint64(c.Market), Version: c.Move}
	switch {
	case m == nil || m.Move.Stage == Gone && c.Move > m.Move.Number:
		*e.placeFor(c.Market) = Market{Move: Move{Stage: Gone, With: c.From, Number: c.Move}}
		e.emit(&exchange.MarketPartDropped{Market: c.Market, To: c.From, Move: c.Move, Last: true})
		return reply
	case c.Move < m.Move.Number || c.Move == m.Move.Number && m.Move.Stage == Gone:
		return reply
	case c.Move > m.Move.Number || m.here() || m.Move.Stage == Frozen:
		return refuse(exchange.RejectMarketExists)
	}
	return e.drop(c.Market, m, reply)
}

func (e *Engine) releaseMarket(c *exchange.ReleaseMarket) exchange.Reply {
	m := e.record(c.Market)
	if m == nil {
		return refuse(exchange.RejectMarketNotFound)
	}
	reply := exchange.Reply{ID: uint64(c.Market), Version: c.Move}
	switch {
	case c.Move < m.Move.Number || c.Move == m.Move.Number && m.Move.Stage == Gone:
		return reply
	case c.Move > m.Move.Number || m.here() || m.Move.Stage == Arriving:
		return refuse(exchange.RejectMoveAbandoned)
	}
	return e.drop(c.Market, m, reply)
}

// drop takes a market out, its orders first. Nothing is given back: it is on the other shard.
func (e *Engine) drop(id exchange.MarketID, m *Market, reply exchange.Reply) exchange.Reply {
	const most = 4096
	left := most
	m.Move.Stage, m.Move.Part = Dropping, 0
	event := &exchange.MarketPartDropped{Market: id, To: m.Move.With, Move: m.Move.Number}
	for _, b := range m.Books {
		for side := range b.Sides {
			for ; left > 0 && len(b.Sides[side]) > 0; left-- {
				o := b.Sides[side][0]
				b.position(o.Account).reserve(o.Side, -o.Closing)
				e.MovedOut += o.Hold
				b.remove(o)
				event.Orders++
			}
		}
	}
	for _, b := range m.Books {
		for ; left > 0 && len(b.Known) > 0; left-- {
			last := len(b.Known) - 1
			delete(b.Positions, b.Known[last])
			b.Known = b.Known[:last]
		}
	}
	e.emit(event)
	for key, known := range e.keys {
		if left > 0 && known.market == id {
			delete(e.keys, key)
			left--
		}
	}
	if left == 0 {
		reply.Remaining = 1
		return reply
	}
	event.Last = true
	e.MovedOut += m.Escrow + m.Fees
	*m = Market{Move: Move{Stage: Gone, With: m.Move.With, Number: m.Move.Number}}
	return reply
}

// placeFor finds or makes the place in the list for a market.
func (e *Engine) placeFor(id exchange.MarketID) *Market {
	for len(e.Markets) < int(id) {
		e.Markets = append(e.Markets, &Market{})
	}
	return e.Markets[id-1]
}
