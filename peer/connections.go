package peer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net"
	"sync"
	"time"
)

// connections are those whose handshake is done, until they are closed.
type connections struct {
	mu sync.Mutex
	up map[*connection]admission
}

// admission is what let a connection in.
type admission struct {
	chain []*x509.Certificate // the other side's
	at    time.Time
}

// connection is a TCP connection that is closed when the mesh is.
type connection struct {
	net.Conn
	mesh    *Mesh
	release func() bool
}

func (m *Mesh) bind(c net.Conn) *connection {
	return &connection{Conn: c, mesh: m, release: context.AfterFunc(m.ctx, func() { _ = c.Close() })}
}

func (c *connection) Close() error {
	c.release()
	c.mesh.connections.forget(c)
	return c.Conn.Close()
}

// admit notes a connection whose handshake is done. It fails if the credentials have changed meanwhile, and it would not be let in now.
func (m *Mesh) admit(conn *tls.Conn) error {
	a := admission{conn.ConnectionState().PeerCertificates, time.Now()}
	m.connections.note(conn.NetConn().(*connection), a)
	return a.judge(m.source.Current())
}

// judge says why a connection would not be let in by these credentials. That a certificate has expired since is none of it: what is up
// stays up.
func (a *admission) judge(by *tls.Config) error {
	_, err := verify(a.chain, by.RootCAs, a.at)
	return err
}

// endUnbelieved cuts the connections to nodes whose authority is not believed any more.
func (m *Mesh) endUnbelieved(by *tls.Config) {
	for c, a := range m.connections.all() {
		if err := a.judge(by); err != nil {
			m.log.Warn("ended a connection: its authority is not believed any more", "with", c.RemoteAddr(), "reason", reason(err))
			_ = c.Close() // nothing can be done about it
		}
	}
}

func (s *connections) note(c *connection, a admission) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up == nil {
		s.up = map[*connection]admission{}
	}
	s.up[c] = a
}

func (s *connections) forget(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.up, c)
}

// all returns a copy, because those that are closed are forgotten.
func (s *connections) all() map[*connection]admission {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.up)
}
