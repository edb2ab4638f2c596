package node

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/replica"
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
	shards   *table // empty until they are open
	stop     context.CancelFunc
	done     sync.WaitGroup

	mu    sync.Mutex
	known map[uint16]helloAnswer // what others said of themselves
	extra map[uint16]string      // addresses of nodes that are being added

	seizing sync.Mutex // one decision to begin anew at a time
}

// openMember connects a node with the others.
func openMember(fsys vfs.FS, config Config, id *identity, shards *table, registry prometheus.Registerer) (*member, error) {
	m := &member{config: config.Cluster, version: config.Version, rules: cmp.Or(config.Replica.Rules, exchange.RulesVersion), fsys: fsys,
		dir: config.Dir, log: config.Log, shards: shards, known: map[uint16]helloAnswer{}, extra: map[uint16]string{}, stop: func() {}}
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
	m.connect(nil)
	return m, nil
}

// connect keeps links to the members, and while they are not known to those that the configuration or one of these tells of.
func (m *member) connect(members replica.Members) {
	peers := map[peer.Node]string{}
	if len(members) == 0 {
		for _, c := range m.config.Members {
			peers[peer.Node(c.Node)] = c.Address
		}
		m.mu.Lock()
		for _, h := range m.known {
			for _, o := range h.Members {
				peers[peer.Node(o.Node)] = o.Address
			}
		}
		m.mu.Unlock()
	}
	for _, o := range members {
		peers[peer.Node(o.Replica.Node())] = o.Address
	}
	m.mu.Lock()
	for node, address := range m.extra {
		peers[peer.Node(node)] = address
	}
	m.mu.Unlock()
	delete(peers, peer.Node(m.config.Node))
	m.mesh.SetPeers(peers)
}

// open begins what the member does by itself, now that the shards are there, and asks who can be reached whether the
// exchange has gone on without this node.
func (m *member) open() error {
	home := m.shards.home()
	if members := membersOf(home); len(members) > 0 {
		m.connect(members)
	}
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
