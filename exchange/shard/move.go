package shard

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/idempotency"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/part"
)

// droppedAtOnce is how many orders, positions and keys a command drops of a market that has moved. The number is part of
// the state machine.
const droppedAtOnce = 4096

// doMove executes a command of a market's move. See exchange/move.go.
func (s *Shard) doMove(cmd exchange.Command, r *exchange.Reply) exchange.Reject {
	switch c := cmd.(type) {
	case *exchange.FreezeMarket:
		return s.freezeMarket(c, r)
	case *exchange.ThawMarket:
		return s.thawMarket(c, r)
	case *exchange.AdoptMarket:
		return s.adoptMarket(c, r)
	case *exchange.AbandonMarket:
		return s.abandonMarket(c, r)
	case *exchange.ReleaseMarket:
		return s.releaseMarket(c, r)
	}
	return exchange.RejectMalformed
}

// moving says why nothing happens in a market that is not here, or not any more.
func moving(m *market.Market) exchange.Reject {
	if m.Stage >= market.Dropping {
		return exchange.RejectMarketMoved
	}
	return exchange.RejectMarketMoving
}

// tellMoving adds to the answer about a market on its way with which shard it is.
func (s *Shard) tellMoving(id exchange.MarketID, r *exchange.Reply) {
	r.ID, r.Version = uint64(s.market(id).Moving().With), 0
}

// onItsWay answers a command about a market that is on its way to another shard, or there.
func (s *Shard) onItsWay(m *market.Market, r *exchange.Reply) {
	r.Code, r.ID = moving(m), uint64(m.Moving().With)
}

// reaches says whether all orders of an account can be doomed: those that are on their way to another shard, or only just
// coming here, cannot be reached, so the command has to come again.
func (s *Shard) reaches(account exchange.AccountID, r *exchange.Reply) bool {
	for _, id := range s.frozen {
		if m := s.market(id); s.knownIn(account, m, exchange.Outcome(m.Count)) {
			s.tellMoving(id, r)
			return false
		}
	}
	return true
}

// setStage changes how far a market is on its way.
func (s *Shard) setStage(id exchange.MarketID, m *market.Market, stage market.Stage) {
	m.Stage = stage
	for i, other := range s.frozen {
		if other == id {
			s.frozen = slices.Delete(s.frozen, i, i+1)
			break
		}
	}
	if stage == market.Frozen || stage == market.Arriving {
		s.frozen = append(s.frozen, id)
		slices.Sort(s.frozen)
	}
}

func (s *Shard) freezeMarket(c *exchange.FreezeMarket, r *exchange.Reply) exchange.Reject {
	m := s.market(c.Market)
	if m == nil {
		return exchange.RejectMarketNotFound
	}
	known := m.Moving()
	if m.Stage == market.Frozen && known.With == c.To {
		r.ID, r.Version = uint64(c.Market), known.Moves
		return exchange.Accepted
	}
	due, ok := s.timers.Next()
	switch {
	case m.Stage != market.Here:
		s.tellMoving(c.Market, r)
		return moving(m)
	case m.Halted:
		return exchange.RejectMarketHalted
	case m.Ended() || m.State == exchange.StateVoiding || m.Due(s.now):
		return exchange.RejectMarketState
	case m.Queued || s.sweeps.len() > 0 || ok && due <= s.now: // something may still be doomed in it
		return exchange.RejectMarketMoving
	}
	m.SetMoving(market.Moving{Moves: known.Moves + 1, With: c.To})
	s.setStage(c.Market, m, market.Frozen)
	r.ID, r.Version = uint64(c.Market), known.Moves+1
	s.emit(&exchange.MarketFrozen{Market: c.Market, To: c.To, Move: known.Moves + 1})
	return exchange.Accepted
}

func (s *Shard) thawMarket(c *exchange.ThawMarket, r *exchange.Reply) exchange.Reject {
	m := s.market(c.Market)
	if m == nil {
		return exchange.RejectMarketNotFound
	}
	r.ID, r.Version = uint64(c.Market), c.Move
	known := m.Moving()
	switch {
	case c.Move > known.Moves:
		return exchange.RejectMoveAbandoned
	case c.Move < known.Moves || m.Stage == market.Here:
		return exchange.Accepted
	case m.Stage != market.Frozen:
		s.tellMoving(c.Market, r)
		return moving(m)
	}
	s.emit(&exchange.MarketThawed{Market: c.Market, Move: c.Move})
	s.goOn(c.Market, m)
	s.sweepDoomed(m)
	return exchange.Accepted
}

// goOn lets a market do what fell due while nothing could happen in it.
func (s *Shard) goOn(id exchange.MarketID, m *market.Market) {
	s.setStage(id, m, market.Here)
	s.setTimer(id, m)
	s.queueMarket(id, m)
}

// sweepDoomed queues the removal of a market's orders that were doomed while they could not be removed.
func (s *Shard) sweepDoomed(m *market.Market) {
	s.eachOrder(m, func(x *resting) {
		if x.acct.Flags&ledger.Sweeping == 0 && s.doomed(x) {
			s.sweepAccount(x.pos.Account, x.acct)
		}
	})
}

// deadline returns when an account's dead-man's switch goes off, 0 if it is not armed.
func (s *Shard) deadline(acct *ledger.Account) exchange.Time {
	if acct.DeadMan == 0 {
		return 0
	}
	return s.timers.Records.At(acct.DeadMan).At
}

// WriteMarket writes a frozen market out, in parts of about so many bytes or, with 0, as large as they may be. They are the
// same on every replica.
func (s *Shard) WriteMarket(id exchange.MarketID, size int) [][]byte {
	m := s.market(id)
	if m == nil || m.Stage != market.Frozen {
		return nil
	}
	w := part.Writer{Size: size}
	head, keys := s.headOf(m), s.keysOf(id, m)
	head.Keys = uint32(len(keys))
	w.Head(&head)
	var position part.Position // one for all, because each would be allocated
	var order part.Order
	groups := map[exchange.GroupID]bool{} // written
	s.eachPosition(m, func(p *ledger.Position, outcome exchange.Outcome) {
		position = part.Position{Account: p.Account, Outcome: outcome, Yes: p.Have[0], No: p.Have[1], Paid: p.Paid,
			Deadline: s.deadline(s.ledger.Account(p.Account))}
		w.Position(&position)
	})
	s.eachOrder(m, func(x *resting) {
		o, extra := x.o, s.extraOf(x.o)
		flags, mode := unpackOptions(o.Options)
		order = part.Order{ID: o.ID, Account: x.pos.Account, Outcome: x.bk.outcome, Side: o.Side, Flags: flags, SelfTrade: mode, Price: o.Price,
			Filled: o.Filled, Remaining: o.Remaining, Closing: o.Closing, Version: extra.version, Hold: o.Hold, Overpaid: o.Overpaid,
			ExpireAt: extra.expireAt, Doomed: s.doomed(x) && (extra.expireAt == 0 || extra.expireAt > s.now)}
		s.writeGroup(&w, &order, extra.group, groups)
		w.Order(&order)
		head.Held += o.Hold
	})
	var key part.Key
	for _, e := range slices.Backward(keys) {
		key = part.Key{Key: e.Key, Content: e.Content, Answer: e.First()}
		w.Key(&key)
	}
	w.Head(&head)
	return w.Parts()
}

// writeGroup says of which group an order is, and before the first such order how the group is.
func (s *Shard) writeGroup(w *part.Writer, o *part.Order, id exchange.GroupID, written map[exchange.GroupID]bool) {
	if id == 0 || s.rules < exchange.GroupRules {
		return // before these rules an order left its group
	}
	terms := s.groups.At(uint32(id)).terms(id)
	o.Group, o.GroupVersion = id, terms.Version
	if !written[id] {
		written[id] = true
		w.Group(&terms)
	}
}

// headOf sums a market up, but for what its orders hold and its keys.
func (s *Shard) headOf(m *market.Market) part.Head {
	more := m.More()
	h := part.Head{Spec: m.Spec(), State: m.State, Version: m.Version, Traded: m.Traded, Fees: m.Fees, Values: more.Values,
		Source: more.Source, Evidence: more.Evidence, PayAfter: more.PayAfter, Number: s.number, Orders: m.OpenOrders}
	for i := range uint32(m.Count) {
		bk := s.books.At(m.Books + i)
		h.Books = append(h.Books, part.Book{Last: bk.last, Escrow: bk.Escrow})
	}
	s.eachPosition(m, func(*ledger.Position, exchange.Outcome) { h.Position++ })
	return h
}

// keysOf returns the answers about a market, newest first.
func (s *Shard) keysOf(id exchange.MarketID, m *market.Market) []*idempotency.Entry {
	keys := make([]*idempotency.Entry, 0, m.OpenOrders)
	for e := s.keys.Newest(&m.Keys, id); e != nil; e = s.keys.Older(e) {
		keys = append(keys, e)
	}
	return keys
}

// eachPosition goes over the positions of a market, newest first.
func (s *Shard) eachPosition(m *market.Market, do func(p *ledger.Position, outcome exchange.Outcome)) {
	for i := range uint32(m.Count) {
		bk := s.books.At(m.Books + i)
		for slot := bk.positions; slot != 0; slot = s.ledger.Positions.At(slot).Next {
			do(s.ledger.Positions.At(slot), bk.outcome)
		}
	}
}

// eachOrder goes over the open orders of a market, by book and side, in the order of priority. Some queues are followed at
// the same time before their orders are visited, because then the processor waits for the memory of all of them at once.
func (s *Shard) eachOrder(m *market.Market, do func(x *resting)) {
	const together = 16
	var queues [together][]uint32
	var x resting // one for all, because each would be allocated
	for i := range uint32(m.Count) {
		bk := s.books.At(m.Books + i)
		for side := range exchange.Side(2) {
			for price, ok := bk.Best(side); ok; {
				var next [together]uint32
				n := 0
				for ; ok && n < together; price, ok = bk.Worse(side, price) {
					next[n], queues[n] = bk.Queue(price), queues[n][:0]
					n++
				}
				for more := true; more; {
					more = false
					for q, slot := range next[:n] {
						if slot != 0 {
							queues[q], more = append(queues[q], slot), true
							next[q] = s.orders.At(slot).Behind()
						}
					}
				}
				for _, queue := range queues[:n] {
					for _, slot := range queue {
						x = s.open(slot)
						do(&x)
					}
				}
			}
		}
	}
}
