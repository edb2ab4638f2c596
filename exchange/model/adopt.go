package model

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/part"
)

// adoptMarket takes a part of a market. The part says which positions, orders and keys have come; what they are is taken
// from the other shard, which has the market frozen, so that a part with which it disagrees is none.
func (e *Engine) adoptMarket(c *exchange.AdoptMarket) exchange.Reply {
	if c.Market == 0 || c.Market > exchange.MaxMarkets {
		return refuse(exchange.RejectTooManyIDs)
	}
	taken := exchange.Reply{ID: uint64(c.Market), Version: c.Part + 1}
	if m := e.record(c.Market); m != nil {
		move := m.Move
		switch {
		case c.Move < move.Number || c.Move == move.Number && move.Stage >= Dropping:
			return refuse(exchange.RejectMoveAbandoned)
		case c.Move == move.Number && (m.here() || c.Part < move.Part):
			return taken
		case move.Stage != Gone && (move.Stage != Arriving || c.Move != move.Number || c.From != move.With):
			return refuse(exchange.RejectMarketExists)
		case c.Part > move.Part || move.Stage == Gone && c.Part > 0:
			return refuse(exchange.RejectTransferOutOfOrder)
		}
	} else if c.Part > 0 {
		return refuse(exchange.RejectTransferOutOfOrder)
	}
	p, ok := part.Read(c.Data)
	if !ok || (p.Head != nil) != (c.Part == 0) || p.Head != nil && (c.Last || len(p.Positions)+len(p.Groups)+len(p.Orders)+len(p.Keys) > 0) {
		return refuse(exchange.RejectMoveAbandoned)
	}
	from := e.Others[c.From]
	if from == nil {
		return refuse(exchange.RejectMoveAbandoned)
	}
	source := from.record(c.Market)
	if source == nil || source.Move.Stage != Frozen || source.Move.Number != c.Move {
		return refuse(exchange.RejectMoveAbandoned)
	}
	if code := e.takePart(c, &p, from, source); code == exchange.RejectMarketMoving {
		return e.record(c.Market).onItsWay()
	} else if code != exchange.Accepted {
		return refuse(code)
	}
	m := e.record(c.Market)
	m.Move.Part++
	e.emit(&exchange.MarketPartAdopted{Market: c.Market, From: c.From, Move: c.Move, Part: c.Part, Last: c.Last, Data: c.Data})
	if c.Last {
		m.Move = Move{Stage: Here, With: c.From, Number: c.Move}
		e.cancelBlocked(m)
	}
	return taken
}

// takePart takes what a part has, on a copy first, because a part that does not fit changes nothing.
func (e *Engine) takePart(c *exchange.AdoptMarket, p *part.Part, from *Engine, source *Market) exchange.Reject {
	undo := e.copy()
	code := exchange.Accepted
	if p.Head != nil {
		e.takeHead(c, p.Head, source)
	}
	m := e.record(c.Market)
	m.Move.luggage = m.Move.minus(p)
	if m.Move.positions < 0 || m.Move.orders < 0 || m.Move.keys < 0 || len(p.Orders) > 0 && m.Move.positions > 0 {
		code = exchange.RejectMoveAbandoned
	}
	for i := range p.Positions {
		if code == exchange.Accepted {
			code = e.takePosition(m, &p.Positions[i], source)
		}
	}
	for i := range p.Groups {
		if code == exchange.Accepted && !e.takeGroup(&p.Groups[i], from) {
			code = exchange.RejectMoveAbandoned
		}
	}
	for i := range p.Orders {
		if code == exchange.Accepted && !e.takeOrder(m, &p.Orders[i], source) {
			code = exchange.RejectMoveAbandoned
		}
	}
	if code == exchange.Accepted && c.Last && m.Move.luggage != (luggage{}) {
		code = exchange.RejectMoveAbandoned
	}
	for i := range p.Keys {
		if known, ok := from.keys[p.Keys[i].Key]; code == exchange.Accepted && (!ok || known.market != c.Market || !sameAnswer(known.reply, p.Keys[i].Answer)) {
			code = exchange.RejectMoveAbandoned
		}
	}
	if code != exchange.Accepted {
		*e = *undo
		return code
	}
	for i := range p.Keys {
		key := p.Keys[i].Key
		if here, ok := e.keys[key]; !ok || e.Now-here.at > keyLife {
			known := from.keys[key]
			known.at, known.reply.Time = min(known.at, e.Now), min(known.reply.Time, e.Now)
			e.keys[key] = known
		}
	}
	return exchange.Accepted
}

// sameAnswer compares answers, of which the ids of orders have no slot here.
func sameAnswer(a, b exchange.Reply) bool {
	if number := exchange.OrderID(b.ID).Number(); number != 0 {
		b.ID = uint64(exchange.NewOrderID(number, 0))
	}
	return a == b
}

func (l luggage) minus(p *part.Part) luggage {
	l.positions -= len(p.Positions)
	l.orders -= len(p.Orders)
	l.keys -= len(p.Keys)
	for i := range p.Orders {
		l.held -= p.Orders[i].Hold
	}
	return l
}

// takeHead makes the market as it is at its source, with nobody in it. What is to come is counted there.
func (e *Engine) takeHead(c *exchange.AdoptMarket, h *part.Head, source *Market) {
	m := *source
	m.Spec.Outcomes, m.Values = slices.Clone(m.Spec.Outcomes), slices.Clone(m.Values)
	m.Move = Move{Stage: Arriving, With: c.From, Number: c.Move, cancelled: map[exchange.AccountID]exchange.CancelReason{}}
	m.Move.keys = int(h.Keys)
	m.Books = nil
	for _, b := range source.Books {
		m.Books = append(m.Books, &Book{Last: b.Last, Positions: map[exchange.AccountID]*Position{}})
		m.Move.positions += len(b.Known)
		for _, o := range slices.Concat(b.Sides[0], b.Sides[1]) {
			m.Move.orders++
			m.Move.held += o.Hold
		}
	}
	*e.placeFor(c.Market) = m
	e.MovedIn += m.Escrow + m.Fees
	e.Orders = max(e.Orders, h.Number)
}

// takePosition gives an account what it has at the source. An account that the shard does not have comes into being.
func (e *Engine) takePosition(m *Market, x *part.Position, source *Market) exchange.Reject {
	if int(x.Outcome) >= len(m.Books) || !slices.Contains(source.Books[x.Outcome].Known, x.Account) ||
		slices.Contains(m.Books[x.Outcome].Known, x.Account) {
		return exchange.RejectMoveAbandoned
	}
	if !m.knows(x.Account) && e.cancelledElsewhere(x.Account, m) {
		return exchange.RejectMarketMoving
	}
	has := source.Books[x.Outcome].position(x.Account)
	if int64(x.Yes) != has.Yes || int64(x.No) != has.No || x.Paid != has.Paid {
		return exchange.RejectMoveAbandoned
	}
	if a := e.admitAccount(x.Account); a.Deadline == 0 {
		a.Deadline = x.Deadline
	}
	b := m.Books[x.Outcome]
	b.know(x.Account)
	*b.position(x.Account) = Position{Yes: has.Yes, No: has.No, Paid: has.Paid}
	return exchange.Accepted
}

// cancelledElsewhere reports whether all of an account's orders were cancelled, and some in other markets could not be
// removed yet, or are still to come.
func (e *Engine) cancelledElsewhere(id exchange.AccountID, m *Market) (found bool) {
	for _, other := range e.Markets {
		if _, cancelled := other.Move.cancelled[id]; cancelled && other != m {
			return true
		}
	}
	e.eachOrder(func(o *Order) {
		if o.Account == id && o.Market != m.ID && slices.ContainsFunc(o.Doomed, ofAccount) {
			found = true
		}
	})
	return found
}

func ofAccount(why exchange.CancelReason) bool {
	return why == exchange.CancelDeadMan || why == exchange.CancelAccountBlocked
}

// takeOrder puts an order behind those that came before it. It keeps everything, since version 4 of the rules its group too.
func (e *Engine) takeOrder(m *Market, x *part.Order, source *Market) bool {
	if int(x.Outcome) >= len(m.Books) || x.Side > exchange.Sell {
		return false
	}
	side := source.Books[x.Outcome].Sides[x.Side]
	i := slices.IndexFunc(side, func(o *Order) bool { return o.ID.Number() == x.ID.Number() })
	b := m.Books[x.Outcome]
	if i < 0 || e.order(m.ID, side[i].ID) != nil || !slices.Contains(b.Known, x.Account) {
		return false
	}
	o := *side[i]
	if x.Account != o.Account || x.Price != o.Price || int64(x.Filled) != o.Filled || int64(x.Remaining) != o.Open() ||
		int64(x.Closing) != o.Closing || x.Hold != o.Hold || x.Version != o.Version || x.ExpireAt != o.ExpireAt ||
		x.Flags != o.Flags || x.SelfTrade != o.SelfTrade {
		return false
	}
	o.Doomed = nil
	if x.Doomed {
		o.Doomed = append(o.Doomed, exchange.CancelMass)
	}
	if !e.joinGroup(&o, x) {
		return false
	}
	if why, ok := m.Move.cancelled[o.Account]; ok {
		o.Doomed = append(o.Doomed, why)
	}
	e.arrivals++
	o.Arrived = e.arrivals
	b.Sides[o.Side] = append(b.Sides[o.Side], &o)
	b.position(o.Account).reserve(o.Side, o.Closing)
	e.MovedIn += o.Hold
	return true
}

// cancelBlocked dooms the orders of those who are blocked here, and came with open orders.
func (e *Engine) cancelBlocked(m *Market) {
	for i, b := range m.Books {
		for _, id := range slices.Backward(b.Known) {
			before := slices.ContainsFunc(m.Books[:i], func(b *Book) bool { return slices.Contains(b.Known, id) })
			if e.account(id).Blocked && !before && e.openOrders(id) > 0 {
				e.cancelAll(id, 0, 0, exchange.CancelAccountBlocked)
			}
		}
	}
}
