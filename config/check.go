package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Bounds of the timing. Below them the scheduler of a busy machine alone would end a leader's term.
const (
	leastHeartbeat = time.Millisecond
	mostElection   = time.Minute
	leastRatio     = 4 // heartbeats in an election time-out, so that a lost one or two mean nothing
)

// checker collects what is wrong with a file beside its single values.
type checker struct {
	path  string
	lines map[string]int
	found []error
}

func (c *checker) say(name, format string, args ...any) { c.sayAt(name, name, format, args...) }

// sayAt says something about a setting that stands at the line of at.
func (c *checker) sayAt(at, name, format string, args ...any) {
	c.found = append(c.found, &Error{c.path, c.line(at), name + ": " + fmt.Sprintf(format, args...)})
}

// line is where a setting stands, or its table if it stands nowhere.
func (c *checker) line(name string) int {
	for {
		if line, ok := c.lines[name]; ok {
			return line
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return 0
		}
		name = name[:i]
	}
}

func (c *checker) check(f *File) {
	if f.Node == 0 {
		c.say("node", "give this node a number, 1 to 65535, that no other node of the exchange has")
	}
	if f.Deposits != Operator && f.Deposits != Traders {
		c.say("deposits", "%q: write %q, or %q for play money", f.Deposits, Operator, Traders)
	}
	for _, p := range f.paths() {
		if *p.value == "" {
			c.say(p.name, "name a file or directory, or take the line out for the usual one")
		}
	}
	c.checkListen(f.Listen)
	c.checkTiming(f.Timing)
	c.checkFeed(f.Feed)
	c.checkMembers(f.Members)
}

func (c *checker) checkFeed(f Feed) {
	for _, bound := range []struct {
		name  string
		value uint32
	}{{"connections", f.Connections}, {"subscriptions", f.Subscriptions}, {"queue", f.Queue}, {"requests", f.Requests}, {"ring", f.Ring}} {
		if bound.value == 0 {
			c.say("feed."+bound.name, "write 1 or more, or take the line out for the usual bound")
		}
	}
}

func (c *checker) checkListen(l Listen) {
	for _, at := range []struct {
		name    string
		address Address
	}{{"listen.api", l.API}, {"listen.admin", l.Admin}, {"listen.peers", l.Peers}} {
		_, port, ok := at.address.parts()
		switch {
		case !ok:
			c.say(at.name, "%q is no address: write a host and a port, such as \"10.0.0.1:7000\"", at.address)
		case port == 0 && at.name == "listen.peers":
			c.say(at.name, "other nodes must know the port: write one above 0")
		}
	}
}

func (c *checker) checkTiming(t Timing) {
	if time.Duration(t.Heartbeat) < leastHeartbeat {
		c.say("timing.heartbeat", "%v is too short: write %v or more", t.Heartbeat, leastHeartbeat)
	}
	if t.Election < leastRatio*t.Heartbeat {
		c.say("timing.election", "%v is too short for a heartbeat of %v: write %v or more, so that a delayed heartbeat deposes nobody",
			t.Election, t.Heartbeat, leastRatio*t.Heartbeat)
	}
	if time.Duration(t.Election) > mostElection {
		c.say("timing.election", "%v is too long: write %v or less", t.Election, mostElection)
	}
}

func (c *checker) checkMembers(members []Member) {
	if len(members) == 0 {
		c.say("member", "name the exchange's first nodes, each under a line [[member]] with node and peers")
	}
	nodes, addresses := map[uint16]bool{}, map[Address]bool{}
	for i, m := range members {
		at := fmt.Sprintf("member.%d", i)
		switch {
		case m.Node == 0:
			c.sayAt(at+".node", "member.node", "give the member its number, 1 to 65535")
		case nodes[m.Node]:
			c.sayAt(at+".node", "member.node", "node %d is there twice: each member has a number of its own", m.Node)
		}
		switch {
		case !m.Peers.dialable():
			c.sayAt(at+".peers", "member.peers", "%q cannot be connected to: write the member's host and port, such as \"10.0.0.1:7000\"", m.Peers)
		case addresses[m.Peers]:
			c.sayAt(at+".peers", "member.peers", "%s is there twice: each member has an address of its own", m.Peers)
		}
		nodes[m.Node], addresses[m.Peers] = true, true
	}
}

// linesOf says at which line each setting and table of a document stands. Entries of an array are numbered from 0.
func linesOf(document []byte) map[string]int {
	lines, entries := map[string]int{}, map[string]int{}
	table := ""
	var p unstable.Parser
	p.Reset(document)
	for p.NextExpression() {
		e := p.Expression()
		var key []string
		line := 0
		for keys := e.Key(); keys.Next(); {
			k := keys.Node()
			key, line = append(key, string(k.Data)), p.Shape(k.Raw).Start.Line
		}
		name := strings.Join(key, ".")
		switch e.Kind {
		case unstable.Table:
			table = name
		case unstable.ArrayTable:
			table = fmt.Sprintf("%s.%d", name, entries[name])
			entries[name]++
		default:
			lines[strings.TrimPrefix(table+"."+name, ".")] = line
			continue
		}
		lines[table] = line
	}
	return lines
}
