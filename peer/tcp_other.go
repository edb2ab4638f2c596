//go:build !linux

package peer

import (
	"net"
	"time"
)

// Without this option it takes as long as the system's retransmissions until a machine that vanished is noticed on
// a busy connection.
func setUserTimeout(*net.TCPConn, time.Duration) error { return nil }
