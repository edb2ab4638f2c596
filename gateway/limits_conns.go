package gateway

import (
	"net"
	"net/netip"
	"sync"

	"github.com/hustings/hustings/guard"
)

// addressListener lets in only so many connections of an address. One more is reset at once, before anything is read of it: in
// the kernel's queue it would stand before those of others.
type addressListener struct {
	net.Listener
	conns *guard.Conns
}

// limitAddresses bounds the connections of each address, if there are limits.
func (l *limits) limitAddresses(listener net.Listener) net.Listener {
	if l.guard == nil {
		return listener
	}
	return &addressListener{listener, l.guard.Conns()}
}

func (l *addressListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return conn, nil
		}
		peer := peerOf(tcp)
		if l.conns.Enter(peer) {
			return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { l.conns.Leave(peer) })}, nil
		}
		_ = tcp.SetLinger(0) // no state is kept for it
		_ = conn.Close()
	}
}

// peerOf is who is at the other end.
func peerOf(conn *net.TCPConn) netip.Addr {
	at, _ := conn.RemoteAddr().(*net.TCPAddr) // of a TCP connection it is one
	return at.AddrPort().Addr().Unmap()
}
