package feed

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"github.com/gobwas/ws"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// openSecured connects a crowd over TLS. Nobody waits for all of such connections at once: each has a goroutine that reads, which takes
// more of the machine than a crowd without TLS does.
func (c *Crowd) openSecured(ctx context.Context, cfg *Config) error {
	c.secured = make([]net.Conn, cfg.Count)
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(8)
	for i := range cfg.Count {
		work.Go(func() (err error) {
			if c.secured[i], err = dialSecured(ctx, cfg, i); err != nil || cfg.Subscribe == "" {
				return err
			}
			if _, err = c.secured[i].Write(request(cfg.Subscribe)); err != nil {
				return fmt.Errorf("sending a request to the feed: %w", err)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil || cfg.Silent {
		return err
	}
	for i, conn := range c.secured {
		c.done.Go(func() { c.readSecured(conn, &c.states[i]) })
	}
	return nil
}

// dialSecured opens a WebSocket connection over TLS.
func dialSecured(ctx context.Context, cfg *Config, source int) (net.Conn, error) {
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("connecting to the feed: %w", err)
	}
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		bound := func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, cfg.Receive) }
		if cfg.Receive == 0 {
			return nil
		}
		if failed := raw.Control(bound); failed != nil {
			return failed
		}
		return err
	}}
	if to := net.ParseIP(host); to.IsLoopback() {
		from := loopback(source)
		d.LocalAddr = &net.TCPAddr{IP: from[:]}
	}
	up := ws.Dialer{TLSConfig: cfg.TLS, NetDial: d.DialContext}
	conn, _, _, err := up.Dial(ctx, "wss://"+cfg.Addr+"/ws"+cfg.Query) // the exchange says nothing before it is asked
	if err != nil {
		return nil, fmt.Errorf("connecting to the feed: %w", err)
	}
	return conn, nil
}

// readSecured works on what comes on one connection until it ends.
func (c *Crowd) readSecured(conn net.Conn, s *subscriber) {
	buf := make([]byte, 32<<10)
	for {
		had := len(s.rest)
		if had == len(buf) { // a frame that is larger
			buf = make([]byte, 2*len(buf))
		}
		copy(buf, s.rest)
		n, err := conn.Read(buf[had:])
		c.mu.Lock()
		c.took(s, buf[:had+n], n)
		if err != nil {
			c.tally.Ended++
		}
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}
