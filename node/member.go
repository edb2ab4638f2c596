package node

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
	"github.com/hustings/hustings/vfs"
)

// shard is the only one that there is.
const shard = 1

// Methods of the calls between nodes.
const (
	methodHello  uint8 = iota + 1 // who are you
	methodSubmit                  // package router
	methodStatus                  // of the leader's shard
	methodChange                  // of the members, by the leader
	methodJoin                    // a node whose disk was lost asks for its place
	methodVotes                   // what a replica's state and journal hash to
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
	replica  atomic.Pointer[replica.Replica] // nil until it is open
	stop     context.CancelFunc
	done     sync.WaitGroup

	mu    sync.Mutex
	known map[uint16]helloAnswer // what others said of themselves
	extra map[uint16]string      // addresses of nodes that are being added

	seizing sync.Mutex // one decision to begin anew at a time
}

// helloAnswer is what a node says of itself.
type helloAnswer struct {
	Node        uint16    `json:"node"`
	Incarnation uint64    `json:"incarnation"`
	First       []founder `json:"first"`
	Joined      bool      `json:"joined"` // it belongs to an exchange, or did
	Version     string    `json:"version"`
	Region      string    `json:"region"`
	Rules       uint32    `json:"rules"` // the greatest version that it knows

	Generation uint8     `json:"generation"`
	Members    []founder `json:"members"`
	Last       uint64    `json:"last"` // index of the last entry in its log
	LastTerm   uint64    `json:"last_term"`
}

// openMember connects a node with the others.
func openMember(fsys vfs.FS, config Config, id *identity, registry prometheus.Registerer) (*member, error) {
	m := &member{config: config.Cluster, version: config.Version, rules: cmp.Or(config.Replica.Rules, exchange.RulesVersion), fsys: fsys,
		dir: config.Dir, log: config.Log, known: map[uint16]helloAnswer{}, extra: map[uint16]string{}, stop: func() {}}
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

// open gives the connections the replica that they are for, and asks who can be reached whether the exchange has gone on
// without it.
func (m *member) open(r *replica.Replica) error {
	m.replica.Store(r)
	if members := membersOf(r); len(members) > 0 {
		m.connect(members)
	}
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	m.inquire(ctx, r)
	m.done.Go(func() { m.keepJoining(ctx, r) })
	m.done.Go(func() { m.keepVoting(ctx, r) })
	m.done.Go(func() { m.keepAsking(ctx, r) })
	return r.Err()
}

// keepVoting tells the others again and again what the replica here hashes to.
func (m *member) keepVoting(ctx context.Context, r *replica.Replica) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		votes, err := json.Marshal(r.Votes())
		if err != nil {
			panic(err) // they are numbers
		}
		for _, n := range othersOf(r, m.config.Node) {
			calling, cancel := context.WithTimeout(ctx, time.Second)
			_, err := m.mesh.Call(calling, peer.Node(n), shard, methodVotes, votes)
			cancel()
			if err != nil {
				m.log.Debug("a member does not answer", "node", n, "error", err)
			}
		}
	}
}

func (m *member) self() replica.ID {
	return replica.NewID(m.config.Node, m.identity.Load().Incarnation)
}

func (m *member) close() error {
	m.stop()
	err := m.mesh.Close()
	m.done.Wait()
	return err
}

// Message implements peer.Handler.
func (m *member) Message(_ peer.Node, _ uint32, b []byte) {
	if r := m.replica.Load(); r != nil {
		r.Receive(b)
	}
}

// Connected implements peer.Handler.
func (m *member) Connected(peer.Node) {}

// Disconnected implements peer.Handler.
func (m *member) Disconnected(n peer.Node) {
	if r := m.replica.Load(); r != nil {
		r.Lost(uint16(n))
	}
}

var errStarting = fmt.Errorf("the node is starting: %w", replica.ErrNotSubmitted)

// Call implements peer.Handler.
func (m *member) Call(ctx context.Context, from peer.Node, _ uint32, method uint8, request []byte) ([]byte, error) {
	r := m.replica.Load()
	if method == methodHello {
		return json.Marshal(m.introduce(r))
	}
	if r == nil {
		return nil, remoteError(errStarting)
	}
	var answer any
	var err error
	switch method {
	case methodSubmit:
		b, err := router.Serve(ctx, r, request)
		return b, remoteError(err)
	case methodStatus:
		answer = m.shardStatus(r)
	case methodChange:
		var c change
		if err = json.Unmarshal(request, &c); err == nil {
			err = m.changeHere(ctx, r, c)
		}
	case methodJoin:
		var j joining
		if err = json.Unmarshal(request, &j); err == nil {
			err = m.takeBack(ctx, r, uint16(from), j)
		}
	case methodVotes:
		var v replica.Votes
		if err = json.Unmarshal(request, &v); err == nil {
			r.TakeVotes(v)
		}
	default:
		err = fmt.Errorf("method %d is not one that this version knows", method)
	}
	if err != nil {
		return nil, remoteError(err)
	}
	return json.Marshal(answer)
}

func remoteError(err error) error {
	if err == nil {
		return nil
	}
	code := router.Code(err)
	if c := changeCode(err); c != 0 {
		code = c
	}
	return &peer.RemoteError{Code: code, Message: err.Error()}
}

func (m *member) introduce(r *replica.Replica) helloAnswer {
	id := m.identity.Load()
	h := helloAnswer{Node: m.config.Node, Incarnation: id.Incarnation, First: id.First,
		Version: m.version, Region: m.config.Region, Rules: uint32(m.rules)}
	if r != nil {
		s := r.Status()
		h.Joined, h.Last, h.LastTerm = len(s.Members) > 0, s.Last, s.LastTerm
		for _, o := range s.Members {
			h.Members = append(h.Members, founder{o.Replica.Node(), incarnation(o.Replica), o.Address})
			h.Generation = o.Replica.Generation()
		}
	}
	return h
}

// hello asks a node who it is.
func (m *member) hello(ctx context.Context, node uint16) (h helloAnswer, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	b, err := m.mesh.Call(ctx, peer.Node(node), shard, methodHello, nil)
	if err == nil {
		err = json.Unmarshal(b, &h)
	}
	if err == nil {
		m.mu.Lock()
		m.known[node] = h
		m.mu.Unlock()
	}
	return h, err
}

// ServeHTTP implements peer.Handler: it serves what is copied in bulk.
func (m *member) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r := m.replica.Load()
	if r == nil {
		http.Error(w, "the node is starting", http.StatusServiceUnavailable)
		return
	}
	var v [2]uint64
	for i, name := range map[string][2]string{"/snapshot": {"index", "offset"}, "/journal": {"first", "last"}}[req.URL.Path] {
		n, err := strconv.ParseUint(req.URL.Query().Get(name), 10, 63)
		if err != nil {
			http.Error(w, name+" must be a number", http.StatusBadRequest)
			return
		}
		v[i] = n
	}
	var err error
	switch req.URL.Path {
	case "/snapshot":
		err = r.CopySnapshot(w, v[0], int64(v[1]))
	case "/journal":
		err = r.CopyJournal(req.Context(), w, v[0], v[1])
	default:
		http.NotFound(w, req)
	}
	if err != nil {
		m.log.Warn("something was not copied to another node as a whole", "path", req.URL.Path, "node", peer.From(req.Context()), "error", err)
		panic(http.ErrAbortHandler) // so that it does not look whole
	}
}

// transport carries what a replica has for others.
type transport struct{ *member }

func (t transport) Send(to replica.ID, b []byte) bool {
	return t.mesh.Send(peer.Node(to.Node()), shard, b)
}

func (t transport) Snapshot(ctx context.Context, from replica.ID, index uint64, offset int64) (io.ReadCloser, error) {
	return t.get(ctx, from, fmt.Sprintf("/snapshot?index=%d&offset=%d", index, offset))
}

func (t transport) Journal(ctx context.Context, from replica.ID, first, last uint64) (io.ReadCloser, error) {
	return t.get(ctx, from, fmt.Sprintf("/journal?first=%d&last=%d", first, last))
}

func (t transport) get(ctx context.Context, from replica.ID, path string) (io.ReadCloser, error) {
	client, base := t.mesh.Client(peer.Node(from.Node()))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("node %d answers %s", from.Node(), answer.Status), answer.Body.Close())
	}
	return answer.Body, nil
}

// remote lets the router reach other nodes.
type remote struct{ *member }

func (r remote) Submit(ctx context.Context, node uint16, request []byte) ([]byte, error) {
	answer, err := r.mesh.Call(ctx, peer.Node(node), shard, methodSubmit, request)
	var told *peer.RemoteError
	switch {
	case err == nil:
		return answer, nil
	case errors.As(err, &told) && told.Code == peer.CodeOverload:
		return nil, router.Error(router.CodeOverloaded, err.Error())
	case errors.As(err, &told):
		return nil, router.Error(told.Code, err.Error())
	case errors.Is(err, peer.ErrNotSent):
		return nil, router.Error(router.CodeNotSubmitted, err.Error())
	}
	return nil, err
}
