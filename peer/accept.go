package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	// handshakeTimeout bounds everything until an incoming connection is up.
	handshakeTimeout = 2 * time.Second
	acceptAgain      = 20 * time.Millisecond
)

func (m *Mesh) accept() {
	for {
		raw, err := m.listener.Accept()
		switch {
		case m.ctx.Err() != nil:
			if err == nil {
				_ = raw.Close()
			}
			return
		case err != nil: // too many open files, for instance
			m.log.Error("cannot accept connections of other nodes", "error", err)
			select {
			case <-time.After(acceptAgain):
			case <-m.ctx.Done():
			}
		default:
			m.running.Go(func() { m.receive(raw) })
		}
	}
}

// receive serves a connection that another node opened, until it breaks; one for bulk is handed on.
func (m *Mesh) receive(raw net.Conn) {
	conn := tls.Server(m.bind(raw), serverConfig(m.source.Current(), m.self))
	n, err := m.identify(conn, raw)
	if err != nil {
		cut(conn)
		if !errors.Is(err, io.EOF) { // somebody only looked whether the port is open
			m.log.Warn("refused a connection", "from", raw.RemoteAddr(), "reason", reason(err))
		}
		return
	}
	protocol := conn.ConnectionState().NegotiatedProtocol
	if protocol == bulkProtocol {
		m.bulk.take(conn)
		return
	}
	defer cut(conn)
	h, frames, err := m.welcome(conn, n, protocol)
	if err != nil {
		m.log.Warn("refused a link", "node", n, "from", raw.RemoteAddr(), "reason", reason(err))
		return
	}
	err = m.serve(newLink(m.heard(n), conn, frames, m.queueBytes), h.purpose)
	if m.ctx.Err() == nil {
		m.log.Info("a node's link ended", "node", n, "from", raw.RemoteAddr(), "for", h.purpose, "reason", reason(err))
	}
}

// identify finds out who is on the other side, and that it speaks one of our protocols.
func (m *Mesh) identify(conn *tls.Conn, raw net.Conn) (Node, error) {
	ctx, cancel := context.WithTimeout(m.ctx, handshakeTimeout)
	defer cancel()
	if err := errors.Join(tune(raw), conn.HandshakeContext(ctx)); err != nil {
		return 0, err
	}
	s := conn.ConnectionState()
	if s.NegotiatedProtocol == "" { // it named none at all; TLS refuses others than ours
		return 0, fmt.Errorf("it asks for none of the protocols %q, %q and %q", linkProtocol, urgentProtocol, bulkProtocol)
	}
	if err := m.admit(conn); err != nil {
		return 0, err
	}
	return NodeOf(s.PeerCertificates[0])
}

// welcome reads the hello of node n and answers it. A version that is not known is answered as well, so that the
// other side can tell its operator.
func (m *Mesh) welcome(conn net.Conn, n Node, protocol string) (hello, *frameReader, error) {
	if err := conn.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return hello{}, nil, err
	}
	frames := newFrameReader(conn)
	h, err := readHello(frames)
	answer := hello{version, h.purpose, m.self, n}
	if err = errors.Join(err, answer.write(conn)); err == nil {
		err = h.check(n, m.self)
	}
	if err == nil && h.purpose.protocol() != protocol {
		err = fmt.Errorf("its link is for %v, and its connection for %q", h.purpose, protocol)
	}
	if err != nil {
		return h, nil, err
	}
	return h, frames, conn.SetDeadline(time.Time{})
}

func (m *Mesh) serve(l *link, p purpose) error {
	l.remote.incoming.Add(1)
	defer l.remote.incoming.Add(-1)
	if p == forMessages {
		return l.remote.bring(l)
	}
	return newAnswerer(l, p == forUrgent).run(m.ctx)
}
