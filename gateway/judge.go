package gateway

import (
	"cmp"
	"slices"
	"time"

	"github.com/hustings/hustings/api"
)

// From where on a member is not well.
const (
	lagging    = 1_000 // entries behind the leader
	unheardFor = int64(time.Second / time.Millisecond)
	awaitedFor = unheardFor
)

// judge fills in what follows from the facts of a status.
func judge(c *api.Cluster) {
	c.Health = api.HealthHealthy
	for i := range c.Shards {
		s := &c.Shards[i]
		judgeShard(s, c.Node)
		if worse(s.Health, c.Health) {
			c.Health = s.Health
		}
	}
}

func judgeShard(s *api.ClusterShard, self uint16) {
	slices.SortFunc(s.Members, func(a, b api.ClusterMember) int { return cmp.Compare(a.Node, b.Node) })
	voters, there := 0, 0
	s.Health = api.HealthHealthy
	if s.From != s.Leader || s.Check != nil && s.Check.Result != api.CheckSame {
		s.Health = api.HealthDegraded
	}
	for i := range s.Members {
		m := &s.Members[i]
		judgeMember(m, s, self)
		if m.Health != api.HealthOK {
			s.Health = api.HealthDegraded
		}
		if m.Role == api.Voter {
			voters++
			if m.Health != api.HealthUnreachable {
				there++
			}
		}
	}
	if slices.ContainsFunc(s.Members, func(m api.ClusterMember) bool { return m.AwaitedMS > awaitedFor }) {
		s.Health = api.HealthWaiting
	}
	if s.Leader == 0 || there <= voters/2 {
		s.Health = api.HealthNoLeader
	}
}

func judgeMember(m *api.ClusterMember, s *api.ClusterShard, self uint16) {
	m.Self, m.Leader = m.Node == self, m.Node == s.Leader
	if m.Node == s.From {
		m.Connected, m.LastContactMS = true, 0
	}
	switch {
	case !m.Connected || m.LastContactMS < 0 || m.LastContactMS > unheardFor:
		m.Health = api.HealthUnreachable
	case m.Lag > lagging || m.Snapshot:
		m.Health = api.HealthLagging
	default:
		m.Health = api.HealthOK
	}
}

func worse(a, b string) bool {
	order := []string{api.HealthHealthy, api.HealthDegraded, api.HealthWaiting, api.HealthNoLeader}
	return slices.Index(order, a) > slices.Index(order, b)
}
