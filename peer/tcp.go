package peer

import (
	"context"
	"errors"
	"net"
	"time"
)

// A machine that vanishes without a word is noticed after some 3 s: by probes on a quiet connection, by missing
// acknowledgements on a busy one.
const (
	probeAfter     = time.Second
	probeCount     = 2
	unacknowledged = 3 * time.Second
)

// tune sets up a connection for links.
func tune(c net.Conn) error {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	probes := net.KeepAliveConfig{Enable: true, Idle: probeAfter, Interval: probeAfter, Count: probeCount}
	return errors.Join(t.SetNoDelay(true), t.SetKeepAliveConfig(probes), setUserTimeout(t, unacknowledged))
}

// bound is a connection that is closed when a context ends.
type bound struct {
	net.Conn
	release func() bool
}

func bind(ctx context.Context, c net.Conn) *bound {
	return &bound{Conn: c, release: context.AfterFunc(ctx, func() { _ = c.Close() })}
}

func (b *bound) Close() error {
	b.release()
	return b.Conn.Close()
}
