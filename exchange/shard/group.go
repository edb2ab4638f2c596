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
	cancelBelow exchange.OrderID // its orders accepted before are doomed
	current     int64            // the eighth of the window that fills[current mod 8] counts
	fills       [eighths]uint64
	triggered   bool
	deleted     bool
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
	const least, most = exchange.Duration(1e9), exchange.Duration(3600e9)
	if _, code := s.activeAccount(c.Account); code != exchange.Accepted {
		return code
	}
	if c.Limit < 1 || c.Limit > exchange.MaxQuantity || c.Window < least || c.Window > most {
		return exchange.RejectTermsInvalid
	}
	id := s.groups.Add()
	*s.groups.At(id) = group{account: c.Account, limit: c.Limit, window: c.Window}
	r.ID = uint64(id)
	s.emit(&exchange.GroupCreated{Account: c.Account, Group: exchange.GroupID(id), Limit: c.Limit, Window: c.Window})
	return exchange.Accepted
}

// changeGroup executes a ChangeGroup command.
func (s *Shard) changeGroup(c *exchange.ChangeGroup, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	if acct == nil {
		return exchange.RejectAccountNotFound
	}
	g := s.group(c.Account, c.Group)
	if g == nil {
		return exchange.RejectGroupNotFound
	}
	switch c.Action {
	case exchange.ResetGroup:
		g.triggered, g.fills = false, [eighths]uint64{}
	case exchange.TriggerGroup, exchange.DeleteGroup:
		g.triggered, g.cancelBelow = true, s.fence()
		g.deleted = c.Action == exchange.DeleteGroup
		s.sweepAccount(c.Account, acct)
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
	if g.triggered {
		return false
	}
	g.roll(s.now)
	g.fills[g.current%eighths] += uint64(q)
	if g.sum() <= uint64(g.limit) {
		return false
	}
	g.triggered, g.cancelBelow = true, s.fence()
	s.emit(&exchange.GroupChanged{Account: g.account, Group: id, Action: exchange.TriggerGroup, ByFills: true})
	s.sweepAccount(g.account, s.ledger.Account(g.account))
	return true
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
