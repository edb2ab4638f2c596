package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// ErrRestart is in the chain of why a node has stopped that is to be started again at once: its replica goes on under
// another name.
var ErrRestart = errors.New("the exchange goes on without the nodes that were lost, and this node with it")

// ErrDeclaredLost is in the chain of why a node has stopped that the exchange goes on without.
var ErrDeclaredLost = errors.New("this node was declared lost, and the exchange goes on without it")

// seized is a member of a group that begins anew.
type seized struct {
	Replica replica.ID `json:"replica"`
	Wanted  uint8      `json:"wanted"` // a replica.Role; the first one is the only voter to begin with
	Address string     `json:"address"`
}

// seize lets the replica in a directory begin its group anew, if that was decided before this start.
func (i *identity) seize(fsys vfs.FS, dir string) error {
	if len(i.Seizing) == 0 {
		return nil
	}
	var members replica.Members
	for _, s := range i.Seizing {
		members = append(members, replica.Member{Replica: s.Replica, Wanted: replica.Role(s.Wanted), Address: s.Address})
	}
	self := i.Seizing[0].Replica
	members[0].Role = replica.Voter
	if err := replica.Seize(fsys, ShardDir(dir, exchange.HomeShard), self, members.Sorted()); err != nil {
		return fmt.Errorf("going on without what is lost: %w", err)
	}
	i.Incarnation, i.Seizing = incarnation(self), nil
	return i.write(fsys, dir)
}

func incarnation(id replica.ID) uint64 { return uint64(id ^ replica.NewID(id.Node(), 0)) }

// enter makes this node one of a generation of its group, from its next start on or with the identity that is returned.
func (m *member) enter(generation uint8) (*identity, error) {
	now := *m.identity.Load()
	now.Incarnation = incarnation(m.self().In(generation))
	return &now, now.write(m.fsys, m.dir)
}

// keepAsking asks the other members again and again who they are.
func (m *member) keepAsking(ctx context.Context, r *replica.Replica) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			m.ask(ctx, r, othersOf(r, m.config.Node))
		case <-r.Failed():
			return
		case <-ctx.Done():
			return
		}
	}
}

// inquiry bounds how long a start waits for members that do not answer.
const inquiry = time.Second

// inquire asks all other members at a start, which must not go on where the exchange has gone on without this node.
func (m *member) inquire(ctx context.Context, r *replica.Replica) {
	silent := othersOf(r, m.config.Node)
	for end := time.Now().Add(inquiry); len(silent) > 0 && time.Now().Before(end) && r.Err() == nil; {
		if silent = m.ask(ctx, r, silent); len(silent) > 0 {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// othersOf are the nodes of the other members.
func othersOf(r *replica.Replica, self uint16) (nodes []uint16) {
	for _, o := range membersOf(r) {
		if n := o.Replica.Node(); n != self {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// ask asks nodes who they are, all at once, draws the conclusions, and returns those that do not answer.
func (m *member) ask(ctx context.Context, r *replica.Replica, nodes []uint16) (silent []uint16) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() {
			h, err := m.hello(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				silent = append(silent, n)
				return
			}
			m.compareGenerations(r, h)
		})
	}
	all.Wait()
	return silent
}

// compareGenerations stops the replica here if another one's group has begun anew: it joins that if it belongs there, or
// else never serves again.
func (m *member) compareGenerations(r *replica.Replica, h helloAnswer) {
	if !h.Joined || h.Generation <= m.self().Generation() || r.Err() != nil {
		return
	}
	if joined := len(membersOf(r)) > 0; joined && !slices.ContainsFunc(h.Members, m.isSelf(h.Generation)) {
		r.Fail(fmt.Errorf("%w as node %d says: keep its directory for examination if its last orders matter; to join again it "+
			"begins with an empty one, and the operator adds it (docs/cluster.md, A region is lost)", ErrDeclaredLost, h.Node))
		return
	}
	if _, err := m.enter(h.Generation); err != nil {
		r.Fail(fmt.Errorf("following node %d, which goes on without what is lost: %w", h.Node, err))
		return
	}
	r.Fail(fmt.Errorf("%w: node %d leads the way", ErrRestart, h.Node))
}

// isSelf recognises this node's disk in a generation.
func (m *member) isSelf(generation uint8) func(founder) bool {
	return func(f founder) bool { return f.replica() == m.self().In(generation) }
}

// Seize implements gateway.Cluster.
func (o operator) Seize(ctx context.Context, lost, voters []uint16) error {
	r := o.shards.home()
	o.seizing.Lock()
	defer o.seizing.Unlock()
	s := r.Status()
	if err := r.Err(); err != nil {
		return err
	}
	self, there := membersOf(r).Find(s.Self)
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
	members := []seized{{s.Self.In(generation + 1), uint8(replica.Voter), self.Address}}
	for _, other := range membersOf(r) {
		node := other.Replica.Node()
		if node == o.config.Node || slices.Contains(lost, node) {
			continue
		}
		wanted := max(other.Wanted, other.Role, roleOf(slices.Contains(voters, node)))
		members = append(members, seized{other.Replica.In(generation + 1), uint8(wanted), other.Address})
	}
	next := *o.identity.Load()
	next.Seizing = members
	if err := next.write(o.fsys, o.dir); err != nil {
		return err
	}
	o.log.Warn("goes on without nodes that the operator has declared lost", "lost", lost, "generation", generation+1)
	r.Fail(fmt.Errorf("%w: it leads the way", ErrRestart))
	return nil
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
	s := r.Status()
	m.mu.Lock()
	defer m.mu.Unlock()
	for n, h := range m.known {
		_, member := members.OfNode(n)
		if member && !slices.Contains(lost, n) && (h.LastTerm > s.LastTerm || h.LastTerm == s.LastTerm && h.Last > s.Last) {
			return &gateway.Refusal{Code: api.CodeSeizeElsewhere, Detail: fmt.Sprintf("Node %d has more of the log. Ask that one.", n)}
		}
	}
	return nil
}

func notLost(format string, args ...any) error {
	return &gateway.Refusal{Code: api.CodeNotLost, Detail: fmt.Sprintf(format, args...)}
}
