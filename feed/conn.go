package feed

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hustings/hustings/exchange/projection"
)

// conn is one connection. A goroutine reads from it.
type conn struct {
	feed     *Feed
	lane     *lane
	net      net.Conn
	raw      syscall.RawConn // nil: net is not a socket of the system, such as one under TLS
	encoding encoding
	ended    atomic.Bool
	heard    atomic.Int64 // when it was heard of last, in ns

	// What follows belongs to the lane.
	queue   [][]byte // frames that wait
	queued  int      // their bytes, and those that are being written slowly
	writing bool     // slowly
	dirty   bool     // in lane.dirty
	pinged  bool
	closing bool
	asked   int             // beginnings that the hub was asked for
	waiting []*subscription // for a beginning
	place   int             // in lane.conns

	// For tryWrite.
	tryOnce func(uintptr) bool
	out     []byte
	wrote   int
	failed  error

	// What follows belongs to the hub.
	subscriptions map[subscriptionKey]*subscription
	everything    *everything
	who           projection.Credential // zero: not authenticated

	// What follows belongs to the goroutine that reads.
	session     *session // nil until something came
	in          *[]byte  // what has come and is not worked on; nil: nothing
	tryOnceRead func(uintptr) bool
	readError   error
	desk        desk
}

// end ends the connection now. What was to be done when it ends is done by the goroutine that reads.
func (c *conn) end() {
	switch {
	case c.ended.Swap(true):
	case c.raw == nil:
		go c.net.Close() // under TLS it says goodbye, and may wait for room to do so
	default:
		_ = c.net.Close() // nobody is left who could be told
	}
}

// join makes a connection known to its lane, and leave ends what it is part of.
func (c *conn) join() {
	c.heard.Store(c.feed.config.Now().UnixNano())
	c.lane.box.put(item{do: func() {
		c.place = len(c.lane.conns)
		c.lane.conns = append(c.lane.conns, c)
		if c.feed.closing.Load() {
			c.end()
		}
	}})
}

func (c *conn) leave() {
	c.end()
	c.feed.open.Add(-1)
	c.feed.tasks.put(func() { c.feed.leave(c) })
	c.lane.box.put(item{do: func() {
		l := c.lane
		last := l.conns[len(l.conns)-1]
		l.conns[c.place], last.place = last, c.place
		l.conns[len(l.conns)-1] = nil
		l.conns = l.conns[:len(l.conns)-1]
		c.queue, c.queued, c.waiting = nil, 0, nil
	}})
}

// answer gives the connection a frame that may not be left out.
func (c *conn) answer(frame []byte) {
	c.lane.box.put(item{do: func() { c.lane.answer(c, frame) }})
}

// underlying bounds what the kernel keeps for a connection, and returns the socket of the system that a connection is, or nil.
func underlying(n net.Conn, sendBuffer int) syscall.RawConn {
	secured := false
	for range 4 {
		if tcp, ok := n.(*net.TCPConn); ok {
			_ = tcp.SetWriteBuffer(sendBuffer) // without it the kernel keeps more
		}
		switch inner := n.(type) {
		case interface{ NetConn() net.Conn }: // TLS
			n, secured = inner.NetConn(), true
		case interface{ Plain() net.Conn }:
			n = inner.Plain()
		case syscall.Conn:
			raw, err := inner.SyscallConn()
			if err != nil || secured {
				return nil
			}
			return raw
		default:
			return nil
		}
	}
	return nil
}

// deadline of a message, from its first byte to its last.
const messageTime = 10 * time.Second
