package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/tracing"
	"github.com/hustings/hustings/vfs"
)

// member is a node's part in a cluster: its connections, who it is, and what it does for others.
type member struct {
	config   *Cluster
	version  string
	rules    int // the greatest version that this node knows
	fsys     vfs.FS
	dir      string
	log      *slog.Logger
	identity atomic.Pointer[identity] // replaced as a whole
	mesh     *peer.Mesh
	tracer   *tracing.Tracer // nil: no request is followed
	shards   *table          // empty until they are open
	stop     context.CancelFunc
	done     sync.WaitGroup

	mu      sync.Mutex
	known   map[uint16]helloAnswer               // what others said of themselves
	extra   map[uint16]string                    // addresses of nodes that are being added
	members map[exchange.ShardID]replica.Members // of the shards that are here
	bell    chan struct{}                        // closed when those of the home shard change

	written sync.Mutex
	next    identity // as it was written last: what holds from the next start on

	seizing sync.Mutex // one decision to begin anew at a time
}

// openMember connects a node with the others.
func openMember(fsys vfs.FS, config Config, id *identity, shards *table, registry prometheus.Registerer, t *tracing.Tracer) (*member, error) {
	m := &member{config: config.Cluster, version: config.Version, rules: cmp.Or(config.Replica.Rules, exchange.RulesVersion), fsys: fsys,
		dir: config.Dir, log: config.Log, shards: shards, tracer: t, known: map[uint16]helloAnswer{}, extra: map[uint16]string{},
		members: map[exchange.ShardID]replica.Members{}, next: *id, bell: make(chan struct{}), stop: func() {}}
	m.identity.Store(id)
	listener, err := net.Listen("tcp", config.Cluster.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for other nodes: %w", err)
	}
	m.mesh, err = peer.New(peer.Config{Self: peer.Node(config.Cluster.Node), Listener: listener,
		Credentials: peer.Credentials(config.Cluster.Credentials), Handler: m, Log: config.Log.With("part", "links"), Registerer: registry})
	if err != nil {
		return nil, err
	}
	if err := registry.Register(expiry("peers", m.mesh.Until)); err != nil {
		return nil, errors.Join(err, m.mesh.Close())
	}
	m.connect()
	return m, nil
}

// changed takes in who the members of a shard are.
func (m *member) changed(shard exchange.ShardID, members replica.Members) {
	m.mu.Lock()
	m.members[shard] = members
	if shard == exchange.HomeShard {
		close(m.bell)
		m.bell = make(chan struct{})
	}
	m.mu.Unlock()
	m.connect()
}

// homeChanged returns a channel that is closed when the members of the home shard change.
func (m *member) homeChanged() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bell
}

// opened takes in who the members of a shard were at its opening, unless it is known who they have become.
func (m *member) opened(shard exchange.ShardID, members replica.Members) {
	m.mu.Lock()
	if _, told := m.members[shard]; !told {
		m.members[shard] = members
	}
	m.mu.Unlock()
	m.connect()
}

// connect keeps links to the members of all shards, to nodes that are being added, and while no members are known to those that
// the configuration or one of these tells of.
func (m *member) connect() {
	m.mu.Lock()
	defer m.mu.Unlock()
	peers := map[peer.Node]string{}
	for _, c := range m.config.Members {
		peers[peer.Node(c.Node)] = c.Address
	}
	for _, h := range m.known {
		for _, o := range h.Members {
			peers[peer.Node(o.Node)] = o.Address
		}
	}
	if home := m.members[exchange.HomeShard]; len(home) > 0 {
		clear(peers)
		for _, members := range m.members {
			addAddresses(peers, members)
		}
		addAddresses(peers, home) // which is right where others have not followed yet
	}
	if m.members[exchange.HomeShard].Generation() < m.self().Generation() { // home tells of the lost ones as yet, or of nobody
		for _, s := range m.survivors() {
			peers[peer.Node(s.Replica.Node())] = s.Address
		}
	}
	for node, address := range m.extra {
		peers[peer.Node(node)] = address
	}
	delete(peers, peer.Node(m.config.Node))
	m.mesh.SetPeers(peers)
}

func addAddresses(peers map[peer.Node]string, members replica.Members) {
	for _, o := range members {
		peers[peer.Node(o.Replica.Node())] = o.Address
	}
}

// open begins what the member does by itself, now that the shards are there, and asks who can be reached whether the
// exchange has gone on without this node.
func (m *member) open() error {
	home := m.shards.home()
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	m.inquire(ctx, home)
	m.done.Go(func() { m.keepJoining(ctx, home) })
	m.done.Go(func() { m.keepVoting(ctx) })
	m.done.Go(func() { m.keepAsking(ctx, home) })
	return home.Err()
}

// self is the name of this node's replica, in all shards.
func (m *member) self() replica.ID {
	return replica.NewID(m.config.Node, m.identity.Load().Incarnation)
}

func (m *member) close() error {
	m.stop()
	err := m.mesh.Close()
	m.done.Wait()
	return err
}
