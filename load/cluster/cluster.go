// Package cluster starts an exchange of several nodes, each a real process, for benchmarks, tests and trying things out.
// It makes their directories once (package setup), starts hustings serve for each, knows when they are ready, and can
// kill, freeze and restart them. What they say goes into a file each, and the end of it into errors.
//
// A process is killed when this one ends, however it ends (on Linux). The package judges nothing: that is for who uses it.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/guard"
	"github.com/hustings/hustings/setup"
)

// Options say what is to run. Nodes, Binary and Dir are required.
type Options struct {
	Nodes  int    // numbered from 1
	Shards int    // that the exchange is to have at least, alike; Wait adds what is missing. 0: as it is, which is 1 at first
	Binary string // the program
	Dir    string // for everything; what an earlier cluster left there goes on, as it was made

	// Hosts are the hosts of the nodes, HOST or HOST:BASEPORT as cluster create takes them; with one host they all share
	// it. nil: loopback, on ports that are free.
	Hosts               []string
	Heartbeat, Election time.Duration // 0: the usual
	TraderDeposits      bool
	Limits              *config.Limits // nil: Limits()
	Args                []string       // further arguments of serve

	// Wrap may put a program before the command of a node, such as ip netns exec NAME, which must become that command
	// or pass signals on.
	Wrap func(node int, argv []string) []string
}

// Limits are those of an exchange that is to be measured: everybody is a market maker, and all come from one address.
func Limits() config.Limits {
	l := config.Defaults().Limits
	l.Tier, l.AddressFactor, l.AddressConnections = guard.Institutional.String(), 1_000, 100_000
	l.MarketData, l.Authentication = config.Rate{Rate: 100_000, Burst: 100_000}, config.Rate{Rate: 10_000, Burst: 10_000}
	return l
}

// Cluster is a running exchange. Its methods may be called concurrently; nodes are named by their number.
type Cluster struct {
	AdminKey string
	options  Options

	mu    sync.Mutex
	nodes map[int]*Node
}

// Start makes the nodes' directories, unless they are there, and starts all. It does not wait until they are ready.
func Start(o Options) (*Cluster, error) {
	if err := Make(o); err != nil {
		return nil, err
	}
	key, err := os.ReadFile(setup.SecretsIn(o.Dir).Admin)
	if err != nil {
		return nil, err
	}
	c := &Cluster{AdminKey: strings.TrimSpace(string(key)), options: o, nodes: map[int]*Node{}}
	made, err := setup.List(o.Dir)
	if err != nil {
		return nil, err
	}
	for _, m := range made {
		if err := c.launch(m); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// Make makes the nodes' directories without starting any, unless they are there.
func Make(o Options) error {
	made, err := setup.List(o.Dir)
	if err != nil || len(made) > 0 {
		return err
	}
	var nodes []setup.Node
	taken := map[string]bool{}
	for i := range o.Nodes {
		n, err := place(o.Hosts, i, taken)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	so := setup.Options{Nodes: nodes, OpenAdmin: true, Timing: config.Defaults().Timing, Limits: Limits()}
	if o.Limits != nil {
		so.Limits = *o.Limits
	}
	if o.TraderDeposits {
		so.Deposits = config.Traders
	}
	if o.Heartbeat != 0 {
		so.Timing.Heartbeat = config.Duration(o.Heartbeat)
	}
	if o.Election != 0 {
		so.Timing.Election = config.Duration(o.Election)
	}
	return setup.Create(o.Dir, so)
}

// Add makes and starts a further node, on the given host, or on free ports of loopback if it is empty. It joins when a
// member is told to add it, at its address for Peers.
func (c *Cluster) Add(host string) (*Node, error) {
	made, err := setup.List(c.options.Dir)
	if err != nil {
		return nil, err
	}
	last, taken := int(made[len(made)-1].File.Node), map[string]bool{}
	for _, m := range made {
		l := m.File.Listen
		taken[string(l.API)], taken[string(l.Admin)], taken[string(l.Peers)] = true, true, true
	}
	var hosts []string
	if host != "" {
		hosts = []string{host}
	}
	n, err := place(hosts, last, taken)
	if err != nil {
		return nil, err
	}
	f := made[0].File
	o := setup.Options{Nodes: []setup.Node{n}, OpenAdmin: true, Timing: f.Timing, Deposits: f.Deposits, Limits: f.Limits}
	if err := setup.Add(c.options.Dir, o); err != nil {
		return nil, err
	}
	if made, err = setup.List(c.options.Dir); err != nil {
		return nil, err
	}
	for _, m := range made {
		if m.File.Node == n.Number {
			err := c.launch(m)
			return c.Node(int(n.Number)), err
		}
	}
	return nil, fmt.Errorf("node %d was made and is not there", n.Number)
}

// launch starts a node that has a directory.
func (c *Cluster) launch(m setup.Made) error {
	n := newNode(m, c.options)
	c.mu.Lock()
	c.nodes[n.Number] = n
	c.mu.Unlock()
	return n.start()
}

// Node returns a node, nil if there is none of that number.
func (c *Cluster) Node(number int) *Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes[number]
}

// Nodes returns all nodes, by number.
func (c *Cluster) Nodes() []*Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*Node
	for i := 1; len(all) < len(c.nodes); i++ {
		if n := c.nodes[i]; n != nil {
			all = append(all, n)
		}
	}
	return all
}

// Wait waits until all nodes that run, but frozen ones, are ready, one of them leads, and there are as many shards as there
// are to be, with a leader each. It fails at once when a node ends meanwhile.
func (c *Cluster) Wait(ctx context.Context) error {
	for _, n := range c.Nodes() {
		if n.Running() && !n.Stopped() {
			if err := n.Wait(ctx); err != nil {
				return err
			}
		}
	}
	for {
		_, err := c.Leader(ctx)
		if err == nil {
			break
		}
		if !pause(ctx) {
			return fmt.Errorf("waiting for a leader: %w\n%s", err, c.tails())
		}
	}
	for c.options.Shards > 1 {
		enough, err := c.addShards(ctx)
		if enough {
			break
		}
		if !pause(ctx) {
			return fmt.Errorf("waiting for %d shards: %w\n%s", c.options.Shards, err, c.tails())
		}
	}
	return nil
}

// addShards adds shards that are missing, and reports whether all are there and have leaders.
func (c *Cluster) addShards(ctx context.Context) (enough bool, err error) {
	nodes := slices.DeleteFunc(c.Nodes(), func(n *Node) bool { return !n.Running() || n.Stopped() })
	if len(nodes) == 0 {
		return false, errors.New("no node runs")
	}
	admin, err := c.Admin(nodes[0].Number)
	if err != nil {
		return false, err
	}
	defer admin.Close()
	status, err := admin.Shards(ctx)
	for err == nil && len(status.Shards) < c.options.Shards {
		status, err = admin.AddShard(ctx, api.AddShard{Points: api.SharePoints})
	}
	led := !slices.ContainsFunc(status.Shards, func(s api.Shard) bool { return s.Leader == 0 || !s.Ready })
	return err == nil && led, err
}

// Leader returns the node that leads the first shard, as the first node that answers sees it.
func (c *Cluster) Leader(ctx context.Context) (int, error) {
	status, err := c.Status(ctx)
	if err != nil {
		return 0, err
	}
	if len(status.Shards) == 0 || status.Shards[0].Leader == 0 {
		return 0, fmt.Errorf("node %d knows of no leader", status.Node)
	}
	return int(status.Shards[0].Leader), nil
}

// Status asks one running node after another until one knows a leader, and returns the last answer.
func (c *Cluster) Status(ctx context.Context) (status api.Cluster, err error) {
	err = errors.New("no node runs")
	for _, n := range c.Nodes() {
		if !n.Running() || n.Stopped() {
			continue
		}
		status, err = n.Status(ctx)
		if err == nil && status.Health != api.HealthNoLeader {
			return status, nil
		}
	}
	return status, err
}

// Shards asks one running node after another how markets are spread until one knows a leader of each shard, and returns the
// last answer.
func (c *Cluster) Shards(ctx context.Context) (status api.Shards, err error) {
	err = errors.New("no node runs")
	for _, n := range c.Nodes() {
		if !n.Running() || n.Stopped() {
			continue
		}
		var admin *client.Client
		if admin, err = c.Admin(n.Number); err != nil {
			return status, err
		}
		status, err = admin.Shards(ctx)
		admin.Close()
		if err == nil && status.Health != api.HealthNoLeader {
			return status, nil
		}
	}
	return status, err
}

// Admin returns a client of a node's operator API; Public one of its API, for the holder of a token. Close it after use.
func (c *Cluster) Admin(number int) (*client.Client, error) {
	return client.New("http://"+c.Node(number).AdminAddr, client.Options{Token: c.AdminKey})
}

// Public returns a client of a node's API, for the holder of a token. Close it after use.
func (c *Cluster) Public(number int, token string) (*client.Client, error) {
	return client.New("http://"+c.Node(number).Addr, client.Options{Token: token})
}

// Kill ends a node as a power cut would end it, and waits for its end.
func (c *Cluster) Kill(number int) error { return c.Node(number).Kill() }

// Stop freezes a node.
func (c *Cluster) Stop(number int) error { return c.Node(number).Stop() }

// Continue lets a frozen node go on.
func (c *Cluster) Continue(number int) error { return c.Node(number).Continue() }

// Restart starts a node, after killing it if it runs. It does not wait until the node is ready.
func (c *Cluster) Restart(number int) error { return c.Node(number).Restart() }

// Shutdown lets a node end in order, as Ctrl-C does, and waits for its end.
func (c *Cluster) Shutdown(ctx context.Context, number int) error {
	return c.Node(number).Shutdown(ctx)
}

// Close kills all nodes. Their directories stay.
func (c *Cluster) Close() error {
	var errs []error
	for _, n := range c.Nodes() {
		errs = append(errs, n.Kill())
	}
	return errors.Join(errs...)
}

func (c *Cluster) tails() string {
	var b strings.Builder
	for _, n := range c.Nodes() {
		b.WriteString(n.Tail())
	}
	return b.String()
}

// pause waits between two questions. It returns false when there is no time left.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(10 * time.Millisecond):
		return true
	}
}
