package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/book"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/projection"
)

// View returns the state as a read model that no event went into, to be compared with one that the events made.
func (s *Shard) View() (*projection.View, error) {
	b, err := s.Builder()
	if err != nil {
		return nil, err
	}
	return b.View(), nil
}

// Builder returns a builder of a read model to which everything was added that a shard knows.
func (s *Shard) Builder() (*projection.Builder, error) {
	b := projection.NewBuilder(s.seq, s.now)
	b.SetRules(s.Rules())
	t := &s.ledger.Totals
	b.AddHouse(t.HouseFees, t.World)
	b.SetTransferred(t.Received, t.Released)
	b.SetMoved(t.MovedIn, t.MovedOut)
	b.SetHalted(s.halted)
	b.SetApprovals(s.approval.asked, s.approval.made)
	for _, p := range s.approval.proposals {
		b.AddProposal(projection.Proposal{ID: p.id, Account: p.account, Credential: p.credential, LapseAt: s.timers.Records.At(p.timer).At, Act: p.act})
	}
	b.SetPlacement(s.placement.version, s.placement.data)
	for _, add := range []func(*projection.Builder) error{s.viewNeighbours, s.viewAccounts, s.viewMarkets, s.viewPositions, s.viewOrders} {
		if err := add(b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (s *Shard) viewNeighbours(b *projection.Builder) error {
	for i := uint32(1); i < s.outbox.neighbours.Len(); i++ {
		id := exchange.ShardID(i)
		n := s.outbox.neighbour(id)
		if err := b.AddNeighbour(&projection.Neighbour{ID: id, Released: n.released, Received: n.received, Outbox: s.outbox.to(id)}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Shard) viewAccounts(b *projection.Builder) error {
	for id := exchange.AccountID(1); uint32(id) < s.ledger.Accounts.Len(); id++ {
		a, name := s.ledger.Account(id), s.names.accounts.At(uint32(id))
		if a == nil { // nobody has this id here
			continue
		}
		v := projection.Account{ID: id, Name: name.name, PasswordHash: name.passwordHash, Cash: a.Cash, Held: a.Held,
			Receivable: a.Receivable, Tier: a.Tier(), Version: a.Version, MaxOpenOrders: a.MaxOpenOrders, Blocked: a.Flags&ledger.Blocked != 0}
		if a.DeadMan != 0 {
			v.DeadMan = s.timers.Records.At(a.DeadMan).At
		}
		if err := b.AddAccount(&v); err != nil {
			return err
		}
	}
	for id := uint32(1); id < s.names.credentials.Len(); id++ {
		k := s.names.credentials.At(id)
		if k.account == 0 {
			continue
		}
		v := projection.Credential{ID: exchange.CredentialID(id), Account: k.account, Hash: k.hash, Permissions: k.permissions,
			Session: k.session, Revoked: k.revoked, ExpireAt: k.expireAt, Label: k.label, Tier: k.tier, Scheme: k.scheme, Addresses: k.addresses}
		if err := b.AddCredential(&v); err != nil {
			return err
		}
	}
	b.SetCredentials(exchange.CredentialID(s.names.credentials.Len() - 1))
	for id := uint32(1); id < s.groups.Len(); id++ {
		g := s.groups.At(id)
		v := projection.Group{ID: exchange.GroupID(id), Account: g.account, Limit: g.limit, Window: g.window, Copy: g.copied, Version: g.version,
			Cancelled: g.cancelled, Filled: g.filled}
		if g.account == 0 { // nobody has this id here
			continue
		}
		switch {
		case g.deleted:
			v.State = projection.GroupDeleted
		case g.triggered:
			v.State = projection.GroupTriggered
		}
		if err := b.AddGroup(&v); err != nil {
			return err
		}
		for slot := g.counted; slot != 0; slot = s.counted.At(slot).next {
			if c := s.counted.At(slot); c.version == g.version {
				if err := b.AddCounted(v.ID, c.from, c.filled); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *Shard) viewMarkets(b *projection.Builder) error {
	for id := exchange.MarketID(1); uint32(id) < s.markets.Len(); id++ {
		m := s.market(id)
		if m == nil { // nobody has this id here
			continue
		}
		mv := m.Moving()
		moving := projection.Moving{Stage: projection.Stage(m.Stage), With: mv.With, Move: mv.Moves, Part: mv.Part}
		if m.Stage == market.Gone {
			b.SetMoving(id, moving)
			continue
		}
		more := m.More()
		v := projection.Market{ID: id, Spec: m.Spec(), State: m.State, Halted: m.Halted, Version: m.Version,
			PayAfter: more.PayAfter, Fees: m.Fees, Ending: projection.Ending{Source: more.Source, Evidence: more.Evidence},
			Books: make([]projection.Book, m.Count)}
		for i := range v.Books {
			bk := s.books.At(m.Books + uint32(i))
			v.Escrow += bk.Escrow
			v.Books[i].Last = bk.last
			if len(more.Values) > 0 {
				v.Books[i].Value = more.Values[i]
			}
		}
		if err := b.AddMarket(&v); err != nil {
			return err
		}
		b.SetMoving(id, moving)
	}
	return nil
}

func (s *Shard) viewPositions(b *projection.Builder) error {
	for slot := uint32(1); slot < s.ledger.Positions.Len(); slot++ {
		p := s.ledger.Positions.At(slot)
		if p.Account == 0 || p.Flat() && p.Paid == 0 {
			continue
		}
		bk := s.books.At(p.Book)
		v := projection.Position{Account: p.Account, Market: bk.market, Outcome: bk.outcome, Yes: p.Have[0], No: p.Have[1],
			ReservedYes: p.Reserved[0], ReservedNo: p.Reserved[1], Paid: p.Paid}
		if m := s.markets.At(uint32(bk.market)); m.Work.Phase == market.Forgetting || m.Stage == market.Dropping {
			continue
		}
		if err := b.AddPosition(&v); err != nil {
			return err
		}
	}
	return nil
}

// viewOrders adds the open orders, slot by slot: their links say where in their queues they are.
func (s *Shard) viewOrders(b *projection.Builder) error {
	for slot := uint32(1); slot < s.orders.Len(); slot++ {
		o := s.orders.At(slot)
		if o.ID == 0 {
			continue
		}
		v := s.viewOrder(o, s.books.At(s.ledger.Positions.At(o.Position).Book))
		ahead, behind := o.Neighbours()
		links := projection.Links{Slot: slot, Ahead: ahead, Behind: behind, Older: o.OwnerNext, Newer: o.OwnerPrev}
		if err := b.AddLinkedOrder(&v, links); err != nil {
			return err
		}
	}
	return nil
}

func (s *Shard) viewOrder(o *book.Order, bk *outcomeBook) projection.Order {
	extra := s.extraOf(o)
	flags, mode := unpackOptions(o.Options)
	v := projection.Order{ID: o.ID, Account: s.ledger.Positions.At(o.Position).Account, Market: bk.market, Group: extra.group,
		Outcome: bk.outcome, Side: o.Side, SelfTrade: mode, Flags: flags, Price: o.Price, Filled: o.Filled,
		Remaining: o.Remaining, Closing: o.Closing, Hold: o.Hold, ExpireAt: extra.expireAt, Version: extra.version}
	if extra.expireAt != 0 {
		v.TimeInForce = exchange.GoodTillTime
	}
	return v
}
