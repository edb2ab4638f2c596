// Package node puts an exchange together in one process: the replica of its shard, the API and what they need on
// disk. It only wires; every part knows how to do its own work.
//
// A node's directory:
//
//	admin.key        the operator's secret, 0600
//	gateway.secret   what gateways derive keys from, 0600
//	checkpoint.key   signs checkpoints of the journal, 0600
//	checkpoint.pub   verifies them; give it to whoever wants to check the exchange
//	shard-1/         the replica's files (package replica)
package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
	"github.com/hustings/hustings/vfs"
)

// Config says how a node is run. Dir and the addresses are required.
type Config struct {
	Dir         string
	Listen      string // address of the API; port 0 takes a free one
	AdminListen string // address of the operator's API

	TraderDeposits bool // traders may pay in by themselves: play money
	AccessLog      bool
	Version        string

	Cluster *Cluster // nil: this node is the whole exchange

	DrainDelay time.Duration  // how long readiness fails before the listeners close
	Replica    replica.Config // Dir, Group, Signer, Observe and Log are set by the node
	Log        *slog.Logger   // nil: slog.Default()
}

// ShardDir is where the files of a node's shard are.
func ShardDir(dir string) string { return filepath.Join(dir, "shard-1") }

// Node is a running exchange, or a node of one.
type Node struct {
	lock          io.Closer // of the directory
	member        *member   // nil: the node is the whole exchange
	replica       *replica.Replica
	keys          keys
	public, admin net.Listener
	stop          context.CancelFunc
	served        chan error
	started       chan struct{} // closed when orders are accepted
	log           *slog.Logger
}

// Start recovers or begins an exchange, or a node's part of one, and serves it. It returns when orders are accepted. A node
// of a cluster waits for a majority of its members, for as long as it takes.
func Start(config Config) (_ *Node, err error) {
	ctx := context.Background()
	if config.Log == nil {
		config.Log = slog.Default()
	}
	n := &Node{served: make(chan error, 1), started: make(chan struct{}), log: config.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.abort())
		}
	}()
	fsys := config.Replica.FS
	if fsys == nil {
		fsys = vfs.OS
	}
	if err = fsys.MkdirAll(config.Dir); err != nil {
		return nil, err
	}
	if n.lock, err = fsys.Lock(config.Dir); err != nil {
		return nil, err
	}
	// Addresses next: a port in use is found out before a long recovery.
	if n.public, err = net.Listen("tcp", config.Listen); err != nil {
		return nil, fmt.Errorf("listening for the API: %w", err)
	}
	if n.admin, err = net.Listen("tcp", config.AdminListen); err != nil {
		return nil, fmt.Errorf("listening for the operator's API: %w", err)
	}
	registry := prometheus.NewRegistry()
	rc := config.Replica
	rc.Dir, rc.Log, rc.Observe = ShardDir(config.Dir), config.Log, observeStages(registry)
	rc.ReserveKeys, rc.ReserveOrders = max(rc.ReserveKeys, 1<<17), max(rc.ReserveOrders, 1<<15)
	if err = n.openKeys(fsys, config); err != nil {
		return nil, err
	}
	rc.Signer = n.keys.signer
	if config.Cluster != nil {
		if err = n.join(ctx, fsys, config, registry, &rc); err != nil {
			return nil, err
		}
	}
	if n.replica, err = replica.Open(rc); err != nil {
		return nil, err
	}
	describe(registry, n.replica, config.Version)
	server, err := n.gateway(config, registry)
	if err != nil {
		return nil, err
	}
	if n.member != nil { // the operator can see and mend what a start waits for
		if err = n.member.open(n.replica); err != nil {
			return nil, err
		}
		n.serve(server)
	}
	if err = n.ready(ctx); err != nil {
		return nil, err
	}
	if n.member == nil {
		n.serve(server)
	}
	return n, nil
}

// serve begins to answer requests.
func (n *Node) serve(server *gateway.Server) {
	serving, stop := context.WithCancel(context.Background())
	n.stop = stop
	const grace = 5 * time.Second
	go func() { n.served <- server.Serve(serving, n.public, n.admin, grace) }()
}

// openKeys reads the keys: those of its exchange, or its own, which it makes at the first start.
func (n *Node) openKeys(fsys vfs.FS, config Config) (err error) {
	secrets := SecretsIn(config.Dir)
	if config.Cluster != nil {
		secrets = config.Cluster.Secrets
	} else if err := MakeSecrets(fsys, secrets); err != nil {
		return err
	}
	n.keys, err = readKeys(fsys, secrets)
	return err
}

// join connects with the other nodes, and finds out which replica of the shard this node has.
func (n *Node) join(ctx context.Context, fsys vfs.FS, config Config, registry *prometheus.Registry, rc *replica.Config) error {
	id, err := openIdentity(fsys, config.Dir, config.Cluster)
	if err != nil {
		return err
	}
	if err := id.seize(fsys, config.Dir); err != nil {
		return err
	}
	if n.member, err = openMember(fsys, config, id, registry); err != nil {
		return err
	}
	if err := n.member.found(ctx); err != nil {
		return fmt.Errorf("waiting for the other nodes of the exchange: %w", err)
	}
	rc.Group = replica.Group{Self: n.member.self(), First: n.member.identity.Load().members(), Transport: transport{n.member},
		Heartbeat: config.Cluster.Heartbeat, Election: config.Cluster.Election}
	rc.Changed = n.member.connect
	return nil
}

// gateway makes what serves the API.
func (n *Node) gateway(config Config, registry *prometheus.Registry) (*gateway.Server, error) {
	c := gateway.Config{
		Submitter: submitter{n.replica, n.replica}, Reader: n.replica.View(), History: history{n.replica.Journal(), n.keys.verifier},
		AdminKey: []byte(n.keys.admin), Secret: n.keys.secret, TraderDeposits: config.TraderDeposits,
		AccessLog: config.AccessLog, Version: config.Version, DrainDelay: config.DrainDelay, Log: config.Log, Metrics: registry,
	}
	if n.member != nil {
		retries := prometheus.NewCounter(prometheus.CounterOpts{Name: "hustings_router_retries_total",
			Help: "Submissions that were sent again because the leader changed."})
		registry.MustRegister(retries)
		c.Submitter = submitter{router.New(config.Cluster.Node, n.replica, remote{n.member}, patience, retries.Inc), n.replica}
		c.Cluster, c.Ready = operator{n.member, c.Submitter}, n.started
	}
	return gateway.New(c)
}

// patience is how long a gateway tries to get a command to a leader. An election takes a few hundred milliseconds at most.
const patience = 8 * time.Second

// ready waits until orders are accepted and everything that was acknowledged can be read.
func (n *Node) ready(ctx context.Context) error {
	if n.member == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
	}
	if err := n.replica.Ready(ctx); err != nil {
		return fmt.Errorf("waiting for the log to accept orders: %w", err)
	}
	close(n.started)
	return nil
}

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

// release closes the replica and what is around it.
func (n *Node) release() error {
	var errs []error
	if n.replica != nil {
		errs = append(errs, n.replica.Close())
	}
	if n.member != nil {
		errs = append(errs, n.member.close())
	}
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

// Replica is the shard's replica, for tests and benchmarks in the same process.
func (n *Node) Replica() *replica.Replica { return n.replica }

// View is the read model.
func (n *Node) View() *projection.View { return n.replica.View() }

// Failed is closed when the node cannot go on; Close then returns why.
func (n *Node) Failed() <-chan struct{} { return n.replica.Failed() }

// Close hands over what this node leads, answers what is under way, takes nothing new and closes everything.
func (n *Node) Close() error {
	if n.member != nil && n.replica.Leading() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		if err := n.replica.HandOver(ctx, 0); err != nil {
			n.log.Warn("nobody took over before this node stopped", "error", err)
		}
		cancel()
	}
	n.stop()
	return errors.Join(<-n.served, n.release())
}

// submitter lets the gateway submit commands, and wait for fresh reads.
type submitter struct {
	to interface {
		Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error
	}
	replica *replica.Replica
}

func (s submitter) Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error {
	err := s.to.Submit(ctx, commands, count, replies)
	if errors.Is(err, replica.ErrNotSubmitted) {
		return fmt.Errorf("%w: %w", gateway.ErrNotSubmitted, err)
	}
	return err
}

func (s submitter) Fresh(ctx context.Context) error { return s.replica.Fresh(ctx) }
