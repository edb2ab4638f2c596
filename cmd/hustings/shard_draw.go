package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hustings/hustings/api"
)

// drawShards is a status as a person reads it.
func drawShards(s api.Shards) string {
	var b strings.Builder
	b.WriteString(spreadHeadline(s))
	if s.Node != 0 {
		fmt.Fprintf(&b, "   (asked node %d, epoch %d)\n\n", s.Node, s.Epoch)
	} else {
		fmt.Fprintf(&b, "   (epoch %d)\n\n", s.Epoch)
	}
	rows := [][]string{{"shard", "leader", "points", "markets", "share", "to come", "to leave", "on their way", "put there", "ended", "health"}}
	for i := range s.Shards {
		of := &s.Shards[i]
		leader := "none"
		switch {
		case of.Leader != 0:
			leader = "node " + strconv.Itoa(int(of.Leader))
		case s.Node == 0:
			leader = "" // there is but one node
		}
		rows = append(rows, []string{
			strconv.Itoa(int(of.Shard)), leader, strconv.Itoa(int(of.Points)), number(of.Markets), share(of.Markets, s.Markets),
			some(of.Arriving), some(of.Leaving), some(of.Frozen), some(of.Put), some(of.Ended), shardHealth(of),
		})
	}
	writeColumns(&b, "  ", withoutEmpty(rows))
	return b.String()
}

func spreadHeadline(s api.Shards) string {
	switch {
	case s.Health == api.HealthNoLeader:
		return "NO LEADER: a shard accepts no orders"
	case s.Health == api.HealthWaiting:
		return headlines[s.Health]
	case s.Leaving > 0:
		return fmt.Sprintf("moving: %s of %s markets are not where they belong yet", number(s.Leaving), number(s.Markets))
	}
	return "balanced: every market is where it belongs"
}

func shardHealth(s *api.Shard) string {
	switch {
	case !s.Ready:
		return "being founded"
	case s.Drained():
		return s.Health + ", drained"
	}
	return s.Health
}

// share is a part of a whole in percent.
func share(part, of uint64) string {
	if of == 0 {
		return "-"
	}
	return strconv.FormatFloat(100*float64(part)/float64(of), 'f', 1, 64) + " %"
}

// some is a number that is only shown if there is something.
func some(n uint64) string {
	if n == 0 {
		return ""
	}
	return number(n)
}

// drawPlan is a plan as a person reads it.
func drawPlan(p api.ShardPlan) string {
	var b strings.Builder
	what := map[string]string{
		api.ChangeAdd:   fmt.Sprintf("With %d points for shard %d", p.Points, p.Shard),
		api.ChangeDrain: fmt.Sprintf("With shard %d drained", p.Shard),
		api.ChangeMove:  fmt.Sprintf("With the market put on shard %d", p.Shard),
	}[p.Change]
	fmt.Fprintf(&b, "%s, %s of %s markets would move (%s).\n", what, number(p.Moving), number(p.Markets), share(p.Moving, p.Markets))
	if len(p.Moves) > 0 {
		rows := [][]string{{"from", "to", "markets"}}
		for _, m := range p.Moves {
			rows = append(rows, []string{strconv.Itoa(int(m.From)), strconv.Itoa(int(m.To)), number(m.Markets)})
		}
		b.WriteString("\n")
		writeColumns(&b, "  ", rows)
		b.WriteString("\n")
	}
	if p.Staying > 0 {
		fmt.Fprintf(&b, "%s have ended and would stay where they are.\n", number(p.Staying))
	}
	b.WriteString("Nothing was done.\n")
	return b.String()
}
