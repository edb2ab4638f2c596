// Package node puts an exchange together in one process: the replicas of its shards, the API and what they need on
// disk. It only wires; every part knows how to do its own work.
//
// A node's directory:
//
//	admin.key        the operator's secret, 0600
//	gateway.secret   what gateways derive keys from, 0600
//	checkpoint.key   signs checkpoints of the journal, 0600
//	checkpoint.pub   verifies them; give it to whoever wants to check the exchange
//	identity.json    which incarnation of a node of a cluster it is
//	shard-1/         the files of the home shard's replica (package replica)
//	shard-2/ …       those of further shards
package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/certificate"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/feed"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/gateway/merge"
	"github.com/hustings/hustings/guard"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/tracing"
	"github.com/hustings/hustings/vfs"
)

// Config says how a node is run. Dir and the addresses are required.
type Config struct {
	Dir         string
	Listen      string // address of the API; port 0 takes a free one
	AdminListen string // address of the operator's API

	Feed     feed.Config // Desk, Balance, Wait, Alone, Metrics and Log are set by the node
	MaxConns int         // open connections of each listener, those of the feed included; 0: as many as the feed may have, and 10,000

	TraderDeposits bool // traders may pay in by themselves: play money
	AccessLog      bool
	PublicMetrics  bool // the API's address has /metrics too
	Version        string

	TLS     TLS            // of the API and the operator's API
	Tracing tracing.Config // its Version, Node and Log are set by the node
	Cluster *Cluster       // nil: this node is the whole exchange

	Limits     *guard.Policy  // who may do how much; nil: there are no limits
	DrainDelay time.Duration  // how long readiness fails before the listeners close
	Replica    replica.Config // Dir, Group, Signer, Observe and Log are set by the node
	Log        *slog.Logger   // nil: slog.Default()
}

// Node is a running exchange, or a node of one.
type Node struct {
	lock          io.Closer // of the directory
	member        *member   // nil: the node is the whole exchange
	shards        table
	config        Config
	fsys          vfs.FS
	metrics       *metrics
	findings      *findings
	tracer        *tracing.Tracer // nil: no request is followed
	keys          keys
	certificates  []*certificate.Source // of the listeners
	public, admin net.Listener
	stop          context.CancelFunc
	served        chan error
	started       chan struct{} // closed when orders are accepted
	failOnce      sync.Once
	failed        chan struct{} // closed when a replica has stopped because of an error
	feed          *feed.Feed
	exchange      *merge.Exchange       // of all shards, as the gateway sees it
	places        func() *placement.Map // where markets belong
	showing       sync.Mutex
	hosting       sync.Mutex      // shards are opened one after the other
	ctx           context.Context // of everything below; ends when the node closes
	cancel        context.CancelFunc
	background    sync.WaitGroup
	log           *slog.Logger
}

// Start recovers or begins an exchange, or a node's part of one, and serves it. It returns when orders are accepted. A node
// of a cluster waits for a majority of its members, for as long as it takes.
func Start(config Config) (_ *Node, err error) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	n := &Node{config: config, fsys: config.Replica.FS, metrics: newMetrics(config.Version), served: make(chan error, 1),
		started: make(chan struct{}), failed: make(chan struct{}), log: config.Log}
	n.metrics.MustRegister(figures{&n.shards})
	n.findings = newFindings(n.log.With("part", "watch"), n.metrics)
	n.ctx, n.cancel = context.WithCancel(context.Background())
	if n.fsys == nil {
		n.fsys = vfs.OS
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.abort())
		}
	}()
	if n.tracer, err = n.openTracer(); err != nil {
		return nil, err
	}
	if err = n.fsys.MkdirAll(config.Dir); err != nil {
		return nil, err
	}
	if n.lock, err = n.fsys.Lock(config.Dir); err != nil {
		return nil, err
	}
	// Addresses next: a port in use is found out before a long recovery.
	if n.public, err = net.Listen("tcp", config.Listen); err != nil {
		return nil, fmt.Errorf("listening for the API: %w", err)
	}
	if n.admin, err = net.Listen("tcp", config.AdminListen); err != nil {
		return nil, fmt.Errorf("listening for the operator's API: %w", err)
	}
	if err = n.openKeys(); err != nil {
		return nil, err
	}
	if config.Cluster != nil {
		if err = n.join(n.ctx); err != nil {
			return nil, err
		}
	}
	if err = n.hostAll(); err != nil {
		return nil, err
	}
	n.places = placement.Follow(n.View())
	server, err := n.gateway()
	if err != nil {
		return nil, err
	}
	if n.member != nil { // the operator can see and mend what a start waits for
		if err = n.member.open(); err != nil {
			return nil, err
		}
		n.serve(server)
	}
	n.live()
	if err = n.ready(); err != nil {
		return nil, err
	}
	if n.member == nil {
		n.serve(server)
	}
	return n, nil
}

// live begins what goes on beside serving.
func (n *Node) live() {
	all := n.shards.all()
	for i, h := range all {
		n.begin(h, all[:i])
	}
	n.background.Go(n.keepHosting)
	n.background.Go(n.watchManipulation)
	if n.member != nil {
		n.background.Go(n.keepBalance)
	}
}

// serve begins to answer requests.
func (n *Node) serve(server *gateway.Server) {
	serving, stop := context.WithCancel(context.Background())
	n.stop = stop
	const grace = 5 * time.Second
	go func() { n.served <- server.Serve(serving, n.public, n.admin, grace) }()
}

// openTracer makes what follows requests, if that is wanted.
func (n *Node) openTracer() (*tracing.Tracer, error) {
	c := n.config.Tracing
	c.Version, c.Log = n.config.Version, n.log.With("part", "traces")
	if n.config.Cluster != nil {
		c.Node = n.config.Cluster.Node
	}
	return tracing.New(c)
}

// closeTracer sends the last traces. A collector that cannot be reached keeps nobody from stopping.
func (n *Node) closeTracer() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := n.tracer.Close(ctx); err != nil {
		n.log.Warn("the last traces were not sent", "error", err)
	}
}

// openKeys reads the keys: those of its exchange, or its own, which it makes at the first start.
func (n *Node) openKeys() (err error) {
	secrets := SecretsIn(n.config.Dir)
	if n.config.Cluster != nil {
		secrets = n.config.Cluster.Secrets
	} else if err := MakeSecrets(n.fsys, secrets); err != nil {
		return err
	}
	n.keys, err = readKeys(n.fsys, secrets)
	return err
}

// join connects with the other nodes, and finds out which replicas this node has.
func (n *Node) join(ctx context.Context) error {
	id, err := openIdentity(n.fsys, n.config.Dir, n.config.Cluster)
	if err != nil {
		return err
	}
	if err := id.seize(n.fsys, n.config.Dir, n.log); err != nil {
		return err
	}
	if n.member, err = openMember(n.fsys, n.config, id, &n.shards, n.metrics, n.tracer); err != nil {
		return err
	}
	if err := n.member.found(ctx); err != nil {
		return fmt.Errorf("waiting for the other nodes of the exchange: %w", err)
	}
	return nil
}

// gateway makes what serves the API.
func (n *Node) gateway() (_ *gateway.Server, err error) {
	n.exchange = merge.New(n.shards.of(exchange.HomeShard).seen(), n.places)
	d := new(desk)
	n.openFeed(d)
	n.feed.Open(exchange.HomeShard, n.View())
	for _, h := range n.shards.all() {
		n.show(h)
	}
	c := gateway.Config{
		Sockets: n.feed, MaxConns: cmp.Or(n.config.MaxConns, cmp.Or(n.config.Feed.MaxConnections, feed.MaxConnections)+requestConns),
		Submitter: n.exchange, Reader: n.exchange, History: n.exchange.History(),
		AdminKey: []byte(n.keys.admin), Secret: n.keys.secret, TraderDeposits: n.config.TraderDeposits,
		AccessLog: n.config.AccessLog, Version: n.config.Version, DrainDelay: n.config.DrainDelay, Log: n.log, Metrics: n.metrics.Registry,
	}
	c.Limits, c.Loads = n.config.Limits, []func() float64{n.queueFill}
	if c.PublicTLS, c.AdminTLS, err = n.secure(); err != nil {
		return nil, err
	}
	c.Shards, c.PublicMetrics = n.spread(), n.config.PublicMetrics
	health := &health{Node: n}
	c.Health, c.Findings, c.Tracer = health, n.findings, n.tracer
	n.background.Go(health.keepPace)
	if n.member != nil {
		c.Cluster, c.Ready = operator{n.member, n.shards.of(exchange.HomeShard).submit}, n.started
	}
	d.server, err = gateway.New(c)
	return d.server, err
}

// requestConns is how many connections each listener has room for beside those of the feed.
const requestConns = 10_000

// patience is how long a gateway tries to get a command to a leader. An election takes a few hundred milliseconds at most.
const patience = 8 * time.Second

// abort closes what a start that failed had opened.
func (n *Node) abort() error {
	var errs []error
	if n.stop != nil {
		n.stop()
		return errors.Join(<-n.served, n.release())
	}
	for _, l := range []net.Listener{n.public, n.admin} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(append(errs, n.release())...)
}

// release closes the replicas and what is around them.
func (n *Node) release() error {
	if n.feed != nil {
		n.feed.Close()
	}
	n.cancel()
	n.background.Wait()
	var mu sync.Mutex
	var errs []error
	var all sync.WaitGroup
	for _, h := range n.shards.all() {
		all.Go(func() {
			err := h.replica.Close()
			if errors.Is(err, replica.ErrStrayed) {
				err = n.setAside(h.id, err)
			}
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	all.Wait()
	if n.member != nil {
		errs = append(errs, n.member.close())
	}
	n.closeTracer()
	if n.lock != nil {
		errs = append(errs, n.lock.Close())
	}
	return errors.Join(errs...)
}

// Addr is the address of the API.
func (n *Node) Addr() string { return n.public.Addr().String() }

// AdminAddr is the address of the operator's API.
func (n *Node) AdminAddr() string { return n.admin.Addr().String() }

// AdminKey is the operator's secret.
func (n *Node) AdminKey() string { return n.keys.admin }

// Replica is the replica of the home shard, for tests and benchmarks in the same process.
func (n *Node) Replica() *replica.Replica { return n.shards.home() }

// Shard is the replica of a shard, or nil while there is none here; for the same.
func (n *Node) Shard(id exchange.ShardID) *replica.Replica {
	if h := n.shards.of(id); h != nil {
		return h.replica
	}
	return nil
}

// Metrics is what the node measures, as /metrics has it.
func (n *Node) Metrics() *prometheus.Registry { return n.metrics.Registry }

// View is the read model of the home shard.
func (n *Node) View() *projection.View { return n.Replica().View() }

// Failed is closed when the node cannot go on; Close then returns why.
func (n *Node) Failed() <-chan struct{} { return n.failed }

// Close hands over what this node leads, answers what is under way, takes nothing new and closes everything.
func (n *Node) Close() error {
	if n.member != nil {
		n.handOverAll()
	}
	n.stop()
	time.Sleep(n.config.DrainDelay) // readiness fails first, so that those who connect again go elsewhere
	n.feed.Close()
	return errors.Join(<-n.served, n.release())
}

// handOverAll hands over all shards that this node leads, at once.
func (n *Node) handOverAll() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var all sync.WaitGroup
	for _, h := range n.shards.all() {
		if !h.replica.Leading() {
			continue
		}
		all.Go(func() {
			if err := h.replica.HandOver(ctx, 0); err != nil {
				n.log.Warn("nobody took over before this node stopped", "shard", h.id, "error", err)
			}
		})
	}
	all.Wait()
}
