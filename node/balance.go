package node

import (
	"context"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
)

const (
	balanceEvery = 3 * time.Second
	balanceLimit = 5 * time.Second
	balanceLag   = 128 // entries that the next leader may lack
)

// keepBalance spreads the leaders of the shards over the nodes: now and then this node hands one over, if it leads more than
// others.
func (n *Node) keepBalance() {
	for n.wait(balanceEvery) {
		if len(n.shards.all()) < 2 {
			continue
		}
		id, node := n.member.unbalanced()
		h := n.shards.of(id)
		if node == 0 || h == nil {
			continue
		}
		to := successor(h.replica.Status(), node)
		if to == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(n.ctx, balanceLimit)
		if err := h.replica.HandOver(ctx, to); err != nil && n.ctx.Err() == nil {
			n.log.Info("a shard was not handed over to a node that leads fewer", "shard", id, "node", node, "error", err)
		}
		cancel()
	}
}

// unbalanced returns a shard that this node should hand over, and to which node; 0 and 0 if none.
func (m *member) unbalanced() (exchange.ShardID, uint16) {
	leaders := map[exchange.ShardID]uint16{}
	for _, h := range m.shards.all() {
		if leader, _ := h.replica.Leader(); leader != 0 {
			leaders[h.id] = leader.Node()
		}
	}
	up := map[peer.Node]bool{peer.Node(m.config.Node): true}
	for _, l := range m.mesh.Links() {
		up[l.Node] = !l.Up.IsZero()
	}
	var nodes []uint16
	for _, o := range membersOf(m.shards.home()) {
		if node := o.Replica.Node(); o.Role == replica.Voter && up[peer.Node(node)] {
			nodes = append(nodes, node)
		}
	}
	return placement.Balance(leaders, nodes, m.config.Node)
}

// successor is the replica on a node if it could lead at once, as the leader sees it, or 0.
func successor(s replica.Status, node uint16) replica.ID {
	for _, o := range s.Members {
		if o.Replica.Node() == node && o.Role == replica.Voter && o.InTouch && o.Match+balanceLag >= s.Last {
			return o.Replica
		}
	}
	return 0
}
