package node

import (
	"fmt"
	"slices"

	"github.com/hustings/hustings/replica"
)

// group is who belongs to the group of a shard, as of what a node has applied of its log.
type group struct {
	Applied logEnd       `json:"applied"` // the last entry of that
	Members []replica.ID `json:"members"`
}

// groups are the groups of all shards, as this node sees them.
func (m *member) groups() (all []group) {
	for _, o := range m.shards.all() {
		s := o.replica.Status()
		g := group{Applied: logEnd{o.id, s.Applied, s.AppliedTerm}}
		for _, is := range s.Members {
			g.Members = append(g.Members, is.Replica)
		}
		if len(g.Members) > 0 && s.AppliedTerm > 0 {
			all = append(all, g)
		}
	}
	return all
}

// others are the nodes of the other members of all groups of which this node has heard nothing final.
func (m *member) others() (nodes []uint16) {
	for _, o := range m.shards.all() {
		if o.replica.Err() == nil {
			nodes = append(nodes, othersOf(o.replica, m.config.Node)...)
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// compareMembers stops the replicas here that were removed from their groups without hearing of it: the leader's last word to one that
// leaves may be lost with the link, and a node may have been down. Whoever has applied all that can have been decided of the log here has
// applied the entry by which this node joined; so if this node is no member there, it was removed.
func (m *member) compareMembers(h helloAnswer) {
	self := m.self()
	if !h.Joined || h.Generation != self.Generation() {
		return
	}
	for _, g := range h.Groups {
		o := m.shards.of(g.Applied.Shard)
		if o == nil || o.replica.Err() != nil {
			continue
		}
		if g.removed(self, o.replica.Status()) {
			o.replica.Fail(fmt.Errorf("%w, as node %d says", replica.ErrRemoved, h.Node))
		}
	}
}

// removed reports whether a replica that sees itself as a member was removed.
func (g *group) removed(id replica.ID, s replica.Status) bool {
	sees := slices.ContainsFunc(s.Members, func(is replica.MemberStatus) bool { return is.Replica == id })
	same := slices.ContainsFunc(g.Members, func(is replica.ID) bool { return is.Generation() == id.Generation() })
	return sees && same && !slices.Contains(g.Members, id) &&
		!logEnd{Last: s.Last, LastTerm: s.LastTerm}.more(g.Applied)
}
