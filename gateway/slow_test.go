package gateway

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory, so that their time limits go by the clock of a test.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// dial returns the client's end of a new connection.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// Whoever sends the head or the body of a request too slowly, or nothing for long, is dropped.
func TestSlowPeersAreDropped(t *testing.T) {
	const head = "POST /api/register HTTP/1.1\r\nHost: x\r\n"
	const whole = head + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
	for name, test := range map[string]struct {
		begin  string
		more   string // each second
		within time.Duration
	}{
		"slow head":     {head, "X: y\r\n", headerTimeout},
		"stopped head":  {head, "", headerTimeout},
		"slow body":     {whole, " ", readTimeout},
		"stopped body":  {whole, "", readTimeout},
		"nothing":       {"", "", headerTimeout},
		"nothing after": {"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", "", idleTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				public, admin := newPipes(), newPipes()
				done := make(chan error)
				go func() { done <- s.server.Serve(ctx, public, admin, time.Second) }()
				conn := public.dial()
				begun := time.Now()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					_, _ = io.Copy(io.Discard, conn) // until the server closes
				}()
				if _, err := io.WriteString(conn, test.begin); err != nil {
					t.Error(err)
				}
				if test.more != "" {
					for time.Since(begun) < 2*test.within {
						if _, err := io.WriteString(conn, test.more); err != nil {
							break
						}
						time.Sleep(time.Second)
					}
				}
				<-ended
				if took := time.Since(begun); took > test.within+time.Second {
					t.Errorf("dropped after %v, not %v", took, test.within)
				}
				conn.Close()
				stop()
				if err := <-done; err != nil && !strings.Contains(err.Error(), "closed") {
					t.Error(err)
				}
			})
		})
	}
}
