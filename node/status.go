package node

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
)

// Status implements gateway.Cluster.
func (o operator) Status(ctx context.Context) (api.Cluster, error) {
	of := api.Cluster{Node: o.config.Node, Region: o.config.Region, Version: o.version}
	hosted := o.shards.all()
	of.Shards = make([]api.ClusterShard, len(hosted))
	var all sync.WaitGroup
	for i, h := range hosted {
		all.Go(func() { of.Shards[i] = o.askStatus(ctx, h) })
	}
	all.Wait()
	for _, l := range o.mesh.Links() {
		of.Links = append(of.Links, api.ClusterLink{Node: uint16(l.Node), Peers: l.Address, Up: !l.Up.IsZero(), Since: since(l.Up),
			QueueBytes: int64(l.QueueBytes), Dropped: l.Dropped})
	}
	return of, nil
}

// askStatus asks the leader of a shard how it is, or else says what is known of it here.
func (m *member) askStatus(ctx context.Context, h *hosted) api.ClusterShard {
	shown := m.shardStatus(h.id, h.replica)
	leader := shown.Leader
	if leader == 0 || leader == m.config.Node {
		return shown
	}
	var answer api.ClusterShard
	b, err := m.call(ctx, leader, h.id, methodStatus, nil)
	if err == nil {
		err = json.Unmarshal(b, &answer)
	}
	if err != nil {
		m.log.Warn("the leader does not say how the shard is", "node", leader, "shard", h.id, "error", err)
		return shown
	}
	return answer
}

func since(t time.Time) api.Time {
	if t.IsZero() {
		return 0
	}
	return api.Time(t.UnixNano())
}

// shardStatus says how the shard is as far as this node knows.
func (m *member) shardStatus(shard exchange.ShardID, r *replica.Replica) api.ClusterShard {
	s := r.Status()
	applied, seq := r.Applied()
	of := api.ClusterShard{Shard: uint32(shard), Leader: s.Leader.Node(), From: m.config.Node, Term: s.Term, Commit: s.Commit, Applied: applied,
		Seq: api.ID(seq), Rules: uint32(r.View().Rules()), RulesKnown: m.rulesKnown(s.Members), Check: stateCheck(r)}
	for _, o := range s.Members {
		of.Members = append(of.Members, m.memberStatus(&s, o))
		of.Generation = o.Replica.Generation()
	}
	return of
}

func (m *member) memberStatus(s *replica.Status, o replica.MemberStatus) api.ClusterMember {
	node := o.Replica.Node()
	of := api.ClusterMember{Node: node, Replica: api.ID(o.Replica), Peers: o.Address, Role: o.Role.String(), Leader: o.Replica == s.Leader,
		LastContactMS: -1, Synchronous: o.Synchronous, AwaitedMS: o.Awaited.Milliseconds()}
	if o.Wanted != o.Role {
		of.Wanted = o.Wanted.String()
	}
	if s.Leader == s.Self {
		of.Match, of.Lag, of.Snapshot = o.Match, s.Last-min(s.Last, o.Match), o.Fetching
		of.LastContactMS = o.Silent.Milliseconds()
		of.Connected = o.InTouch
	}
	if o.Replica == s.Self {
		of.Connected, of.LastContactMS, of.Version, of.Region = true, 0, m.version, m.config.Region
		return of
	}
	m.mu.Lock()
	h, known := m.known[node]
	m.mu.Unlock()
	if known {
		of.Version, of.Region = h.Version, h.Region
	}
	return of
}

// stateCheck is how the last comparison of what replicas hash to ended.
func stateCheck(r *replica.Replica) *api.StateCheck {
	c, ok := r.Agreement()
	if !ok {
		return nil
	}
	of := &api.StateCheck{Seq: api.ID(c.Seq), Hash: fmt.Sprintf("%x", c.Hash), Result: api.CheckSame}
	for _, id := range c.Compared {
		of.Nodes = append(of.Nodes, id.Node())
	}
	for _, id := range c.Differing {
		of.Differing, of.Result = append(of.Differing, id.Node()), api.CheckDifferent
	}
	return of
}
