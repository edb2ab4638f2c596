package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of a connection. A peer that is slower than these is dropped.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 15 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
)

// Serve answers on both listeners until ctx is done. Then it drains: readiness fails first and the listeners stay open
// for DrainDelay, then no connection is accepted any more, and requests under way get their answers within grace. It
// closes the listeners, and returns nil after a drain that ended in time.
func (s *Server) Serve(ctx context.Context, public, admin net.Listener, grace time.Duration) error {
	servers := []*http.Server{s.httpServer(s.public), s.httpServer(s.admin)}
	failed := make(chan error, len(servers))
	for i, l := range []net.Listener{public, admin} {
		go func() { failed <- servers[i].Serve(limitConns(l, s.maxConns)) }()
	}
	var err error
	pending := len(servers)
	select {
	case <-ctx.Done():
		s.drain()
	case err = <-failed:
		pending--
		err = fmt.Errorf("serve the API: %w", err)
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	for _, server := range servers {
		if e := server.Shutdown(stop); e != nil {
			server.Close()
			err = errors.Join(err, fmt.Errorf("wait for requests under way: %w", e))
		}
	}
	for range pending {
		<-failed
	}
	return err
}

func (s *Server) drain() {
	s.draining.Store(true)
	time.Sleep(s.drainDelay)
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),

		DisableGeneralOptionsHandler: true,
	}
}

// limitConns bounds how many connections are open at once. One more waits in the kernel's queue.
func limitConns(l net.Listener, most int) net.Listener {
	return &limitedListener{Listener: l, room: make(chan struct{}, most), closed: make(chan struct{})}
}

type limitedListener struct {
	net.Listener
	room   chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.room <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { <-l.room })}, nil
}

func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	leave func()
}

// Plain returns the connection without the bound, for those who write to the socket itself.
func (c *limitedConn) Plain() net.Conn { return c.Conn }

func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.leave()
	return err
}
