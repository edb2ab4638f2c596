package model

import "github.com/hustings/hustings/exchange"

// Group is an order group with the fills of its rolling window.
type Group struct {
	ID        exchange.GroupID
	Account   exchange.AccountID
	Limit     exchange.Quantity
	Window    exchange.Duration
	Triggered bool
	Deleted   bool
	Fills     []GroupFill // of the last eight eighths, oldest first

	Copy      bool                       // it is at home on another shard
	Version   uint32                     // at home; of a copy the one that was told last
	Cancelled uint32                     // the version with which its orders were last cancelled
	Counted   map[exchange.ShardID]int64 // at home: what was filled elsewhere since this version, as far as it was told
	Filled    int64                      // of a copy: what was filled here since this version
}

// GroupFill is a fill and the eighth of a window in which it happened.
type GroupFill struct {
	Eighth   int64
	Quantity int64
}

func (e *Engine) createGroup(c *exchange.CreateGroup) exchange.Reply {
	a := e.account(c.Account)
	switch {
	case a == nil:
		return refuse(exchange.RejectAccountNotFound)
	case a.Blocked:
		return refuse(exchange.RejectAccountBlocked)
	case c.Limit == 0 || c.Limit > exchange.MaxQuantity || c.Window < second || c.Window > 3600*second:
		return refuse(exchange.RejectTermsInvalid)
	}
	g := &Group{ID: exchange.GroupID(len(e.Groups) + 1), Account: c.Account, Limit: c.Limit, Window: c.Window, Version: 1}
	e.Groups = append(e.Groups, g)
	e.emit(&exchange.GroupCreated{Account: g.Account, Group: g.ID, Limit: g.Limit, Window: g.Window})
	return exchange.Reply{ID: uint64(g.ID)}
}

// groupOf finds a group of an account; a deleted one does not exist.
func (e *Engine) groupOf(id exchange.GroupID, owner exchange.AccountID) *Group {
	g := byID(e.Groups, id)
	if g == nil || g.Account != owner || g.Deleted {
		return nil
	}
	return g
}

func (e *Engine) changeGroup(c *exchange.ChangeGroup) exchange.Reply {
	if e.account(c.Account) == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	g := e.groupOf(c.Group, c.Account)
	if g == nil || g.Copy {
		return refuse(exchange.RejectGroupNotFound)
	}
	if c.Action > exchange.DeleteGroup {
		return refuse(exchange.RejectOptionsConflict)
	}
	switch c.Action {
	case exchange.ResetGroup:
		g.Triggered = false
		g.Fills = nil
		e.next(g, false)
		e.emit(&exchange.GroupChanged{Account: g.Account, Group: g.ID, Action: c.Action})
	case exchange.TriggerGroup:
		e.trigger(g, c.Action, false)
	case exchange.DeleteGroup:
		g.Deleted = true
		e.trigger(g, c.Action, false)
	}
	return exchange.Reply{ID: uint64(g.ID)}
}

func (e *Engine) trigger(g *Group, action exchange.GroupAction, byFills bool) {
	g.Triggered = true
	e.next(g, true)
	e.emit(&exchange.GroupChanged{Account: g.Account, Group: g.ID, Action: action, ByFills: byFills})
	e.doom(exchange.CancelGroup, func(o *Order) bool { return o.Group == g.ID })
}

// countFill adds a fill of one of the group's orders, and triggers the group when its window holds more than the limit.
func (e *Engine) countFill(id exchange.GroupID, quantity int64) {
	if id == 0 {
		return
	}
	g := byID(e.Groups, id)
	if g.Copy {
		g.Filled += quantity
	}
	e.tally(g, quantity)
}

// tally counts contracts in the window as filled now.
func (e *Engine) tally(g *Group, quantity int64) {
	now := int64(e.Now) / (int64(g.Window) / 8)
	g.Fills = append(g.Fills, GroupFill{now, quantity})
	for g.Fills[0].Eighth < now-7 {
		g.Fills = g.Fills[1:]
	}
	if g.Sum() > int64(g.Limit) && !g.Triggered {
		e.trigger(g, exchange.TriggerGroup, true)
	}
}

// Sum is the number of contracts filled in the window as it stood at the last fill.
func (g *Group) Sum() int64 {
	var sum int64
	for _, f := range g.Fills {
		sum += f.Quantity
	}
	return sum
}
