package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// ErrRestart is in the chain of why a node has stopped that is to be started again at once: its replica goes on under
// another name.
var ErrRestart = errors.New("the exchange goes on without the nodes that were lost, and this node with it")

// ErrDeclaredLost is in the chain of why a node has stopped that the exchange goes on without.
var ErrDeclaredLost = errors.New("this node was declared lost, and the exchange goes on without it")

// seizing is a shard that begins anew on a node.
type seizing struct {
	Shard   exchange.ShardID `json:"shard"`
	Members []seized         `json:"members"` // the first one is the only voter to begin with, and does it
}

// seized is a member of a group that begins anew.
type seized struct {
	Replica replica.ID `json:"replica"`
	Wanted  uint8      `json:"wanted"` // a replica.Role
	Address string     `json:"address"`
}

// seize lets the replicas in a directory begin their groups anew, if that was decided before this start.
func (i *identity) seize(fsys vfs.FS, dir string, log *slog.Logger) error {
	if len(i.Seizing) == 0 {
		return nil
	}
	for _, s := range i.Seizing {
		var members replica.Members
		for _, m := range s.Members {
			members = append(members, replica.Member{Replica: m.Replica, Wanted: replica.Role(m.Wanted), Address: m.Address})
		}
		self := s.Members[0].Replica
		members[0].Role = replica.Voter
		off, err := replica.Seize(fsys, ShardDir(dir, s.Shard), self, members.Sorted())
		if err != nil {
			return fmt.Errorf("going on with shard %d without what is lost: %w", s.Shard, err)
		}
		if len(off.Files) > 0 {
			log.Warn("events at the end of a journal, of which the log does not say that they are its own, were taken off; those that it has are written again",
				"shard", s.Shard, "first", off.First, "last", off.Last, "kept", off.Files, "do", "remove the files once nobody misses an order")
		}
		i.Incarnation = incarnation(self)
	}
	i.Seizing = nil
	return i.write(fsys, dir)
}

func incarnation(id replica.ID) uint64 { return uint64(id ^ replica.NewID(id.Node(), 0)) }

// enter makes this node one of the generation of another one, from its next start on or with the identity that is returned.
// What it has more of than all others, it begins anew.
func (m *member) enter(of *helloAnswer) (*identity, error) {
	self := m.self().In(of.Generation)
	return m.rewrite(func(i *identity) {
		i.Incarnation, i.Seized, i.Seizing, i.Begins = incarnation(self), of.Seized, own(of.Seized, self), of.Begins
	})
}

// keepAsking asks the other members again and again who they are, also where this node was removed from the home shard already.
func (m *member) keepAsking(ctx context.Context, r *replica.Replica) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			m.ask(ctx, r, m.others())
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
			m.compareMembers(h)
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
	if _, err := m.enter(&h); err != nil {
		r.Fail(fmt.Errorf("following node %d, which goes on without what is lost: %w", h.Node, err))
		return
	}
	r.Fail(fmt.Errorf("%w: node %d leads the way", ErrRestart, h.Node))
}

// setAside moves the files of a shard away whose replica has strayed, so that the next start begins with nothing. They are kept: they are
// all that is left of orders that were lost.
func (n *Node) setAside(shard exchange.ShardID, strayed error) error {
	dir := ShardDir(n.config.Dir, shard)
	aside := fmt.Sprintf("%s.strayed-%d", dir, n.member.self().Generation())
	for _, err := n.fsys.Stat(aside); err == nil; _, err = n.fsys.Stat(aside) {
		aside += "-again" // a copy that was cut off cannot always be told from what was executed
	}
	if err := errors.Join(n.fsys.Rename(dir, aside), n.fsys.SyncDir(n.config.Dir)); err != nil {
		return errors.Join(strayed, err)
	}
	n.log.Warn("a shard begins here with nothing, and is copied from the others", "shard", shard, "reason", strayed,
		"before", aside, "do", "remove it once nobody misses an order")
	return fmt.Errorf("%w: %w", ErrRestart, strayed)
}

// survivors are the members with which this node's generation began, none if it was not one of them.
func (m *member) survivors() []seized {
	plan, self := m.identity.Load().Seized, m.self()
	if len(plan) == 0 || !slices.ContainsFunc(plan[0].Members, func(s seized) bool { return s.Replica == self }) {
		return nil
	}
	return plan[0].Members // those of every shard, in another order
}

// isSelf recognises this node's disk in a generation.
func (m *member) isSelf(generation uint8) func(founder) bool {
	return func(f founder) bool { return f.replica() == m.self().In(generation) }
}
