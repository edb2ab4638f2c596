package projection

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// counted is what another shard has told of a group that is at home here.
type counted struct {
	from   exchange.ShardID
	filled uint64
}

// changes are the groups in the order in which something about them changed last.
type changes struct{ first, last uint32 }

// change is a group's place among the changes.
type change struct {
	seq           exchange.Seq // of the last change
	before, after uint32       // groups that changed before and after it
}

// Terms are how a group is, to be told to another shard.
func (g *Group) Terms() exchange.GroupTerms {
	return exchange.GroupTerms{Account: g.Account, Group: g.ID, Version: g.Version, Cancelled: g.Cancelled, Limit: g.Limit, Window: g.Window,
		Triggered: g.State != GroupActive, Deleted: g.State == GroupDeleted}
}

func stateOf(t *exchange.GroupTerms) GroupState {
	switch {
	case t.Deleted:
		return GroupDeleted
	case t.Triggered:
		return GroupTriggered
	}
	return GroupActive
}

func (v *View) groupSet(a *account, e *exchange.GroupSet) *InconsistencyError {
	if g := v.group(e.Group); g != nil && (!g.Copy || e.Version <= g.Version || g.Account != e.Account) {
		return broken("version %d of group %d follows version %d", e.Version, e.Group, g.Version)
	}
	return v.setCopy(a, &e.GroupTerms)
}

// setCopy brings a copy up to what another shard knows of its group. What is older than the copy changes nothing.
func (v *View) setCopy(a *account, t *exchange.GroupTerms) *InconsistencyError {
	if !t.Valid() || t.Group > exchange.MaxGroups || t.Window < groupEighths {
		return broken("group %d cannot be so: %+v", t.Group, *t)
	}
	g := v.group(t.Group)
	switch {
	case g == nil:
		v.addGroup(a, &Group{ID: t.Group, Account: t.Account, Limit: t.Limit, Window: t.Window, Copy: true, Version: t.Version,
			Cancelled: t.Cancelled, State: stateOf(t)})
		return nil
	case !g.Copy || t.Version <= g.Version || t.Account != g.Account:
		return nil
	}
	g.Version, g.Cancelled, g.State, g.Filled = t.Version, t.Cancelled, stateOf(t), 0
	v.groupMoved(uint32(t.Group), g)
	return nil
}

const groupEighths = 8 // that a group's window is counted in

func (v *View) groupCounted(e *exchange.GroupCounted) *InconsistencyError {
	g := v.groupOf(e.Group, e.Account)
	if g == nil || g.Copy || g.State == GroupDeleted {
		return broken("it has no group %d", e.Group)
	}
	c := g.countedFrom(e.From)
	if e.Filled <= c.filled {
		return broken("%d contracts of group %d are counted, and %d were", e.Filled, e.Group, c.filled)
	}
	c.filled = e.Filled
	return nil
}

// countedFrom returns what another shard has told of a group.
func (g *group) countedFrom(from exchange.ShardID) *counted {
	for i := range g.counted {
		if g.counted[i].from == from {
			return &g.counted[i]
		}
	}
	g.counted = append(g.counted, counted{from: from})
	return &g.counted[len(g.counted)-1]
}

// renewGroup gives a group that is at home here its next version.
func (v *View) renewGroup(g *group, cancelled bool) {
	if v.rules < exchange.GroupRules {
		return
	}
	g.counted = g.counted[:0]
	if g.Version++; cancelled {
		g.Cancelled = g.Version
	}
}

// fillGroup counts a fill of a group's order, of which home has to hear.
func (v *View) fillGroup(id exchange.GroupID, quantity exchange.Quantity) {
	if id == 0 || v.alone {
		return
	}
	if g := v.groups.at(uint32(id)); g.Copy {
		g.Filled += uint64(quantity)
		v.groupMoved(uint32(id), g)
	}
}

// group returns a group that there is or was, or nil.
func (v *View) group(id exchange.GroupID) *group {
	if g := v.groups.get(uint32(id)); g != nil && id != 0 && g.ID != 0 {
		return g
	}
	return nil
}

// groupMoved puts a group behind all others: it has changed.
func (v *View) groupMoved(id uint32, g *group) {
	if v.groupNews.last != id {
		if g.change.seq != 0 {
			v.unlinkChange(g)
		}
		g.change.before, g.change.after = v.groupNews.last, 0
		if v.groupNews.last != 0 {
			v.groups.at(v.groupNews.last).change.after = id
		} else {
			v.groupNews.first = id
		}
		v.groupNews.last = id
	}
	g.change.seq = max(v.seq, 1)
}

func (v *View) unlinkChange(g *group) {
	if g.change.before != 0 {
		v.groups.at(g.change.before).change.after = g.change.after
	} else {
		v.groupNews.first = g.change.after
	}
	v.groups.at(g.change.after).change.before = g.change.before // it is not the last one
}

// Group returns an order group, also a deleted one.
func (v *View) Group(id exchange.GroupID) (Group, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if g := v.group(id); g != nil {
		return g.Group, true
	}
	return Group{}, false
}

// GroupCounted returns how much of a group that is at home here was filled on another shard since the group's version, as far
// as that was told.
func (v *View) GroupCounted(id exchange.GroupID, from exchange.ShardID) uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if g := v.group(id); g != nil {
		for _, c := range g.counted {
			if c.from == from {
				return c.filled
			}
		}
	}
	return 0
}

// GroupCursor is a place among the changes of groups. The zero cursor is before all of them.
type GroupCursor struct {
	seq   exchange.Seq
	group uint32
}

// GroupsChanged appends to some the groups that have changed since a cursor, those that changed first, up to most of them, and
// returns the cursor behind them. Groups whose last change is one event, or one look at a snapshot, may be returned again.
func (v *View) GroupsChanged(since GroupCursor, most int, some []exchange.GroupID) ([]exchange.GroupID, GroupCursor) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for id := v.changedAfter(since); id != 0 && most > 0; most-- {
		g := v.groups.at(id)
		some, since = append(some, g.ID), GroupCursor{g.change.seq, id}
		id = g.change.after
	}
	return some, since
}

// changedAfter returns the first group that changed after a cursor, 0 if none has. Most often the group of the cursor has not
// changed again, and leads there.
func (v *View) changedAfter(since GroupCursor) uint32 {
	if since.group == 0 {
		return v.groupNews.first
	}
	if g := v.groups.get(since.group); g != nil && g.change.seq == since.seq {
		return g.change.after
	}
	next := uint32(0)
	for id := v.groupNews.last; id != 0 && v.groups.at(id).change.seq >= since.seq; id = v.groups.at(id).change.before {
		next = id
	}
	return next
}

// AddCounted adds what another shard has told of a group.
func (b *Builder) AddCounted(id exchange.GroupID, from exchange.ShardID, filled uint64) error {
	g := b.v.group(id)
	if g == nil {
		return fmt.Errorf("shard %d has told of group %d, which does not exist", from, id)
	}
	g.countedFrom(from).filled = filled
	return nil
}

// groups checks that what is known of groups fits together.
func (c *audit) groups() *InconsistencyError {
	listed, before := uint32(0), exchange.Seq(0)
	for id := c.v.groupNews.first; id != 0; id = c.v.groups.at(id).change.after {
		if g := c.v.groups.at(id); g.change.seq < before || listed > c.v.lastGroup {
			return broken("group %d changed last at %d, and stands behind one of %d", id, g.change.seq, before)
		}
		before = c.v.groups.at(id).change.seq
		listed++
	}
	there := uint32(0)
	for i := uint32(1); i <= c.v.lastGroup; i++ {
		g := c.v.group(exchange.GroupID(i))
		if g == nil {
			continue
		}
		there++
		if t := g.Terms(); !t.Valid() || c.v.account(g.Account) == nil || g.Copy && len(g.counted) > 0 || !g.Copy && g.Filled > 0 {
			return broken("group %d cannot be so: %+v", i, g.Group).withAccount(g.Account)
		}
	}
	if there != listed {
		return broken("there are %d groups, and the changes of %d are listed", there, listed)
	}
	return nil
}

// counts compares what other shards have told of a group.
func (d *differ) counts(id uint32) {
	a, b := d.a.groups.at(id), d.b.groups.at(id)
	told := func(g *group, other *group) {
		for _, c := range other.counted {
			g.countedFrom(c.from)
		}
	}
	left, right := group{counted: append([]counted(nil), a.counted...)}, group{counted: append([]counted(nil), b.counted...)}
	told(&left, b)
	told(&right, a)
	for _, c := range left.counted {
		compare(d, "group", id, fmt.Sprintf("filled on shard %d", c.from), c.filled, right.countedFrom(c.from).filled)
	}
}
