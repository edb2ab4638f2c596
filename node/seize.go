package node

import (
	"context"
	"fmt"
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
)

// Seize implements gateway.Cluster. This node begins the home shard anew. Each other shard is begun by the survivor that has
// most of it, which finds out from this one that it is to.
func (o operator) Seize(ctx context.Context, lost, voters []uint16) error {
	r := o.shards.home()
	o.seizing.Lock()
	defer o.seizing.Unlock()
	if err := r.Err(); err != nil {
		return err
	}
	self, there := membersOf(r).Find(r.Status().Self)
	if !there {
		return notLost("node %d belongs to no exchange", o.config.Node)
	}
	if err := o.confirmLost(ctx, r, lost); err != nil {
		return err
	}
	generation := self.Replica.Generation()
	if generation == replica.MostGeneration {
		return notLost("the exchange cannot be begun anew more than %d times", generation)
	}
	members := []seized{{self.Replica.In(generation + 1), uint8(replica.Voter), self.Address}}
	for _, other := range membersOf(r) {
		node := other.Replica.Node()
		if node == o.config.Node || slices.Contains(lost, node) {
			continue
		}
		wanted := max(other.Wanted, other.Role, roleOf(slices.Contains(voters, node)))
		members = append(members, seized{other.Replica.In(generation + 1), uint8(wanted), other.Address})
	}
	plan := o.planSeizing(members)
	_, err := o.rewrite(func(i *identity) { i.Seized, i.Seizing = plan, own(plan, members[0].Replica) })
	if err != nil {
		return err
	}
	o.log.Warn("goes on without nodes that the operator has declared lost", "lost", lost, "generation", generation+1)
	r.Fail(fmt.Errorf("%w: it leads the way", ErrRestart))
	return nil
}

// own are the shards that a replica begins anew.
func own(plan []seizing, self replica.ID) (its []seizing) {
	for _, s := range plan {
		if s.Members[0].Replica == self {
			its = append(its, s)
		}
	}
	return its
}

// inherits reports whether a shard is left to this node to be founded: it was placed before the exchange was begun anew, its founders
// are of an earlier generation, and no survivor had any of it. Whoever began home anew founds it.
func (m *member) inherits(s placement.Shard) bool {
	plan, self := m.identity.Load().Seized, m.self()
	if len(plan) == 0 || plan[0].Shard != exchange.HomeShard || plan[0].Members[0].Replica != self {
		return false
	}
	return !slices.ContainsFunc(plan, func(begun seizing) bool { return begun.Shard == s.ID }) &&
		!slices.ContainsFunc(s.Founders, func(f placement.Founder) bool { return replica.ID(f.Replica).Generation() >= self.Generation() })
}

// foundAgain has this node start again as the founder of a shard that is open here with nothing in it.
func (n *Node) foundAgain(s placement.Shard) error {
	if err := n.member.foundShard(s, true); err != nil {
		return fmt.Errorf("founding shard %d: %w", s.ID, err)
	}
	err := fmt.Errorf("%w: it founds shard %d, which they had not founded yet", ErrRestart, s.ID)
	n.shards.home().Fail(err)
	return err
}

// planSeizing says which of the survivors begins which shard anew. This one is the first of them, and begins home.
func (m *member) planSeizing(members []seized) (plan []seizing) {
	most, by := map[exchange.ShardID]logEnd{}, map[exchange.ShardID]int{} // by which of the members
	here := m.introduce()
	for _, e := range here.logs() {
		most[e.Shard] = e
	}
	m.mu.Lock()
	for i, other := range members[1:] {
		h := m.known[other.Replica.Node()]
		for _, e := range h.Others {
			if has, found := most[e.Shard]; !found || e.more(has) {
				most[e.Shard], by[e.Shard] = e, 1+i
			}
		}
	}
	m.mu.Unlock()
	for id := range most {
		first := by[id]
		s := seizing{Shard: id, Members: []seized{members[first]}}
		s.Members = append(append(s.Members, members[:first]...), members[first+1:]...)
		plan = append(plan, s)
	}
	slices.SortFunc(plan, func(a, b seizing) int { return int(a.Shard) - int(b.Shard) })
	return plan
}

// confirmLost reports what speaks against going on from here without some nodes: one of them answers, another survivor has
// more of the log or none is heard of, or those that are left could elect a leader by themselves.
func (m *member) confirmLost(ctx context.Context, r *replica.Replica, lost []uint16) error {
	members := membersOf(r)
	for _, n := range lost {
		if _, member := members.OfNode(n); !member {
			return notLost("Node %d is not a member.", n)
		}
		if n == m.config.Node {
			return notLost("Node %d is the one that was asked.", n)
		}
	}
	left := 0
	for _, o := range members {
		if o.Role == replica.Voter && !slices.Contains(lost, o.Replica.Node()) {
			left++
		}
	}
	if left > members.Voters()/2 {
		return notLost("Without nodes %v a majority of the voters is still there: it elects a leader by itself.", lost)
	}
	silent := m.ask(ctx, r, othersOf(r, m.config.Node))
	for _, n := range othersOf(r, m.config.Node) {
		switch answers, named := !slices.Contains(silent, n), slices.Contains(lost, n); {
		case answers && named:
			return notLost("Node %d answers, so it is not lost. Stop it first.", n)
		case !answers && !named:
			return notLost("Node %d does not answer: start it, or name it among the lost ones if it is.", n)
		}
	}
	here := m.introduce()
	m.mu.Lock()
	defer m.mu.Unlock()
	for n, h := range m.known {
		if _, member := members.OfNode(n); member && !slices.Contains(lost, n) && h.home().more(here.home()) {
			return &gateway.Refusal{Code: api.CodeSeizeElsewhere, Detail: fmt.Sprintf("Node %d has more of the log. Ask that one.", n)}
		}
	}
	return nil
}

func notLost(format string, args ...any) error {
	return &gateway.Refusal{Code: api.CodeNotLost, Detail: fmt.Sprintf(format, args...)}
}
