package shard

import (
	"github.com/hustings/hustings/exchange"
)

// eighths is how many parts a group's rolling window is counted in.
const eighths = 8

// group is an order group: its orders go when their fills within a rolling window pass its limit.
type group struct {
	account     exchange.AccountID
	limit       exchange.Quantity
	window      exchange.Duration
	cancelBelow exchange.OrderID // its orders accepted here before are doomed
	current     int64            // the eighth of the window that fills[current mod 8] counts
	fills       [eighths]uint64
	triggered   bool
	deleted     bool

	copied    bool   // it is at home on another shard
	version   uint32 // as it is at home, or as this copy has heard
	cancelled uint32 // the version with which its orders were last cancelled
	cancels   uint32 // how often its orders were cancelled here
	counted   uint32 // at home: slot of what other shards have told
	filled    uint64 // a copy: contracts filled here since its version
}

// group returns a group of an account that was not deleted, or nil.
func (s *Shard) group(account exchange.AccountID, id exchange.GroupID) *group {
	if id == 0 || uint32(id) >= s.groups.Len() {
		return nil
	}
	if g := s.groups.At(uint32(id)); g.account == account && !g.deleted {
		return g
	}
	return nil
}

// createGroup executes a CreateGroup command.
func (s *Shard) createGroup(c *exchange.CreateGroup, r *exchange.Reply) exchange.Reject {
	if _, code := s.activeAccount(c.Account); code != exchange.Accepted {
		return code
	}
	if !validGroup(c.Limit, c.Window) {
		return exchange.RejectTermsInvalid
	}
	id := s.groups.Add()
	*s.groups.At(id) = group{account: c.Account, limit: c.Limit, window: c.Window, version: 1}
	r.ID = uint64(id)
	s.emit(&exchange.GroupCreated{Account: c.Account, Group: exchange.GroupID(id), Limit: c.Limit, Window: c.Window})
	return exchange.Accepted
}

// validGroup reports whether a group may have a limit and a window.
func validGroup(limit exchange.Quantity, window exchange.Duration) bool {
	const least, most = exchange.Duration(1e9), exchange.Duration(3600e9)
	return limit >= 1 && limit <= exchange.MaxQuantity && window >= least && window <= most
}

// changeGroup executes a ChangeGroup command. A copy is changed by what is told of its home.
func (s *Shard) changeGroup(c *exchange.ChangeGroup, r *exchange.Reply) exchange.Reject {
	if s.ledger.Account(c.Account) == nil {
		return exchange.RejectAccountNotFound
	}
	g := s.group(c.Account, c.Group)
	if g == nil || g.copied {
		return exchange.RejectGroupNotFound
	}
	switch c.Action {
	case exchange.ResetGroup:
		g.triggered, g.fills = false, [eighths]uint64{}
		s.renew(g, false)
	case exchange.TriggerGroup, exchange.DeleteGroup:
		g.triggered, g.deleted = true, c.Action == exchange.DeleteGroup
		s.renew(g, true)
		s.cancelGroup(g)
	default:
		return exchange.RejectOptionsConflict
	}
	r.ID = uint64(c.Group)
	s.emit(&exchange.GroupChanged{Account: c.Account, Group: c.Group, Action: c.Action})
	return exchange.Accepted
}

// countFill counts a trade in the groups of both orders.
func (s *Shard) countFill(a *arrival, x *resting, q exchange.Quantity) {
	if x.o.Extra != 0 {
		if id := s.extras.At(x.o.Extra).group; id != 0 && s.fillGroup(id, q) && id == a.group {
			a.end(exchange.CancelGroup)
		}
	}
	if a.group != 0 && s.fillGroup(a.group, q) {
		a.end(exchange.CancelGroup)
	}
}

// fillGroup counts contracts in a group's window and reports whether that triggered it.
func (s *Shard) fillGroup(id exchange.GroupID, q exchange.Quantity) bool {
	g := s.groups.At(uint32(id))
	if g.copied {
		g.filled += uint64(q)
	}
	return s.tally(id, g, uint64(q))
}

// tally counts contracts that were filled now, and reports whether that triggered the group.
func (s *Shard) tally(id exchange.GroupID, g *group, q uint64) bool {
	if g.triggered {
		return false
	}
	g.roll(s.now)
	g.fills[g.current%eighths] += q
	if g.sum() <= uint64(g.limit) {
		return false
	}
	s.trigger(id, g)
	return true
}

// trigger triggers a group because of its fills.
func (s *Shard) trigger(id exchange.GroupID, g *group) {
	g.triggered = true
	s.renew(g, true)
	s.emit(&exchange.GroupChanged{Account: g.account, Group: id, Action: exchange.TriggerGroup, ByFills: true})
	s.cancelGroup(g)
}

// roll brings the window up to log time.
func (g *group) roll(now exchange.Time) {
	eighth := int64(now) / (int64(g.window) / eighths)
	if eighth-g.current >= eighths {
		g.fills = [eighths]uint64{}
		g.current = eighth
	}
	for ; g.current < eighth; g.current++ {
		g.fills[(g.current+1)%eighths] = 0
	}
}

// sum is what was filled within the window.
func (g *group) sum() (sum uint64) {
	for _, n := range g.fills {
		sum += n
	}
	return sum
}

// tallies count what an order would fill in groups, without doing it. Few groups meet in one order.
type tallies []tally

type tally struct {
	group exchange.GroupID
	sum   uint64
}

func (t *tallies) of(s *Shard, id exchange.GroupID) *tally {
	for i := range *t {
		if (*t)[i].group == id {
			return &(*t)[i]
		}
	}
	g := *s.groups.At(uint32(id))
	g.roll(s.now)
	*t = append(*t, tally{id, g.sum()})
	return &(*t)[len(*t)-1]
}

func (t *tallies) count(s *Shard, id exchange.GroupID, q exchange.Quantity) {
	if id != 0 {
		t.of(s, id).sum += uint64(q)
	}
}

// triggered reports whether what was counted would have triggered a group.
func (t *tallies) triggered(s *Shard, id exchange.GroupID) bool {
	return id != 0 && t.of(s, id).sum > uint64(s.groups.At(uint32(id)).limit)
}
