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
	Replica    replica.Config // Dir, Signer, Observe and Log are set by the node
	Log        *slog.Logger   // nil: slog.Default()
}

// ShardDir is where the files of a node's shard are.
func ShardDir(dir string) string { return filepath.Join(dir, "shard-1") }

// Node is a running exchange.
type Node struct {
	lock          io.Closer // of the directory
	replica       *replica.Replica
	keys          keys
	public, admin net.Listener
	stop          context.CancelFunc
	served        chan error
}

// Start recovers or begins an exchange and serves it. It returns when orders are accepted.
func Start(config Config) (_ *Node, err error) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Cluster != nil {
		return nil, errors.New("this version cannot take part in a cluster")
	}
	n := &Node{served: make(chan error, 1)}
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
	if err = MakeSecrets(fsys, SecretsIn(config.Dir)); err != nil {
		return nil, err
	}
	if n.keys, err = readKeys(fsys, SecretsIn(config.Dir)); err != nil {
		return nil, err
	}
	rc.Signer = n.keys.signer
	if n.replica, err = replica.Open(rc); err != nil {
		return nil, err
	}
	describe(registry, n.replica, config.Version)
	server, err := gateway.New(gateway.Config{
		Submitter: submitter{n.replica}, Reader: n.replica.View(), History: history{n.replica.Journal(), n.keys.verifier},
		AdminKey: []byte(n.keys.admin), Secret: n.keys.secret, TraderDeposits: config.TraderDeposits,
		AccessLog: config.AccessLog, Version: config.Version, DrainDelay: config.DrainDelay, Log: config.Log, Metrics: registry,
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err = n.replica.Ready(ctx); err != nil {
		return nil, fmt.Errorf("waiting for the log to accept orders: %w", err)
	}
	serving, stop := context.WithCancel(context.Background())
	n.stop = stop
	const grace = 5 * time.Second
	go func() { n.served <- server.Serve(serving, n.public, n.admin, grace) }()
	return n, nil
}

// abort closes what a start that failed had opened.
func (n *Node) abort() error {
	var errs []error
	for _, l := range []net.Listener{n.public, n.admin} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	if n.replica != nil {
		errs = append(errs, n.replica.Close())
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

// Close answers what is under way, takes nothing new and closes everything.
func (n *Node) Close() error {
	n.stop()
	return errors.Join(<-n.served, n.replica.Close(), n.lock.Close())
}

// submitter lets the gateway submit to the replica of this process.
type submitter struct{ *replica.Replica }

func (s submitter) Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error {
	err := s.Replica.Submit(ctx, commands, count, replies)
	if errors.Is(err, replica.ErrNotSubmitted) {
		return fmt.Errorf("%w: %w", gateway.ErrNotSubmitted, err)
	}
	return err
}
