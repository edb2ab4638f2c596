package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
)

// group is the replicas of one shard, and what they have agreed upon.
type group struct {
	w            *world
	shard        exchange.ShardID
	hosts        []*host // by node
	oracle       *oracle
	incarnations uint64
	past         map[replica.ID]*replica.Manual // whose disks are gone
	joining      int                            // hosts that have a new disk and are not yet what they are to be
	generation   uint8
	begunIn      uint64 // the term in which the generation began
	leaving      replica.ID
}

// host finds the host that a replica is on now, or nil.
func (g *group) host(id replica.ID) *host {
	for _, h := range g.hosts {
		if h.id == id {
			return h
		}
	}
	return nil
}

// leader returns the host that leads in the greatest term, or nil.
func (g *group) leader() (leader *host) {
	var most uint64
	for _, h := range g.hosts {
		if !h.up {
			continue
		}
		if leads, term := h.replica.Leads(); leads && term > most {
			leader, most = h, term
		}
	}
	return leader
}

// onQuorum checks that an entry that is executed for the first time is durable on a quorum.
func (g *group) onQuorum(index, term uint64, at *host) error {
	if !at.up {
		return nil // it is being recovered, and its log is not at hand
	}
	for _, members := range append(g.oracle.members[:], at.replica.Members()) {
		have := 0
		for _, m := range members {
			if m.Role == replica.Voter && has(g.replica(m.Replica), index, term) {
				have++
			}
		}
		if have > members.Voters()/2 {
			return nil
		}
	}
	return fmt.Errorf("it is not durable on a quorum of %v", at.replica.Members())
}

// replica finds a replica that is or was, with what it had made durable, or nil.
func (g *group) replica(id replica.ID) *replica.Manual {
	if h := g.host(id); h != nil {
		return h.replica
	}
	return g.past[id]
}

// has reports whether an entry is durable in a replica: in its log, or in the snapshot before it.
func has(m *replica.Manual, index, term uint64) bool {
	if m == nil {
		return false
	}
	first, last := m.Log()
	return index < first || index <= last && m.Term(index) == term
}

// follow takes in an entry that was executed for the first time.
func (g *group) follow(a replica.Applied) error {
	cmds, err := g.w.tell(told{g, a})
	for i, cmd := range cmds {
		if c, ok := cmd.(*exchange.ReceiveTransfer); ok && err == nil && a.Replies[i].Code == exchange.Accepted {
			err = g.w.credited(g, c)
		}
	}
	if err == nil {
		err = g.w.conserved()
	}
	if err == nil {
		err = g.w.placed()
	}
	return err
}

// join has the group take in a host with a new id. It is asked again and again.
func (g *group) join(h *host) {
	g.joining++
	id := h.id
	var ask func()
	ask = func() {
		if h.id != id {
			g.joining--
			return
		}
		if lead := g.leader(); lead != nil && !lead.bygone() {
			if m, ok := lead.replica.Members().Find(id); ok && m.Role >= h.wanted {
				g.joining--
				g.w.count(MemberAdded)
				return
			}
			lead.replica.Add(replica.Member{Replica: id, Wanted: h.wanted, Address: "node"})
			lead.kick()
		}
		g.w.after(30*time.Millisecond+g.w.upTo(60*time.Millisecond), ask)
	}
	g.w.after(g.w.upTo(50*time.Millisecond), ask)
}

// settled reports whether all replicas are up and what they are to be, and none is being replaced.
func (g *group) settled() bool {
	lead := g.leader()
	if g.joining > 0 || g.leaving != 0 || lead == nil || g.w.region.lost {
		return false
	}
	for _, h := range g.hosts {
		m, there := lead.replica.Members().Find(h.id)
		if !h.up || h.lost || !there || m.Role != h.wanted {
			return false
		}
	}
	return true
}

// remove takes a replica out of the group; it comes back with an empty disk.
func (g *group) remove(h *host) {
	id := h.id
	g.leaving = id
	var ask func()
	ask = func() {
		lead := g.leader()
		if lead != nil {
			if _, still := lead.replica.Members().Find(id); !still {
				g.w.count(MemberRemoved)
				g.leaving = 0
				if h.id == id { // it may not have heard of it
					h.stop(h.disk)
					h.lost = true
					h.renew()
				}
				return
			}
			lead.replica.Remove(id)
			lead.kick()
		}
		g.w.after(30*time.Millisecond+g.w.upTo(60*time.Millisecond), ask)
	}
	ask()
}

var errDisk = errors.New("the disk does not sync")
