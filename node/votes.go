package node

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hustings/hustings/peer"
)

// keepVoting tells the others again and again what the replicas here hash to.
func (m *member) keepVoting(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		for _, h := range m.shards.all() {
			m.vote(ctx, h)
		}
	}
}

// vote tells the other members of a shard what the replica here hashes to.
func (m *member) vote(ctx context.Context, h *hosted) {
	votes, err := json.Marshal(h.replica.Votes())
	if err != nil {
		panic(err) // they are numbers
	}
	for _, n := range othersOf(h.replica, m.config.Node) {
		calling, cancel := context.WithTimeout(ctx, time.Second)
		_, err := m.call(calling, n, h.id, methodVotes, votes)
		cancel()
		if err != nil {
			m.log.Debug("a member does not answer", "node", peer.Node(n), "shard", h.id, "error", err)
		}
	}
}
