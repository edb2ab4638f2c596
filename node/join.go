package node

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
)

// joining is what a node says that has begun with an empty disk.
type joining struct {
	Incarnation uint64 `json:"incarnation"`
}

// keepJoining asks for the place that this node has among the members until its replica is one of them.
func (m *member) keepJoining(ctx context.Context, r *replica.Replica) {
	request, err := json.Marshal(joining{m.identity.Load().Incarnation})
	if err != nil {
		panic(err) // it is a number
	}
	for len(membersOf(r)) == 0 {
		for _, c := range m.config.Members {
			if c.Node == m.config.Node {
				continue
			}
			if _, err := m.hello(ctx, c.Node); err == nil && len(membersOf(r)) == 0 {
				m.connect()
			}
			asking, cancel := context.WithTimeout(ctx, 10*time.Second)
			_, err := m.call(asking, c.Node, exchange.HomeShard, methodJoin, request)
			cancel()
			if err == nil {
				break
			}
			m.log.Debug("a member does not take this node in", "node", c.Node, "error", err)
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// takeBack gives a node whose disk was lost its place again, as a learner that gets its vote back when it has caught up.
// A node that has no place needs the operator.
func (m *member) takeBack(ctx context.Context, r *replica.Replica, node uint16, j joining) error {
	if !r.Leading() {
		return replica.ErrNotLeader
	}
	old, found := memberOf(r, node)
	if !found {
		return fmt.Errorf("node %d is no member: add it with hustings cluster add", node)
	}
	id := replica.NewID(node, j.Incarnation)
	if old.Replica == id {
		return nil
	}
	m.log.Warn("a node comes back with an empty disk", "node", node, "role", old.Role.String())
	back := replica.Member{Replica: id, Wanted: max(old.Role, old.Wanted), Address: old.Address, Synchronous: old.Synchronous}
	return r.AddMember(ctx, back)
}
