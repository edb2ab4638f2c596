package shard

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/part"
	"github.com/hustings/hustings/exchange/slab"
	"github.com/hustings/hustings/exchange/timer"
)

// adoptMarket takes a part of a market that moves here.
func (s *Shard) adoptMarket(c *exchange.AdoptMarket, r *exchange.Reply) exchange.Reject {
	if c.Market == 0 || c.Market > exchange.MaxMarkets {
		return exchange.RejectTooManyIDs
	}
	m := s.market(c.Market)
	if m != nil {
		r.ID, r.Version = uint64(c.Market), c.Part+1
		known := m.Moving()
		switch {
		case c.Move < known.Moves || c.Move == known.Moves && m.Stage >= market.Dropping:
			return exchange.RejectMoveAbandoned
		case c.Move == known.Moves && (m.Stage == market.Here || c.Part < known.Part):
			return exchange.Accepted
		case m.Stage != market.Gone && (m.Stage != market.Arriving || c.Move != known.Moves || c.From != known.With):
			return exchange.RejectMarketExists
		case m.Stage == market.Arriving && c.Part > known.Part, m.Stage == market.Gone && c.Part > 0:
			return exchange.RejectTransferOutOfOrder
		}
	} else if c.Part > 0 {
		return exchange.RejectTransferOutOfOrder
	}
	p := &s.part
	if !p.Read(c.Data) || (p.Head != nil) != (c.Part == 0) || c.Part == 0 && c.Last || p.Head != nil && len(p.Positions)+len(p.Groups)+len(p.Orders)+len(p.Keys) > 0 {
		return exchange.RejectMoveAbandoned
	}
	if c.Part == 0 {
		if code := s.checkHead(p.Head); code != exchange.Accepted {
			return code
		}
		s.beginAdopting(c, p.Head)
		m = s.market(c.Market)
	} else if code := s.checkPart(c.Market, m, p); code != exchange.Accepted {
		s.tellMoving(c.Market, r)
		return code
	}
	if c.Last && !s.complete(m, p) {
		return exchange.RejectMoveAbandoned
	}
	for i := range p.Groups { // first, because that may doom orders which have come
		s.setCopy(&p.Groups[i])
	}
	known := m.Moving()
	known.Part = c.Part + 1
	known.Left[0] -= uint32(len(p.Positions))
	known.Left[1] -= uint32(len(p.Orders))
	known.Left[2] -= uint32(len(p.Keys))
	r.ID, r.Version = uint64(c.Market), c.Part+1
	e := exchange.MarketPartAdopted{Market: c.Market, From: c.From, Move: c.Move, Part: c.Part, Last: c.Last, Data: c.Data}
	s.adoptPositions(m, p.Positions)
	e.Slots = s.adoptOrders(m, p.Orders)
	for i := range p.Orders {
		known.Held -= p.Orders[i].Hold
		known.Doomed = known.Doomed || p.Orders[i].Doomed
	}
	s.emit(&e)
	s.adoptKeys(c.Market, m, p.Keys)
	if c.Last {
		known.Part = 0
	}
	m.SetMoving(known)
	if c.Last {
		s.goOn(c.Market, m)
		s.catchUp(m, known.Doomed)
	}
	return exchange.Accepted
}

// catchUp dooms what must not trade in a market that has come: the orders of accounts that are blocked here, or were
// cancelled here while they came, and those that were doomed where they came from.
func (s *Shard) catchUp(m *market.Market, doomed bool) {
	s.eachPosition(m, func(p *ledger.Position, outcome exchange.Outcome) {
		acct := s.ledger.Account(p.Account)
		switch {
		case acct.Flags&ledger.Blocked != 0 && acct.OrdersHead != 0:
			if !s.knownIn(p.Account, m, outcome) {
				s.cancelAccount(p.Account, acct, exchange.CancelAccountBlocked)
			}
		case acct.CancelBelow > 0 && acct.Flags&ledger.Sweeping == 0:
			s.sweepAccount(p.Account, acct)
		}
	})
	if doomed {
		s.sweepDoomed(m)
	}
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

// beginAdopting makes a market without orders and positions.
func (s *Shard) beginAdopting(c *exchange.AdoptMarket, h *part.Head) {
	m := market.New(&h.Spec)
	if h.State == exchange.StateResolved {
		m.Resolve(h.Values, h.Source, h.Evidence, h.PayAfter)
	}
	m.State, m.Version, m.Traded = h.State, h.Version, h.Traded
	m.SetMoving(market.Moving{Moves: c.Move, With: c.From, Held: h.Held, Left: [3]uint32{h.Position, h.Orders, h.Keys}})
	s.markets.SetLen(max(s.markets.Len(), uint32(c.Market)+1))
	for i, b := range h.Books {
		slot := s.books.Add()
		if i == 0 {
			m.Books = slot
		}
		bk := s.books.At(slot)
		*bk = outcomeBook{market: c.Market, outcome: exchange.Outcome(i), last: b.Last}
		s.ledger.AdoptPool(&bk.Pool, &m.Fees, b.Escrow, 0)
	}
	s.ledger.AdoptPool(&s.books.At(m.Books).Pool, &m.Fees, 0, h.Fees)
	*s.markets.At(uint32(c.Market)) = m
	s.setStage(c.Market, s.market(c.Market), market.Arriving)
	s.number = max(s.number, h.Number)
	s.foreign.index.Reserve(int(min(h.Orders, 1<<20)))
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

func (s *Shard) checkOrders(id exchange.MarketID, m *market.Market, p *part.Part) exchange.Reject {
	if s.orders.Live()+len(p.Orders) > exchange.MaxOpenOrders {
		return exchange.RejectTooManyIDs
	}
	left := m.Moving().Held
	closing := map[uint64]exchange.Quantity{}
	var seen orderSet
	have := make(map[uint64]*part.Position, len(p.Positions))
	var best [exchange.MaxOutcomes][2]exchange.Price // of the orders of this part
	for i := range p.Positions {
		x := &p.Positions[i]
		have[uint64(x.Account)<<8|uint64(x.Outcome)] = x
	}
	if len(have) != len(p.Positions) {
		return exchange.RejectMoveAbandoned
	}
	for i := range p.Orders {
		o := &p.Orders[i]
		left -= o.Hold
		if uint8(o.Outcome) >= m.Count || o.Side > exchange.Sell || o.Price < exchange.MinPrice || o.Price > exchange.MaxPrice ||
			o.Remaining < 1 || o.Closing > o.Remaining || o.Filled > exchange.MaxQuantity || o.Filled+o.Remaining > exchange.MaxQuantity ||
			o.ID.Number() == 0 || o.ID.Number() > s.number || o.Version == 0 || !seen.add(p.Orders, i) || s.find(id, o.ID) != 0 ||
			o.Hold < exchange.Cost(o.Side.OpenCost(o.Price), o.Remaining-o.Closing) || left < 0 {
			return exchange.RejectMoveAbandoned
		}
		bk := s.books.At(m.Books + uint32(o.Outcome))
		if mine := &best[o.Outcome][o.Side]; *mine == 0 || *mine < o.Price == (o.Side == exchange.Buy) {
			*mine = o.Price
		}
		if other := best[o.Outcome][o.Side.Opposite()]; bk.WouldTrade(o.Side, o.Price) || other != 0 && book.Crosses(o.Side, o.Price, other) {
			return exchange.RejectMoveAbandoned
		}
		at := uint64(o.Account)<<8 | uint64(o.Outcome)
		var free exchange.Quantity
		x := (*part.Position)(nil)
		if len(have) > 0 {
			x = have[at]
		}
		if x != nil {
			free = [2]exchange.Quantity{x.Yes, x.No}[o.Side.Opposite()]
		} else if slot := s.ledger.Position(o.Account, m.Books+uint32(o.Outcome)); slot != 0 {
			free = s.ledger.Positions.At(slot).Free(o.Side.Opposite())
		} else {
			return exchange.RejectMoveAbandoned
		}
		if o.Closing > 0 {
			at = at<<1 | uint64(o.Side)
			if o.Closing > free-min(free, closing[at]) {
				return exchange.RejectMoveAbandoned
			}
			closing[at] += o.Closing
		}
	}
	return exchange.Accepted
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

// admitted returns an account, which comes into being if the shard has not heard of it.
func (s *Shard) admitted(id exchange.AccountID) *ledger.Account {
	acct := s.ledger.Account(id)
	if acct == nil {
		acct = s.ledger.Admit(id, DefaultMaxOpenOrders)
		s.names.accounts.SetLen(s.ledger.Accounts.Len())
	}
	return acct
}

// adoptPositions takes positions over.
func (s *Shard) adoptPositions(m *market.Market, all []part.Position) {
	for i := range all {
		x := &all[i]
		bookSlot := m.Books + uint32(x.Outcome)
		bk := s.books.At(bookSlot)
		acct := s.admitted(x.Account)
		if !s.knownIn(x.Account, m, exchange.Outcome(m.Count)) {
			acct.CancelBelow = 0
		}
		if acct.DeadMan == 0 && x.Deadline != 0 {
			acct.DeadMan = s.timers.Add(x.Deadline, timer.DeadMan, uint64(x.Account))
		}
		slot := s.ledger.MakePosition(x.Account, bookSlot, bk.positions)
		bk.positions = slot
		pos := s.ledger.Positions.At(slot)
		pos.Have, pos.Paid = [2]exchange.Quantity{x.Yes, x.No}, x.Paid
		bk.Have[0] += uint64(x.Yes)
		bk.Have[1] += uint64(x.No)
	}
}

// adoptOrders takes orders over, each behind those of its price, and returns their slots.
func (s *Shard) adoptOrders(m *market.Market, all []part.Order) (slots []byte) {
	slots = make([]byte, 0, 4*len(all))
	for i := range all {
		x := &all[i]
		slot := s.orders.Take()
		slots = binary.LittleEndian.AppendUint32(slots, slot)
		bookSlot := m.Books + uint32(x.Outcome)
		a := arrival{id: x.ID, place: slot, side: x.Side, account: x.Account, acct: s.ledger.Account(x.Account),
			slot: s.ledger.Position(x.Account, bookSlot), bk: s.books.At(bookSlot), m: m}
		a.pos = s.ledger.Positions.At(a.slot)
		o := s.orders.At(slot)
		s.enrol(&a, o, slot)
		o.Options, o.Price, o.Remaining, o.Filled = packOptions(x.Flags, x.SelfTrade), x.Price, x.Remaining, x.Filled
		o.Closing, o.Hold, o.Overpaid = x.Closing, x.Hold, x.Overpaid
		if x.ExpireAt != 0 || x.Version != 1 || x.Doomed || x.Group != 0 {
			o.Extra = s.extras.take()
			extra := s.extras.At(o.Extra)
			extra.expireAt, extra.version, extra.doomed = x.ExpireAt, x.Version, x.Doomed
			if x.ExpireAt != 0 {
				extra.timer = s.timers.Add(x.ExpireAt, timer.ExpireOrder, uint64(exchange.NewOrderID(0, slot)))
			}
			if x.Group != 0 && s.join(extra, x) {
				x.Doomed = true
			}
		}
		s.ledger.AdoptHold(a.acct, x.Hold)
		a.pos.Reserved[x.Side.Opposite()] += x.Closing
		a.pos.Opening[x.Side] += o.Opening()
		a.bk.Append(&s.orders, slot)
		s.noteForeign(o, slot)
	}
	return slots
}

// adoptKeys takes answers over that are not known here. They are found as of now, and forgotten when their time is over.
// None is of a time that has not come here yet: a market's answers are in the order of their times.
func (s *Shard) adoptKeys(id exchange.MarketID, m *market.Market, all []part.Key) {
	for i := range all {
		k := &all[i]
		if e := s.keys.Find(&k.Key); e != nil && e.Time >= s.now-exchange.Time(KeyLifetime) {
			continue
		} else if e != nil {
			s.keys.Forget(e)
		}
		k.Answer.Seq, k.Answer.Time = s.seq, min(k.Answer.Time, s.now)
		e := s.keys.Add(&k.Key, k.Content, &k.Answer)
		s.keys.Link(&m.Keys, id, e)
	}
}

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
	known.Part = 0
	m.SetMoving(known)
	s.setStage(c.Market, m, market.Dropping)
	s.dropSome(c.Market, m, r)
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
	known.Part = 0
	m.SetMoving(known)
	s.setStage(c.Market, m, market.Dropping)
	s.dropSome(c.Market, m, r)
	return exchange.Accepted
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
