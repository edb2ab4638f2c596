package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/part"
	"github.com/hustings/hustings/exchange/slab"
)

// partIsNext says whether a part is the one that is due, by what is here of its market: nothing if m is nil. One that was taken before is
// answered as then.
func partIsNext(m *market.Market, c *exchange.AdoptMarket) (taken bool, code exchange.Reject) {
	if m == nil {
		if c.Part > 0 {
			return false, exchange.RejectTransferOutOfOrder
		}
		return false, exchange.Accepted
	}
	known := m.Moving()
	switch {
	case c.Move < known.Moves || c.Move == known.Moves && m.Stage >= market.Dropping:
		return false, exchange.RejectMoveAbandoned
	case c.Move == known.Moves && (m.Stage == market.Here || c.Part < known.Part):
		return true, exchange.Accepted
	case m.Stage != market.Gone && (m.Stage != market.Arriving || c.Move != known.Moves || c.From != known.With):
		return false, exchange.RejectMarketExists
	case m.Stage == market.Arriving && c.Part > known.Part, m.Stage == market.Gone && c.Part > 0:
		return false, exchange.RejectTransferOutOfOrder
	}
	return false, exchange.Accepted
}

// fitsPlace reports whether the first part is a head and nothing else, and no other has one.
func fitsPlace(p *part.Part, c *exchange.AdoptMarket) bool {
	if c.Part > 0 {
		return p.Head == nil
	}
	return p.Head != nil && !c.Last && len(p.Positions)+len(p.Groups)+len(p.Orders)+len(p.Keys) == 0
}

// checkHead says whether a market with this head can come here.
func (s *Shard) checkHead(h *part.Head) exchange.Reject {
	spec := h.Spec
	spec.CloseAt = 0 // it may have passed
	sum := h.Fees + h.Held
	for _, b := range h.Books {
		if sum += b.Escrow; b.Escrow < 0 || b.Last > exchange.MaxPrice || sum > exchange.MaxWorld {
			return exchange.RejectAmountOutOfRange
		}
	}
	switch {
	case market.Check(&spec, s.now) != exchange.Accepted || len(h.Books) != h.Spec.Books() || h.State > exchange.StateResolved:
		return exchange.RejectMoveAbandoned
	case h.State == exchange.StateResolved && len(h.Values) != len(h.Books), h.State < exchange.StateResolved && len(h.Values) > 0:
		return exchange.RejectMoveAbandoned
	case h.Fees < 0 || h.Held < 0 || !s.ledger.Totals.MayAdopt(sum):
		return exchange.RejectAmountOutOfRange
	case h.Number >= 1<<(64-exchange.OrderSlotBits-1):
		return exchange.RejectTooManyIDs
	}
	return exchange.Accepted
}

// checkPart says whether what is in a part fits what has come before.
func (s *Shard) checkPart(id exchange.MarketID, m *market.Market, p *part.Part) exchange.Reject {
	if left := m.Moving().Left; len(p.Positions) > int(left[0]) || len(p.Orders) > int(left[1]) || len(p.Keys) > int(left[2]) ||
		len(p.Orders) > 0 && len(p.Positions) != int(left[0]) {
		return exchange.RejectMoveAbandoned
	}
	for i := range p.Positions {
		x := &p.Positions[i]
		if uint8(x.Outcome) >= m.Count || x.Account == 0 || x.Account > exchange.MaxAccounts || x.Yes > exchange.MaxPosition ||
			x.No > exchange.MaxPosition || s.ledger.Position(x.Account, m.Books+uint32(x.Outcome)) != 0 {
			return exchange.RejectMoveAbandoned
		}
		if !s.mayAdmit(x.Account, m) {
			return exchange.RejectMarketMoving
		}
	}
	if !s.checkGroups(p) {
		return exchange.RejectMoveAbandoned
	}
	return s.checkOrders(id, m, p)
}

// mayAdmit reports whether an account's first position in a market that comes can be taken. The fences of an account are
// ids of this shard, which mean nothing for the orders that come, and are taken away; but not while they hold for orders
// that cannot be removed yet.
func (s *Shard) mayAdmit(id exchange.AccountID, to *market.Market) bool {
	acct := s.ledger.Account(id)
	if acct == nil || acct.CancelBelow == 0 || s.knownIn(id, to, exchange.Outcome(to.Count)) {
		return true
	}
	if acct.Flags&ledger.Sweeping != 0 {
		return false
	}
	for _, other := range s.frozen {
		m := s.market(other)
		if m != to && s.knownIn(id, m, exchange.Outcome(m.Count)) && (m.Stage == market.Arriving || s.fenced(acct)) {
			return false // of what arrives there may be more to come
		}
	}
	return true
}

// fenced reports whether an account has orders that were cancelled with all of its orders and are not gone yet.
func (s *Shard) fenced(acct *ledger.Account) bool {
	for slot := acct.OrdersTail; slot != 0; slot = s.orders.At(slot).OwnerPrev {
		if s.orders.At(slot).ID < acct.CancelBelow {
			return true
		}
	}
	return false
}

// knownIn reports whether an account has a position in one of the first books of a market.
func (s *Shard) knownIn(id exchange.AccountID, m *market.Market, books exchange.Outcome) bool {
	for i := range uint32(books) {
		if s.ledger.Position(id, m.Books+i) != 0 {
			return true
		}
	}
	return false
}

// checkOrders says whether the orders of a part can rest here.
func (s *Shard) checkOrders(id exchange.MarketID, m *market.Market, p *part.Part) exchange.Reject {
	if s.orders.Live()+len(p.Orders) > exchange.MaxOpenOrders {
		return exchange.RejectTooManyIDs
	}
	c := orderCheck{s: s, id: id, m: m, held: m.Moving().Held, closing: map[closingOf]exchange.Quantity{}}
	if !c.notePositions(p.Positions) {
		return exchange.RejectMoveAbandoned
	}
	for i := range p.Orders {
		o := &p.Orders[i]
		if c.held -= o.Hold; c.held < 0 || !c.inRange(o) || !c.seen.add(p.Orders, i) || s.find(id, o.ID) != 0 || c.crosses(o) || !c.closes(o) {
			return exchange.RejectMoveAbandoned
		}
	}
	return exchange.Accepted
}

// orderCheck is what the check of a part's orders remembers of those before.
type orderCheck struct {
	s    *Shard
	id   exchange.MarketID
	m    *market.Market
	held exchange.Money // what the orders that have not been looked at may hold
	seen orderSet
	best [exchange.MaxOutcomes][2]exchange.Price // 0: no order yet
	// positions are those of the part.
	positions map[positionOf]*part.Position
	closing   map[closingOf]exchange.Quantity
}

type positionOf struct {
	account exchange.AccountID
	outcome exchange.Outcome
}

type closingOf struct {
	positionOf
	side exchange.Side
}

// notePositions reports whether a part's positions are all different.
func (c *orderCheck) notePositions(all []part.Position) bool {
	c.positions = make(map[positionOf]*part.Position, len(all))
	for i := range all {
		c.positions[positionOf{all[i].Account, all[i].Outcome}] = &all[i]
	}
	return len(c.positions) == len(all)
}

func (c *orderCheck) inRange(o *part.Order) bool {
	return uint8(o.Outcome) < c.m.Count && o.Side <= exchange.Sell && o.Price >= exchange.MinPrice && o.Price <= exchange.MaxPrice &&
		o.Remaining >= 1 && o.Closing <= o.Remaining && o.Filled <= exchange.MaxQuantity && o.Filled+o.Remaining <= exchange.MaxQuantity &&
		o.ID.Number() > 0 && o.ID.Number() <= c.s.number && o.Version > 0 &&
		o.Hold >= exchange.Cost(o.Side.OpenCost(o.Price), o.Remaining-o.Closing)
}

// crosses reports whether an order would trade with one that is here, or with one before it in the part.
func (c *orderCheck) crosses(o *part.Order) bool {
	if mine := &c.best[o.Outcome][o.Side]; *mine == 0 || *mine < o.Price == (o.Side == exchange.Buy) {
		*mine = o.Price
	}
	other := c.best[o.Outcome][o.Side.Opposite()]
	bk := c.s.books.At(c.m.Books + uint32(o.Outcome))
	return bk.WouldTrade(o.Side, o.Price) || other != 0 && book.Crosses(o.Side, o.Price, other)
}

// closes reports whether the account of an order has a position, with as many contracts to close as the order says.
func (c *orderCheck) closes(o *part.Order) bool {
	at := positionOf{o.Account, o.Outcome}
	free, ok := c.free(at, o.Side.Opposite())
	if !ok || o.Closing == 0 {
		return ok
	}
	closing := closingOf{at, o.Side}
	if o.Closing > free-min(free, c.closing[closing]) {
		return false
	}
	c.closing[closing] += o.Closing
	return true
}

// free is how many contracts of a position are there to be closed, before the orders of the part; false if there is no position.
func (c *orderCheck) free(at positionOf, side exchange.Side) (exchange.Quantity, bool) {
	if x := c.positions[at]; x != nil {
		return [2]exchange.Quantity{x.Yes, x.No}[side], true
	}
	slot := c.s.ledger.Position(at.account, c.m.Books+uint32(at.outcome))
	if slot == 0 {
		return 0, false
	}
	return c.s.ledger.Positions.At(slot).Free(side), true
}

// orderSet finds orders of a part that have one id: a table of their places, from 1 on.
type orderSet [2048]uint16

// add reports whether the order at a place is the first with its id.
func (t *orderSet) add(all []part.Order, place int) bool {
	if place >= len(t)/2 { // a part has no room for so many
		return false
	}
	at := slab.Hash(uint64(all[place].ID)) % uint64(len(t))
	for ; t[at] != 0; at = (at + 1) % uint64(len(t)) {
		if all[t[at]-1].ID == all[place].ID {
			return false
		}
	}
	t[at] = uint16(place + 1)
	return true
}

// complete reports whether with this part everything has come, and adds up.
func (s *Shard) complete(m *market.Market, p *part.Part) bool {
	known := m.Moving()
	left := known.Left
	if len(p.Positions) != int(left[0]) || len(p.Orders) != int(left[1]) || len(p.Keys) != int(left[2]) {
		return false
	}
	held := known.Held
	for i := range p.Orders {
		held -= p.Orders[i].Hold
	}
	for i := range uint32(m.Count) {
		pool := s.books.At(m.Books + i).Pool
		for j := range p.Positions {
			if x := &p.Positions[j]; uint32(x.Outcome) == i {
				pool.Have[0] += uint64(x.Yes)
				pool.Have[1] += uint64(x.No)
			}
		}
		if !pool.Balanced() {
			return false
		}
	}
	return held == 0
}
