package shard

import (
	"encoding/binary"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/part"
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
	}
	if taken, code := partIsNext(m, c); taken || code != exchange.Accepted {
		return code
	}
	p := &s.part
	if !p.Read(c.Data) || !fitsPlace(p, c) {
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
	r.ID, r.Version = uint64(c.Market), c.Part+1
	s.adoptPart(c, m, p)
	return exchange.Accepted
}

// adoptPart takes over what is in a part that has been checked. After the last one the market trades here.
func (s *Shard) adoptPart(c *exchange.AdoptMarket, m *market.Market, p *part.Part) {
	for i := range p.Groups { // first, because that may doom orders which have come
		s.setCopy(&p.Groups[i])
	}
	known := m.Moving()
	known.Part = c.Part + 1
	known.Left[0] -= uint32(len(p.Positions))
	known.Left[1] -= uint32(len(p.Orders))
	known.Left[2] -= uint32(len(p.Keys))
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

// admitted returns an account, which comes into being if the shard has not heard of it.
func (s *Shard) admitted(id exchange.AccountID) *ledger.Account {
	acct := s.ledger.Account(id)
	if acct == nil {
		acct = s.ledger.Admit(id, DefaultMaxOpenOrders)
		s.names.accounts.SetLen(s.ledger.Accounts.Len())
	}
	return acct
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
