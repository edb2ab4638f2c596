package peer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/certificate"
)

// Handler is what a node does with what others send. Its methods are called from many goroutines.
type Handler interface {
	// Message is called for one message of a node after the other, in the order in which the node sent them. M is valid
	// during the call. It should return soon: the node's next message waits.
	Message(from Node, shard uint32, m []byte)
	// Call answers a call. Calls run concurrently. The request and the answer belong to the method. The context ends
	// when the caller gives up or is lost. An error reaches the caller as a *RemoteError with its text, and if it is
	// a *RemoteError with its code.
	Call(ctx context.Context, from Node, shard uint32, method uint8, request []byte) (answer []byte, err error)
	// Connected says that the link that brings n's messages is up, before the first of them. It is called again without
	// a Disconnected between when a newer link takes the place of an older one.
	Connected(n Node)
	// Disconnected says that that link broke, after its last message. The calls for one node come one after the other.
	Disconnected(n Node)
	// ServeHTTP answers requests for bulk. From tells who asks.
	ServeHTTP(w http.ResponseWriter, r *http.Request)
}

// Config says what a node connects with.
type Config struct {
	Self        Node
	Listener    net.Listener // plain TCP; New takes it over
	Credentials Credentials  // the files may be replaced while they are in use
	Handler     Handler
	Log         *slog.Logger          // may be nil
	Registerer  prometheus.Registerer // for metrics; may be nil
	QueueBytes  int                   // what may wait for a node on each link, urgent calls excepted; 0 is 32 MiB
}

// What ALPN calls the uses of a connection. Links for urgent calls have a name of their own, so that an earlier program, which does not know
// them, refuses the connection and not the link.
const (
	linkProtocol   = "hustings/1"
	urgentProtocol = "hustings-urgent/1"
	bulkProtocol   = "h2"
)

const defaultQueueBytes = 32 << 20

// Mesh holds the connections of a node to the others. All methods may be called concurrently.
type Mesh struct {
	self       Node
	listener   net.Listener
	source     *certificate.Source
	handler    Handler
	log        *slog.Logger
	registerer prometheus.Registerer
	queueBytes int
	bulk       *bulk

	connections connections

	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.RWMutex
	remotes map[Node]*remote // every node ever heard of
	closed  bool
	running sync.WaitGroup // goes up only under mu while not closed, or from a goroutine that it counts
}

// New begins to listen. It takes the listener over, and closes it if there is an error.
func New(c Config) (*Mesh, error) {
	m, err := open(c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connecting node %v with others: %w", c.Self, err), c.Listener.Close())
	}
	m.source.Notify(m.endUnbelieved)
	m.running.Go(m.accept)
	m.running.Go(m.bulk.serve)
	m.running.Go(func() { m.source.Watch(m.ctx, certificate.LookEvery) })
	return m, nil
}

// Reload looks at the files of the credentials now, instead of within seconds. New connections go by what the files say; those that are up
// stay as they are, but are ended if their authority is none any more. Files that do not fit together, or are not this node's, change nothing.
func (m *Mesh) Reload() error {
	if err := m.source.Reload(); err != nil {
		return fmt.Errorf("replacing the credentials of node %v: %w", m.self, err)
	}
	return nil
}

// Until is when the certificate that this node shows ends.
func (m *Mesh) Until() time.Time { return m.source.Until() }

func open(c Config) (*Mesh, error) {
	m := &Mesh{
		self: c.Self, listener: c.Listener, handler: c.Handler, log: c.Log, registerer: c.Registerer,
		queueBytes: c.QueueBytes, remotes: map[Node]*remote{},
	}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if m.source, err = c.Credentials.follow(c.Self, m.log); err != nil {
		return nil, err
	}
	if m.queueBytes == 0 {
		m.queueBytes = defaultQueueBytes
	}
	if m.registerer != nil {
		if err := m.registerer.Register(collector{m}); err != nil {
			return nil, err
		}
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.bulk = newBulk(m)
	return m, nil
}

// Close ends all connections and waits until nothing of them runs any more, the handler's methods included; so those
// must not call it. What is queued is dropped.
func (m *Mesh) Close() error {
	m.mu.Lock()
	first := !m.closed
	m.closed = true
	m.mu.Unlock()
	var err error
	if first {
		m.cancel()
		err = errors.Join(m.listener.Close(), m.bulk.close())
		if m.registerer != nil {
			m.registerer.Unregister(collector{m})
		}
	}
	m.running.Wait()
	return err
}

// SetPeers says which nodes to keep links to, and under which addresses (host:port). Links to others are let go; links
// from others are not touched. This node itself may be among them, and is passed over.
func (m *Mesh) SetPeers(peers map[Node]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	for n, r := range m.remotes {
		if _, ok := peers[n]; !ok {
			r.keep("")
		}
	}
	for n, address := range peers {
		if n != m.self {
			m.remoteLocked(n).keep(address)
		}
	}
}

func (m *Mesh) remoteLocked(n Node) *remote {
	r := m.remotes[n]
	if r == nil {
		r = newRemote(m, n)
		m.remotes[n] = r
	}
	return r
}

// heard returns what is known about a node that connected.
func (m *Mesh) heard(n Node) *remote {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.remoteLocked(n)
}

// find returns what is known about a node, or nil.
func (m *Mesh) find(n Node) *remote {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.remotes[n]
}

// all returns every node ever heard of, by number.
func (m *Mesh) all() []*remote {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.SortedFunc(maps.Values(m.remotes), func(a, b *remote) int { return int(a.node) - int(b.node) })
}

// enter makes Close wait for running.Done, unless the mesh is closed.
func (m *Mesh) enter() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.closed {
		m.running.Add(1)
	}
	return !m.closed
}

// Send queues a copy of a message for a node. It never blocks. False says that the message was dropped: there is no
// link, or what waits for the node has reached its bound. True does not promise that the message arrives.
func (m *Mesh) Send(to Node, shard uint32, message []byte) bool {
	r := m.find(to)
	if r == nil {
		return false
	}
	if len(message) > MaxPayload {
		m.log.Error("a message is too long to be sent", "node", to, "shard", shard, "bytes", len(message), "most", MaxPayload)
	} else if l := r.messages.Load(); l != nil {
		if _, ok := l.queue.add(header{kind: kindMessage, shard: shard}, message); ok {
			return true
		}
	}
	r.dropped.Add(1)
	return false
}
