package peer

import (
	"crypto/tls"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// Both sides of a link find out by themselves that the other machine has vanished.
func TestConnectionsAreProbed(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	m1, m2 := pair(t, one, two, 0)
	in := func(m *Mesh, n Node) net.Conn {
		r := m.find(n)
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.brings.link.conn
	}
	for name, c := range map[string]net.Conn{"dialled": m1.find(2).messages.Load().conn, "accepted": in(m2, 1)} {
		tcp := c.(*tls.Conn).NetConn().(*connection).Conn.(*net.TCPConn)
		rawConn, err := tcp.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		get := func(level, option int) (v int) {
			rawConn.Control(func(fd uintptr) { v, err = unix.GetsockoptInt(int(fd), level, option) })
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		got := [...]int{
			get(unix.SOL_SOCKET, unix.SO_KEEPALIVE), get(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE), get(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL),
			get(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT), get(unix.IPPROTO_TCP, unix.TCP_NODELAY),
		}
		if want := [...]int{1, 1, 1, 3000, 1}; got != want {
			t.Errorf("%s: options %v, want %v", name, got, want)
		}
	}
}
