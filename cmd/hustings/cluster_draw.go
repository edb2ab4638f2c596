package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hustings/hustings/api"
)

// headlines say what a health means.
var headlines = map[string]string{
	api.HealthHealthy:  "healthy: every member is well",
	api.HealthDegraded: "degraded: orders are accepted, but not all is well",
	api.HealthWaiting:  "WAITING: orders are taken, and answered when a synchronous copy has them",
	api.HealthNoLeader: "NO LEADER: no orders are accepted",
}

// drawCluster is a status as a person reads it.
func drawCluster(c api.Cluster) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s   (asked node %d, hustings %s)\n", headlines[c.Health], c.Node, c.Version)
	for _, s := range c.Shards {
		b.WriteString("\n")
		drawShard(&b, s)
	}
	for _, l := range c.Links {
		if !l.Up {
			fmt.Fprintf(&b, "\nNode %d has no connection to node %d at %s.\n", c.Node, l.Node, l.Peers)
		}
	}
	return b.String()
}

func drawShard(b *strings.Builder, s api.ClusterShard) {
	leader := "no leader"
	if s.Leader != 0 {
		leader = fmt.Sprintf("leader node %d", s.Leader)
	}
	fmt.Fprintf(b, "shard %d   %s   term %d   commit %d   applied %d   seq %d   rules %d%s\n",
		s.Shard, leader, s.Term, s.Commit, s.Applied, s.Seq, s.Rules, laterRules(s))
	if s.From != s.Leader {
		fmt.Fprintf(b, "  as node %d knows it: a leader could not be asked, so who lags is not known\n", s.From)
	}
	rows := [][]string{{"node", "role", "lag", "last contact", "health", "version", "region", "address"}}
	for _, m := range s.Members {
		rows = append(rows, []string{
			strconv.Itoa(int(m.Node)), role(m), lag(m, s), lastContact(m, s), m.Health, m.Version, m.Region, m.Peers,
		})
	}
	b.WriteString("\n")
	writeColumns(b, "  ", withoutEmpty(rows))
	for _, m := range s.Members {
		if m.AwaitedMS > 0 {
			fmt.Fprintf(b, "\n  Orders wait for the synchronous copy on node %d, for %v now. hustings cluster async %d lets them go on without it.\n",
				m.Node, time.Duration(m.AwaitedMS)*time.Millisecond, m.Node)
		}
	}
	if k := s.Check; k != nil {
		b.WriteString("\n  " + check(k) + "\n")
	}
}

// laterRules says that there are rules which could be switched on.
func laterRules(s api.ClusterShard) string {
	if s.RulesKnown <= s.Rules {
		return ""
	}
	return fmt.Sprintf(" of %d (hustings cluster upgrade)", s.RulesKnown)
}

func role(m api.ClusterMember) string {
	role := m.Role
	switch {
	case m.Leader:
		role = "leader"
	case m.Role == api.Learner && m.Wanted == api.Voter:
		role = "learner, to be voter"
	}
	if m.Synchronous {
		role += ", synchronous"
	}
	return role
}

func lag(m api.ClusterMember, s api.ClusterShard) string {
	switch {
	case s.From != s.Leader:
		return "?"
	case m.Snapshot:
		return "gets a snapshot"
	}
	return strconv.FormatUint(m.Lag, 10)
}

func lastContact(m api.ClusterMember, s api.ClusterShard) string {
	switch {
	case m.Node == s.From:
		return "-"
	case m.LastContactMS < 0:
		return "never"
	}
	d := time.Duration(m.LastContactMS) * time.Millisecond
	if d > time.Minute {
		d = d.Round(time.Second)
	}
	return d.String()
}

func check(k *api.StateCheck) string {
	nodes := list(k.Nodes)
	if k.Result == api.CheckSame {
		return fmt.Sprintf("states are the same on nodes %s at seq %d (%.16s)", nodes, k.Seq, k.Hash)
	}
	return fmt.Sprintf("STATES DIFFER at seq %d: node %s has another one than most of %s, and has stopped itself", k.Seq, list(k.Differing), nodes)
}

func list(nodes []uint16) string {
	var words []string
	for _, n := range nodes {
		words = append(words, strconv.Itoa(int(n)))
	}
	return strings.Join(words, ", ")
}

// withoutEmpty drops the columns in which only the heading stands.
func withoutEmpty(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for column := range rows[0] {
		filled := false
		for _, row := range rows[1:] {
			filled = filled || row[column] != ""
		}
		for i, row := range rows {
			if filled {
				out[i] = append(out[i], row[column])
			}
		}
	}
	return out
}
