package model

import (
	"maps"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/part"
)

// next gives a group at home its next version. What other shards told was about the one before.
func (e *Engine) next(g *Group, cancels bool) {
	if e.Rules < 4 || g.Copy {
		return
	}
	g.Version++
	g.Counted = nil
	if cancels {
		g.Cancelled = g.Version
	}
}

// takesNoOrders reports whether orders of a group must go.
func (g *Group) takesNoOrders() bool { return g.Triggered || g.Deleted }

func (e *Engine) setGroup(c *exchange.SetGroup) exchange.Reply {
	g := byID(e.Groups, c.Group)
	exists := g != nil && g.Account != 0
	switch {
	case c.Group > exchange.MaxGroups:
		return refuse(exchange.RejectTooManyIDs)
	case e.account(c.Account) == nil:
		return refuse(exchange.RejectAccountNotFound)
	case exists && g.Account != c.Account:
		return refuse(exchange.RejectGroupNotFound)
	case c.Limit == 0 || c.Limit > exchange.MaxQuantity || c.Window < second || c.Window > 3600*second:
		return refuse(exchange.RejectTermsInvalid)
	case exists && !g.Copy && c.Version > g.Version:
		return refuse(exchange.RejectVersionMismatch)
	}
	if !exists || c.Version > g.Version {
		e.learn(&c.GroupTerms)
		e.emit(&exchange.GroupSet{GroupTerms: c.GroupTerms})
	}
	return exchange.Reply{ID: uint64(c.Group), Version: byID(e.Groups, c.Group).Version}
}

// learn brings a copy up to date, or makes it. What is older than what the copy has, or about a group of this shard, is nothing new.
func (e *Engine) learn(t *exchange.GroupTerms) {
	for len(e.Groups) < int(t.Group) {
		e.Groups = append(e.Groups, &Group{})
	}
	g := e.Groups[t.Group-1]
	if g.Account == 0 {
		*g = Group{ID: t.Group, Account: t.Account, Limit: t.Limit, Window: t.Window, Copy: true, Version: t.Version,
			Cancelled: t.Cancelled, Triggered: t.Triggered, Deleted: t.Deleted}
		return
	}
	if !g.Copy || t.Version <= g.Version {
		return
	}
	was := g.Version
	g.Version, g.Cancelled, g.Triggered, g.Deleted = t.Version, t.Cancelled, t.Triggered, t.Deleted
	g.Fills, g.Filled = nil, 0
	if g.Cancelled > was || g.takesNoOrders() {
		e.doom(exchange.CancelGroup, func(o *Order) bool { return o.Group == g.ID })
	}
}

func (e *Engine) countGroup(c *exchange.CountGroup) exchange.Reply {
	if e.account(c.Account) == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	g := e.groupOf(c.Group, c.Account)
	if g == nil || g.Copy {
		return refuse(exchange.RejectGroupNotFound)
	}
	if c.Version == g.Version {
		if more := int64(c.Filled) - g.Counted[c.From]; more > 0 {
			g.Counted = maps.Clone(g.Counted) // another copy of the group may have the old one
			if g.Counted == nil {
				g.Counted = map[exchange.ShardID]int64{}
			}
			g.Counted[c.From] = int64(c.Filled)
			e.emit(&exchange.GroupCounted{Account: c.Account, Group: c.Group, From: c.From, Filled: c.Filled})
			e.tally(g, more)
		}
		if c.Triggered && !g.Triggered {
			e.trigger(g, exchange.TriggerGroup, true)
		}
	}
	return exchange.Reply{ID: uint64(g.ID), Version: g.Version}
}

// takeGroup takes a group in as a part has it, of which the shard where it comes from knows too.
func (e *Engine) takeGroup(t *exchange.GroupTerms, from *Engine) bool {
	there, here := from.groupAt(t.Group), e.groupAt(t.Group)
	if e.Rules < 4 || there == nil || there.Account != t.Account || there.Version < t.Version || there.Limit != t.Limit ||
		there.Window != t.Window {
		return false
	}
	if here == nil || here.Account == t.Account { // otherwise home has lost it and given its id to another
		e.learn(t)
	}
	return true
}

// groupAt finds a group, whoever it belongs to and also a deleted one, or nil.
func (e *Engine) groupAt(id exchange.GroupID) *Group {
	if g := byID(e.Groups, id); g != nil && g.Account != 0 {
		return g
	}
	return nil
}

// joinGroup puts an order that comes into its group, if that is known. Where the group takes no orders, or has cancelled them
// since the version that was known where the order came from, the order has to go.
func (e *Engine) joinGroup(o *Order, x *part.Order) bool {
	if o.Group = x.Group; x.Group == 0 {
		return true
	}
	g := e.groupAt(x.Group)
	if e.Rules < 4 || g == nil {
		return false
	}
	if g.Account != o.Account {
		o.Group, o.Doomed = 0, append(o.Doomed, exchange.CancelMass)
		return true
	}
	if g.takesNoOrders() || g.Cancelled > x.GroupVersion {
		o.Doomed = append(o.Doomed, exchange.CancelGroup)
	}
	return true
}
