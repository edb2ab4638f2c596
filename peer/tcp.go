package peer

import (
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
