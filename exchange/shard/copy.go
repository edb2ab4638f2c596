package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/part"
)

// counted is what another shard has told of a group that is at home here.
type counted struct {
	filled  uint64 // there, since the group's version
	next    uint32 // what yet another shard has told
	version uint32 // of the group; of another one than the group's it is nothing
	from    exchange.ShardID
}

// came says of an order that came with its market which cancels of its group it has not been through: the ids of orders that
// another shard accepted say nothing here.
const (
	accepted uint32 = 0         // it was accepted here
	tooLate  uint32 = 1<<32 - 1 // its group had been cancelled when it came
)

// arriving is what an order that comes now is given.
func (g *group) arriving() uint32 { return g.cancels + 1 }

// dooms reports whether an order of the group must go.
func (g *group) dooms(id exchange.OrderID, came uint32) bool {
	if came != accepted {
		return came != g.arriving()
	}
	return id < g.cancelBelow
}

// cancelGroup dooms all orders of a group, those included that are about to come here.
func (s *Shard) cancelGroup(g *group) {
	g.cancelBelow = s.fence()
	if s.rules >= exchange.GroupRules {
		g.cancels++
	}
	for _, id := range s.frozen {
		m := s.market(id)
		if known := m.Moving(); m.Stage == market.Arriving && s.knownIn(g.account, m, exchange.Outcome(m.Count)) {
			known.Doomed = true
			m.SetMoving(known)
		}
	}
	s.sweepAccount(g.account, s.ledger.Account(g.account))
}

// renew gives a group that is at home here its next version, which other shards have to hear of.
func (s *Shard) renew(g *group, cancelled bool) {
	if g.copied || s.rules < exchange.GroupRules {
		return
	}
	if g.version++; cancelled {
		g.cancelled = g.version
	}
}

// terms are how a group is as far as it is known here.
func (g *group) terms(id exchange.GroupID) exchange.GroupTerms {
	return exchange.GroupTerms{Account: g.account, Group: id, Version: g.version, Cancelled: g.cancelled, Limit: g.limit, Window: g.window,
		Triggered: g.triggered, Deleted: g.deleted}
}

// meetGroup says whether a group as another shard knows it can be taken in here. The account must exist.
func (s *Shard) meetGroup(t *exchange.GroupTerms) exchange.Reject {
	if uint32(t.Group) < s.groups.Len() {
		if g := s.groups.At(uint32(t.Group)); g.account != 0 && g.account != t.Account {
			return exchange.RejectGroupNotFound
		}
	}
	if !validGroup(t.Limit, t.Window) {
		return exchange.RejectTermsInvalid
	}
	return exchange.Accepted
}

// setCopy brings a copy up to what another shard knows of its group, and reports whether that is news.
func (s *Shard) setCopy(t *exchange.GroupTerms) bool {
	s.groups.SetLen(max(s.groups.Len(), uint32(t.Group)+1))
	g := s.groups.At(uint32(t.Group))
	switch {
	case g.account == 0:
		*g = group{account: t.Account, limit: t.Limit, window: t.Window, copied: true, version: t.Version, cancelled: t.Cancelled,
			triggered: t.Triggered, deleted: t.Deleted}
		return true
	case !g.copied || t.Version <= g.version || t.Account != g.account:
		return false
	}
	missed := t.Cancelled > g.version || t.Triggered
	g.version, g.cancelled, g.triggered, g.deleted = t.Version, t.Cancelled, t.Triggered, t.Deleted
	g.fills, g.filled = [eighths]uint64{}, 0
	if missed {
		s.cancelGroup(g)
	}
	return true
}

// setGroup executes a SetGroup command.
func (s *Shard) setGroup(c *exchange.SetGroup, r *exchange.Reply) exchange.Reject {
	switch {
	case c.Group > exchange.MaxGroups:
		return exchange.RejectTooManyIDs
	case s.ledger.Account(c.Account) == nil:
		return exchange.RejectAccountNotFound
	}
	if code := s.meetGroup(&c.GroupTerms); code != exchange.Accepted {
		return code
	}
	if g := s.known(c.Group); g != nil && !g.copied && c.Version > g.version {
		return exchange.RejectVersionMismatch // what is at home here is not newer anywhere
	}
	if s.setCopy(&c.GroupTerms) {
		s.emit(&exchange.GroupSet{GroupTerms: c.GroupTerms})
	}
	r.ID, r.Version = uint64(c.Group), s.groups.At(uint32(c.Group)).version
	return exchange.Accepted
}

// countGroup executes a CountGroup command.
func (s *Shard) countGroup(c *exchange.CountGroup, r *exchange.Reply) exchange.Reject {
	if s.ledger.Account(c.Account) == nil {
		return exchange.RejectAccountNotFound
	}
	g := s.group(c.Account, c.Group)
	if g == nil || g.copied {
		return exchange.RejectGroupNotFound
	}
	if c.Version == g.version {
		s.count(c, g)
	}
	r.ID, r.Version = uint64(c.Group), g.version
	return exchange.Accepted
}

// count counts what is new of another shard's fills as if it had been filled here now.
func (s *Shard) count(c *exchange.CountGroup, g *group) {
	from := s.countedFrom(g, c.From)
	if from.version != g.version {
		from.version, from.filled = g.version, 0
	}
	if c.Filled > from.filled {
		more := c.Filled - from.filled
		from.filled = c.Filled
		s.emit(&exchange.GroupCounted{Account: c.Account, Group: c.Group, From: c.From, Filled: c.Filled})
		if s.tally(c.Group, g, more) {
			return
		}
	}
	if c.Triggered && !g.triggered {
		s.trigger(c.Group, g)
	}
}

// countedFrom returns the record of what another shard has told of a group.
func (s *Shard) countedFrom(g *group, from exchange.ShardID) *counted {
	for slot := g.counted; slot != 0; slot = s.counted.At(slot).next {
		if c := s.counted.At(slot); c.from == from {
			return c
		}
	}
	slot := s.counted.Add()
	*s.counted.At(slot) = counted{from: from, next: g.counted}
	g.counted = slot
	return s.counted.At(slot)
}

// checkGroups says whether the groups that a part has, and those of its orders, can come here.
func (s *Shard) checkGroups(p *part.Part) bool {
	if s.rules < exchange.GroupRules {
		return len(p.Groups) == 0 && !hasGroups(p.Orders)
	}
	for i := range p.Groups {
		t := &p.Groups[i]
		if !t.Valid() || t.Group > exchange.MaxGroups || !validGroup(t.Limit, t.Window) ||
			s.ledger.Account(t.Account) == nil && !hasPosition(p, t.Account) {
			return false
		}
	}
	for i := range p.Orders {
		if o := &p.Orders[i]; o.Group != 0 && !s.knowsGroup(p, o) {
			return false
		}
	}
	return true
}

func hasGroups(all []part.Order) bool {
	for i := range all {
		if all[i].Group != 0 {
			return true
		}
	}
	return false
}

func hasPosition(p *part.Part, id exchange.AccountID) bool {
	for i := range p.Positions {
		if p.Positions[i].Account == id {
			return true
		}
	}
	return false
}

// knowsGroup reports whether an order's group is known here, or comes with the order. If home lost groups when it was begun anew,
// the id may be another account's.
func (s *Shard) knowsGroup(p *part.Part, o *part.Order) bool {
	if s.known(o.Group) != nil {
		return true
	}
	for i := range p.Groups {
		if p.Groups[i].Group == o.Group {
			return p.Groups[i].Account == o.Account
		}
	}
	return false
}

// known returns a group that there is or was here, or nil.
func (s *Shard) known(id exchange.GroupID) *group {
	if id == 0 || uint32(id) >= s.groups.Len() || s.groups.At(uint32(id)).account == 0 {
		return nil
	}
	return s.groups.At(uint32(id))
}

// join puts an order that came with its market in its group here, and reports whether it has to go: the group takes no orders,
// or they were cancelled after the version of it that the order's shard knew. Where it is a group of somebody else, the order goes
// without one, because nobody would keep its limit.
func (s *Shard) join(x *extra, o *part.Order) (doomed bool) {
	g := s.groups.At(uint32(o.Group))
	if g.account != o.Account {
		x.doomed = true
		return true
	}
	x.group, x.came = o.Group, g.arriving()
	if g.triggered || g.cancelled > o.GroupVersion {
		x.came = tooLate
		return true
	}
	return false
}
