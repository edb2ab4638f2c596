package shard_test

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
)

// groupNews tells a shard of groups that are elsewhere, or of what was filled there. Most of it could be so.
func (g *generator) groupNews() exchange.Command {
	id := exchange.GroupID(1 + g.IntN(len(g.h.model.Groups)+2))
	known := &model.Group{Account: g.account(), Limit: exchange.Quantity(pick(g, 5, g.IntN(40), 1_000_000, 1_000_001)),
		Window: pick(g, second, 8*second, hour, hour+1, 0)}
	if int(id) <= len(g.h.model.Groups) && g.h.model.Groups[id-1].Account != 0 {
		known = g.h.model.Groups[id-1]
	}
	if g.chance(3) {
		other := *known
		other.Account = g.account()
		known = &other
	}
	version := uint32(g.near(uint64(known.Version)))
	if g.chance(40) {
		return &exchange.CountGroup{From: pick[exchange.ShardID](g, 2, 2, 3, 0), Account: known.Account, Group: id, Version: version,
			Filled: pick(g, uint64(g.IntN(30)), uint64(g.IntN(30)), uint64(known.Limit), exchange.MaxGroupFilled+1), Triggered: g.chance(20)}
	}
	if g.chance(2) {
		id = pick(g, exchange.MaxGroups+1, 0)
	}
	c := &exchange.SetGroup{GroupTerms: exchange.GroupTerms{Account: known.Account, Group: id, Version: version + uint32(g.IntN(2)),
		Limit: known.Limit, Window: known.Window}}
	switch g.IntN(6) {
	case 0: // triggered
		c.Cancelled, c.Triggered = c.Version, true
	case 1: // triggered and reset
		c.Cancelled = c.Version - min(c.Version, 1)
	case 2: // cancelled long ago, or in a way that cannot be
		c.Cancelled = uint32(g.IntN(int(c.Version) + 2))
	case 3:
		c.Cancelled, c.Triggered, c.Deleted = c.Version, g.chance(80), g.chance(30)
	}
	return c
}

// groupState is what differs between exchanges if they differ in groups.
type groupState struct {
	Account            exchange.AccountID
	Limit              exchange.Quantity
	Window             exchange.Duration
	Triggered, Deleted bool
	Copy               bool
	Version, Cancelled uint32
	Filled             int64
	Counted            [8]int64 // by shard
}

func modelGroup(g *model.Group) groupState {
	s := groupState{Account: g.Account, Limit: g.Limit, Window: g.Window, Triggered: g.Triggered, Deleted: g.Deleted, Copy: g.Copy,
		Version: g.Version, Cancelled: g.Cancelled, Filled: g.Filled}
	for from, filled := range g.Counted {
		s.Counted[from] = filled
	}
	return s
}

// ofGroups folds what happens to groups.
func (f *fold) ofGroups(event exchange.Event) {
	switch e := event.(type) {
	case *exchange.GroupCreated:
		f.state.Groups = append(f.state.Groups, groupState{Account: e.Account, Limit: e.Limit, Window: e.Window, Version: 1})
	case *exchange.GroupChanged:
		g := &f.state.Groups[e.Group-1]
		g.Triggered, g.Deleted = e.Action != exchange.ResetGroup, e.Action == exchange.DeleteGroup
		if g.Copy || f.state.Rules < exchange.GroupRules {
			return
		}
		g.Version++
		g.Counted = [8]int64{}
		if g.Triggered {
			g.Cancelled = g.Version
		}
	case *exchange.GroupSet:
		f.setCopy(&e.GroupTerms)
	case *exchange.GroupCounted:
		f.state.Groups[e.Group-1].Counted[e.From] = int64(e.Filled)
	}
}

func (f *fold) setCopy(t *exchange.GroupTerms) {
	for len(f.state.Groups) < int(t.Group) {
		f.state.Groups = append(f.state.Groups, groupState{})
	}
	if g := &f.state.Groups[t.Group-1]; g.Account == 0 || g.Copy && t.Version > g.Version {
		*g = groupState{Account: t.Account, Limit: t.Limit, Window: t.Window, Triggered: t.Triggered, Deleted: t.Deleted, Copy: true,
			Version: t.Version, Cancelled: t.Cancelled}
	}
}

// filledIn counts a fill of a group's order.
func (f *fold) filledIn(id exchange.GroupID, quantity exchange.Quantity) {
	if id != 0 && f.state.Groups[id-1].Copy {
		f.state.Groups[id-1].Filled += int64(quantity)
	}
}
