package peer

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// hostPrefix and a number are the host names by which bulk clients name nodes.
const hostPrefix = "node-"

type fromKey struct{}

// From tells which node sent a request for bulk, from the request's context. It is 0 in other contexts.
func From(ctx context.Context) Node {
	n, _ := ctx.Value(fromKey{}).(Node)
	return n
}

// Client returns a client for bulk, and the beginning of the URLs of a node, https://node-3. The client reaches every
// peer by such a URL, whatever its address is at the moment, and makes sure that it is the one. Requests and answers
// have no time limit but their contexts; a connection that broke is noticed as it is for links.
func (m *Mesh) Client(to Node) (client *http.Client, base string) {
	return m.bulk.client, "https://" + hostPrefix + to.String()
}

// bulk is HTTP/2 between nodes: the server, which gets its connections from the mesh's port, and the client.
type bulk struct {
	mesh   *Mesh
	server *http.Server
	conns  *handOver
	client *http.Client
}

func newBulk(m *Mesh) *bulk {
	var protocols http.Protocols
	protocols.SetHTTP2(true)
	b := &bulk{mesh: m, conns: &handOver{make(chan net.Conn), make(chan struct{}), sync.Once{}, m.listener.Addr()}}
	b.server = &http.Server{
		Handler:     b,
		Protocols:   &protocols,
		ConnContext: from,
		ErrorLog:    slog.NewLogLogger(m.log.Handler(), slog.LevelWarn),
	}
	b.client = &http.Client{Transport: &http.Transport{DialTLSContext: b.dial, Protocols: &protocols}}
	return b
}

// from puts the number of the node that dialled a connection into the context of its requests.
func from(ctx context.Context, c net.Conn) context.Context {
	n, err := NodeOf(c.(*tls.Conn).ConnectionState().PeerCertificates[0])
	if err != nil { // the connection was identified before it was handed over
		panic(err)
	}
	return context.WithValue(ctx, fromKey{}, n)
}

func (b *bulk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !b.mesh.enter() {
		panic(http.ErrAbortHandler)
	}
	defer b.mesh.running.Done()
	b.mesh.handler.ServeHTTP(w, r)
}

func (b *bulk) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	n, err := strconv.ParseUint(strings.TrimPrefix(host, hostPrefix), 10, 16)
	if err != nil || !strings.HasPrefix(host, hostPrefix) {
		return nil, fmt.Errorf("%q is not the name of a node: those are %s1, %[2]s2 and so on", host, hostPrefix)
	}
	r := b.mesh.find(Node(n))
	if r == nil || r.addressNow() == "" {
		return nil, fmt.Errorf("node %d is not a peer", n)
	}
	return b.mesh.dial(ctx, Node(n), r.addressNow(), bulkProtocol)
}

func (r *remote) addressNow() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.address
}

// serve returns when the server is closed.
func (b *bulk) serve() {
	if err := b.server.Serve(b.conns); b.mesh.ctx.Err() == nil {
		panic(fmt.Errorf("the server of bulk ended: %w", err)) // its listener fails only when it is closed
	}
}

func (b *bulk) take(c net.Conn) {
	select {
	case b.conns.accepted <- c:
	case <-b.conns.closed:
		cut(c)
	}
}

func (b *bulk) close() error {
	err := b.server.Close()
	b.client.CloseIdleConnections()
	return err
}

// handOver is the listener from which the server takes connections that were accepted elsewhere.
type handOver struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
	address  net.Addr
}

func (h *handOver) Accept() (net.Conn, error) {
	select {
	case c := <-h.accepted:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *handOver) Close() error {
	h.once.Do(func() { close(h.closed) })
	return nil
}

func (h *handOver) Addr() net.Addr { return h.address }
