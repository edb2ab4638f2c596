package feed

import (
	"syscall"
	"time"
)

// most is how many bytes are written at once.
const most = 64 << 10

// write writes what waits for a connection, in one call, as much as it takes at once. What it does not take is left to a
// goroutine that waits for it, and that a connection has only while it is slow.
func (l *lane) write(c *conn) {
	for len(c.queue) > 0 && !c.ended.Load() {
		l.scratch = c.gather(l.scratch[:0])
		n, err := c.tryWrite(l.scratch)
		l.sent += n
		l.writes++
		if err != nil {
			c.end()
			return
		}
		if n < len(l.scratch) {
			c.writing = true
			rest := append([]byte(nil), l.scratch[n:]...)
			c.queued += len(rest)
			go l.writeSlowly(c, rest)
			return
		}
	}
	if c.closing && len(c.queue) == 0 {
		c.end()
	}
}

// gather takes the first frames out of the queue.
func (c *conn) gather(buf []byte) []byte {
	n := 0
	for n < len(c.queue) && (n == 0 || len(buf)+len(c.queue[n]) <= most) {
		buf = append(buf, c.queue[n]...)
		n++
	}
	c.queued -= len(buf)
	clear(c.queue[:n])
	if n == len(c.queue) {
		if c.queue = c.queue[:0]; cap(c.queue) > 64 {
			c.queue = nil
		}
	} else {
		c.queue = c.queue[n:]
	}
	return buf
}

// tryWrite writes what the connection takes at once.
func (c *conn) tryWrite(b []byte) (n int, err error) {
	if c.raw == nil {
		return 0, nil // it cannot be done without waiting
	}
	c.out, c.wrote, c.failed = b, 0, nil
	if err := c.raw.Write(c.tryOnce); err != nil {
		return 0, err
	}
	c.out = nil
	return c.wrote, c.failed
}

// writeOnce is for a syscall.RawConn: it writes once and does not wait. Sent as to a socket, rather than written as to any file, a
// frame costs a tenth less.
func (c *conn) writeOnce(fd uintptr) bool {
	for {
		n, err := syscall.SendmsgN(int(fd), c.out, nil, nil, 0)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
		case err != nil:
			c.failed = err
		default:
			c.wrote = n
		}
		return true
	}
}

// writeSlowly writes the rest of what a connection did not take at once.
func (l *lane) writeSlowly(c *conn, rest []byte) {
	_ = c.net.SetWriteDeadline(l.feed.config.Now().Add(l.feed.config.Stall)) // an error shows in what is written
	n, err := c.net.Write(rest)
	l.feed.metrics.bytes.Add(float64(n))
	if err != nil {
		c.end()
	}
	_ = c.net.SetWriteDeadline(time.Time{})
	l.box.put(item{do: func() {
		c.writing = false
		c.queued -= len(rest)
		l.mark(c)
	}})
}
