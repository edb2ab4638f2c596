package peer

import (
	"crypto/tls"
	"net"
	"testing"
	"time"
)

// raw connects to a mesh by hand, as node self with the given credentials, and finishes the handshake if it can.
func raw(t testing.TB, c Credentials, address, protocol string) (*tls.Conn, error) {
	t.Helper()
	base, self, err := LoadCredentials(c)
	if err != nil {
		t.Fatal(err)
	}
	config := clientConfig(base, self, 1, protocol)
	return rawTLS(t, config, address)
}

func rawTLS(t testing.TB, config *tls.Config, address string) (*tls.Conn, error) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	c := tls.Client(conn, config)
	return c, c.Handshake()
}

// rawLink is a link by hand to node 1.
func rawLink(t testing.TB, c Credentials, address string, h hello) (*tls.Conn, *frameReader) {
	t.Helper()
	conn, err := raw(t, c, address, linkProtocol)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.write(conn); err != nil {
		t.Fatal(err)
	}
	frames := newFrameReader(conn)
	if _, _, err := frames.next(); err != nil {
		t.Fatalf("no hello: %v", err)
	}
	return conn, frames
}

// rawServer accepts links by hand, as a node with the given credentials, and gives each to serve once it has said
// hello. Serve runs in a goroutine; the connection is closed at the end of the test.
func rawServer(t testing.TB, c Credentials, answer hello, serve func(h hello, conn *tls.Conn, frames *frameReader)) string {
	t.Helper()
	base, self, err := LoadCredentials(c)
	if err != nil {
		t.Fatal(err)
	}
	return acceptRaw(t, serverConfig(base, self), func(h hello, conn *tls.Conn, frames *frameReader) {
		if answer.write(conn) == nil {
			serve(h, conn, frames)
		}
	})
}

// acceptRaw accepts links by hand, and gives each to serve once a hello has come.
func acceptRaw(t testing.TB, config *tls.Config, serve func(h hello, conn *tls.Conn, frames *frameReader)) string {
	t.Helper()
	l := listen(t, "127.0.0.1:0")
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go func() {
				c := tls.Server(conn, config)
				frames := newFrameReader(c)
				h, err := readHello(frames)
				if err != nil {
					conn.Close()
					return
				}
				serve(h, c, frames)
			}()
		}
	}()
	return l.Addr().String()
}
