package projection

import "github.com/hustings/hustings/exchange"

// A Group is an order group.
type Group struct {
	ID      exchange.GroupID
	Account exchange.AccountID
	Limit   exchange.Quantity
	Window  exchange.Duration
	State   GroupState

	Copy      bool   // it is at home on another shard
	Version   uint32 // as it is at home, or as this copy has heard
	Cancelled uint32 // the version with which its orders were last cancelled
	Filled    uint64 // of a copy: contracts filled here since its version
}

// GroupState says whether a group takes orders.
type GroupState uint8

// States of a group.
const (
	GroupActive    GroupState = iota
	GroupTriggered            // until it is reset
	GroupDeleted
)

type group struct {
	Group
	older   uint32 // the account's group before this one
	counted []counted
	change  change
}

func (v *View) groupCreated(a *account, e *exchange.GroupCreated) *InconsistencyError {
	if uint32(e.Group) != v.lastGroup+1 {
		return broken("group %d follows group %d", e.Group, v.lastGroup)
	}
	v.addGroup(a, &Group{ID: e.Group, Account: e.Account, Limit: e.Limit, Window: e.Window, Version: 1})
	return nil
}

func (v *View) addGroup(a *account, from *Group) {
	id := uint32(from.ID)
	v.lastGroup = max(v.lastGroup, id)
	g := v.groups.make(id)
	*g = group{Group: *from, older: a.newestGroup}
	a.newestGroup = id
	v.groupMoved(id, g)
}

func (v *View) groupChanged(e *exchange.GroupChanged) *InconsistencyError {
	g := v.groupOf(e.Group, e.Account)
	if g == nil {
		return broken("it has no group %d", e.Group)
	}
	if g.State == GroupDeleted {
		return broken("group %d is deleted", e.Group)
	}
	if g.Copy && (e.Action != exchange.TriggerGroup || !e.ByFills) {
		return broken("group %d is at home on another shard", e.Group)
	}
	switch e.Action {
	case exchange.ResetGroup:
		g.State = GroupActive
	case exchange.TriggerGroup:
		g.State = GroupTriggered
	case exchange.DeleteGroup:
		g.State = GroupDeleted
	default:
		return broken("action %d on group %d is not known", e.Action, e.Group)
	}
	if !g.Copy {
		v.renewGroup(g, e.Action != exchange.ResetGroup)
	}
	v.groupMoved(uint32(e.Group), g)
	return nil
}

// groupOf returns a group of the account, or nil if it has none of this id.
func (v *View) groupOf(id exchange.GroupID, account exchange.AccountID) *group {
	if g := v.groups.get(uint32(id)); g != nil && id != 0 && g.Account == account {
		return g
	}
	return nil
}

// Groups returns the account's order groups, newest first, but for deleted ones.
func (v *View) Groups(id exchange.AccountID) []Group {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || uint32(id) > v.lastAccount {
		return nil
	}
	var all []Group
	for i := v.accounts.at(uint32(id)).newestGroup; i != 0; {
		g := v.groups.at(i)
		if g.State != GroupDeleted {
			all = append(all, g.Group)
		}
		i = g.older
	}
	return all
}
