package gateway

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// nodes is a cluster that does nothing but remember what it was asked to do.
type nodes struct {
	status api.Cluster
	err    error
	did    string
}

func (n *nodes) Status(context.Context) (api.Cluster, error) { return n.status, n.err }

func (n *nodes) do(format string, args ...any) error {
	if n.err == nil {
		n.did = fmt.Sprintf(format, args...)
	}
	return n.err
}

func (n *nodes) AddMember(_ context.Context, node uint16, address string, voter bool) error {
	return n.do("add %d at %s, voter %t", node, address, voter)
}

func (n *nodes) SetRole(_ context.Context, node uint16, voter bool) error {
	return n.do("set %d, voter %t", node, voter)
}

func (n *nodes) SetSynchronous(_ context.Context, node uint16, synchronous bool) error {
	return n.do("set %d, synchronous %t", node, synchronous)
}

func (n *nodes) Seize(_ context.Context, lost, voters []uint16) error {
	return n.do("seize without %v, voters %v", lost, voters)
}

func (n *nodes) SwitchRules(_ context.Context, version uint32) error {
	return n.do("switch to rules %d", version)
}

func (n *nodes) RemoveMember(_ context.Context, node uint16) error { return n.do("remove %d", node) }
func (n *nodes) HandOver(_ context.Context, node uint16) error     { return n.do("hand over to %d", node) }

func three() api.Cluster {
	member := func(node uint16) api.ClusterMember {
		return api.ClusterMember{Node: node, Replica: api.ID(node) << 48, Peers: fmt.Sprintf("10.0.0.%d:7000", node), Role: api.Voter,
			Match: 100, Connected: true, LastContactMS: 2}
	}
	return api.Cluster{Node: 2, Version: "v1", Links: []api.ClusterLink{}, Shards: []api.ClusterShard{{
		Shard: 1, Leader: 1, From: 1, Term: 4, Commit: 100, Applied: 100, Seq: 900,
		Members: []api.ClusterMember{member(3), member(1), member(2)},
	}}}
}

func TestClusterChanges(t *testing.T) {
	k := &nodes{status: three()}
	s := newSite(t, func(c *Config) { c.Cluster = k })
	for _, c := range []struct {
		method, path, body string
		status             int
		did                string
	}{
		{"POST", "/members", `{"node":4,"peers":"10.0.0.4:7000","role":"learner"}`, 201, "add 4 at 10.0.0.4:7000, voter false"},
		{"POST", "/members", `{"node":65535,"peers":"[::1]:7000","role":"voter"}`, 201, "add 65535 at [::1]:7000, voter true"},
		{"PUT", "/members/4", `{"role":"voter"}`, 200, "set 4, voter true"},
		{"PUT", "/members/4", `{"role":"learner"}`, 200, "set 4, voter false"},
		{"PUT", "/members/4/synchronous", `{"synchronous":true}`, 200, "set 4, synchronous true"},
		{"PUT", "/members/4/synchronous", `{"synchronous":false}`, 200, "set 4, synchronous false"},
		{"POST", "/seize", `{"lost":[1,2,3]}`, 200, "seize without [1 2 3], voters []"},
		{"POST", "/seize", `{"lost":[1],"voters":[5]}`, 200, "seize without [1], voters [5]"},
		{"POST", "/rules", `{}`, 200, "switch to rules 0"},
		{"POST", "/rules", `{"version":3}`, 200, "switch to rules 3"},
		{"DELETE", "/members/4", "", 200, "remove 4"},
		{"POST", "/leader", `{"node":2}`, 200, "hand over to 2"},
	} {
		got := want[api.Cluster](t, c.status, s.admin(c.method, "/cluster"+c.path, c.body))
		if k.did != c.did || got.Health != api.HealthHealthy || len(got.Shards) != 1 {
			t.Errorf("%s %s: did %q, answered %+v", c.method, c.path, k.did, got)
		}
	}
}

func TestClusterRefusesWhatCannotBe(t *testing.T) {
	k := &nodes{status: three()}
	s := newSite(t, func(c *Config) { c.Cluster = k })
	for _, c := range []struct {
		method, path, body string
		status             int
		code, field        string
	}{
		{"POST", "/members", `{"node":0,"peers":"10.0.0.4:7000","role":"learner"}`, 400, "invalid_field", "node"},
		{"POST", "/members", `{"node":65536,"peers":"10.0.0.4:7000","role":"learner"}`, 400, "invalid_field", "node"},
		{"POST", "/members", `{"node":4,"peers":"10.0.0.4","role":"learner"}`, 400, "invalid_field", "peers"},
		{"POST", "/members", `{"node":4,"peers":":7000","role":"learner"}`, 400, "invalid_field", "peers"},
		{"POST", "/members", `{"node":4,"peers":"10.0.0.4:0","role":"learner"}`, 400, "invalid_field", "peers"},
		{"POST", "/members", `{"node":4,"peers":"10.0.0.4:7000","role":"king"}`, 400, "invalid_field", "role"},
		{"POST", "/members", `{"node":4,"role":"voter"}`, 400, "missing_field", "peers"},
		{"PUT", "/members/0", `{"role":"voter"}`, 404, "member_not_found", "node"},
		{"PUT", "/members/65536", `{"role":"voter"}`, 404, "member_not_found", "node"},
		{"PUT", "/members/1", `{"role":""}`, 400, "invalid_field", "role"},
		{"DELETE", "/members/one", "", 404, "member_not_found", "node"},
		{"POST", "/leader", `{"node":0}`, 400, "invalid_field", "node"},
		{"PUT", "/members/0/synchronous", `{"synchronous":true}`, 404, "member_not_found", "node"},
		{"PUT", "/members/1/synchronous", `{}`, 400, "missing_field", "synchronous"},
		{"POST", "/seize", `{"lost":[]}`, 400, "missing_field", "lost"},
		{"POST", "/seize", `{"lost":[70000]}`, 400, "invalid_field", "lost[0]"},
	} {
		refused(t, s.admin(c.method, "/cluster"+c.path, c.body), c.status, c.code, c.field)
	}
	if k.did != "" {
		t.Errorf("did %q", k.did)
	}
	k.err = fmt.Errorf("removing node 2: %w", &Refusal{Code: api.CodeQuorumAtRisk, Detail: "Node 3 is away."})
	p := refused(t, s.admin("DELETE", "/cluster/members/2", ""), 409, "quorum_at_risk", "")
	if p.Detail != "Node 3 is away." {
		t.Errorf("%+v", p)
	}
	k.err = &Refusal{Code: api.CodeNoLeader}
	refused(t, s.admin("GET", "/cluster", ""), 503, "no_leader", "")
	k.err = errors.New("the network is down")
	refused(t, s.admin("POST", "/cluster/leader", `{"node":2}`), 503, "unavailable", "")
}

func TestOneNodeHasNoCluster(t *testing.T) {
	s := newSite(t)
	refused(t, s.admin("GET", "/cluster", ""), 404, "no_cluster", "")
	refused(t, s.admin("DELETE", "/cluster/members/2", ""), 404, "no_cluster", "")
}

func TestHealth(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*api.ClusterShard)
		health string
		nodes  [3]string
	}{
		"all well":           {func(*api.ClusterShard) {}, api.HealthHealthy, [3]string{"ok", "ok", "ok"}},
		"no connection":      {func(s *api.ClusterShard) { s.Members[0].Connected = false }, api.HealthDegraded, [3]string{"ok", "ok", "unreachable"}},
		"silent":             {func(s *api.ClusterShard) { s.Members[0].LastContactMS = 1_001 }, api.HealthDegraded, [3]string{"ok", "ok", "unreachable"}},
		"never heard of":     {func(s *api.ClusterShard) { s.Members[0].LastContactMS = -1 }, api.HealthDegraded, [3]string{"ok", "ok", "unreachable"}},
		"as far as it may":   {func(s *api.ClusterShard) { s.Members[0].Lag = 1_000 }, api.HealthHealthy, [3]string{"ok", "ok", "ok"}},
		"far behind":         {func(s *api.ClusterShard) { s.Members[0].Lag = 1_001 }, api.HealthDegraded, [3]string{"ok", "ok", "lagging"}},
		"gets a snapshot":    {func(s *api.ClusterShard) { s.Members[0].Snapshot = true }, api.HealthDegraded, [3]string{"ok", "ok", "lagging"}},
		"an answer waits":    {func(s *api.ClusterShard) { s.Members[0].AwaitedMS = 1_001 }, api.HealthWaiting, [3]string{"ok", "ok", "ok"}},
		"it waits shortly":   {func(s *api.ClusterShard) { s.Members[0].AwaitedMS = 1_000 }, api.HealthHealthy, [3]string{"ok", "ok", "ok"}},
		"a state differs":    {func(s *api.ClusterShard) { s.Check = &api.StateCheck{Result: api.CheckDifferent} }, api.HealthDegraded, [3]string{"ok", "ok", "ok"}},
		"states agree":       {func(s *api.ClusterShard) { s.Check = &api.StateCheck{Result: api.CheckSame} }, api.HealthHealthy, [3]string{"ok", "ok", "ok"}},
		"leader not asked":   {func(s *api.ClusterShard) { s.From = 2 }, api.HealthDegraded, [3]string{"ok", "ok", "ok"}},
		"nobody leads":       {func(s *api.ClusterShard) { s.Leader = 0 }, api.HealthNoLeader, [3]string{"ok", "ok", "ok"}},
		"of itself it hears": {func(s *api.ClusterShard) { s.Members[1].Connected, s.Members[1].LastContactMS = false, -1 }, api.HealthHealthy, [3]string{"ok", "ok", "ok"}},
		"two of three away":  {func(s *api.ClusterShard) { s.Members[0].Connected, s.Members[2].Connected = false, false }, api.HealthNoLeader, [3]string{"ok", "unreachable", "unreachable"}},
		"two voters, one of them away": {func(s *api.ClusterShard) { s.Members[0].Connected, s.Members[2].Role = false, api.Learner },
			api.HealthNoLeader, [3]string{"ok", "ok", "unreachable"}},
		"a learner away": {func(s *api.ClusterShard) { s.Members[0].Connected, s.Members[0].Role = false, api.Learner },
			api.HealthDegraded, [3]string{"ok", "ok", "unreachable"}},
	} {
		status := three()
		c.change(&status.Shards[0])
		judge(&status)
		shard := status.Shards[0]
		var nodes [3]string
		for i, m := range shard.Members {
			nodes[i] = m.Health
			if int(m.Node) != i+1 || m.Self != (m.Node == 2) || m.Leader != (m.Node == shard.Leader) {
				t.Errorf("%s: %+v", name, m)
			}
		}
		if diff := cmp.Diff(c.nodes, nodes); status.Health != c.health || shard.Health != c.health || diff != "" {
			t.Errorf("%s: %s\n%s", name, status.Health, diff)
		}
	}
	// The worst shard counts, wherever it stands.
	status := three()
	status.Shards = append(status.Shards, three().Shards[0])
	status.Shards[0].Leader = 0
	if judge(&status); status.Health != api.HealthNoLeader || status.Shards[1].Health != api.HealthHealthy {
		t.Errorf("%+v", status)
	}
}

// leaderless takes no command before whoever sends it gives up.
type leaderless struct{ Submitter }

func (leaderless) Submit(ctx context.Context, _ []byte, _ int, _ []exchange.Reply) error {
	<-ctx.Done()
	return ErrNoLeader
}

// What may mend an exchange without a leader is done, though nothing can be recorded.
func TestClusterChangesDoNotWaitForALeader(t *testing.T) {
	k := &nodes{status: three()}
	s := newSite(t, func(c *Config) { c.Cluster = k })
	s.latestRules()
	s.server.submitter = leaderless{s.server.submitter}
	want[api.Cluster](t, 200, s.admin("POST", "/cluster/seize", `{"lost":[1,2,3]}`))
	if k.did != "seize without [1 2 3], voters []" {
		t.Errorf("%q was done", k.did)
	}
}
