package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// link is one connection that carries frames, from the moment that both sides have said hello.
type link struct {
	remote *remote
	conn   net.Conn
	frames *frameReader
	queue  *queue
	since  time.Time
}

func newLink(r *remote, conn net.Conn, frames *frameReader, queueBytes int) *link {
	return &link{remote: r, conn: conn, frames: frames, queue: newQueue(queueBytes), since: time.Now()}
}

// cut ends the link, whatever its reader and its writer do at the moment. It may be called more than once.
func (l *link) cut() {
	cut(l.conn)
	l.queue.close()
}

// cut closes a connection without the farewell of TLS, which could wait for a peer that does not read.
func cut(c net.Conn) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	_ = c.Close() // nothing can be done about it
}

// run reads and writes frames until the connection breaks, the context ends, or take returns an error. When it returns
// the link is cut.
func (l *link) run(ctx context.Context, take func(header, []byte) error) error {
	release := context.AfterFunc(ctx, l.cut)
	defer release()
	written := make(chan error, 1)
	go func() { written <- l.write() }()
	err := l.read(take)
	l.cut()
	if first := <-written; first != nil {
		return first // it made the reader fail
	}
	return err
}

func (l *link) read(take func(header, []byte) error) error {
	for {
		h, payload, err := l.frames.next()
		if err != nil {
			return err
		}
		l.remote.received.Add(uint64(headerSize + len(payload)))
		if err := take(h, payload); err != nil {
			return err
		}
	}
}

// write writes what is queued until the link is cut. An error of a write cuts it.
func (l *link) write() error {
	var taken []*chunk
	for {
		if taken = l.queue.take(taken); taken == nil {
			return nil
		}
		for i, c := range taken {
			if _, err := l.conn.Write(c.bytes[:c.n]); err != nil {
				cutHere := l.queue.isClosed()
				l.cut()
				if cutHere {
					return nil
				}
				return err
			}
			l.remote.sent.Add(uint64(c.n))
			l.queue.wrote(c.n)
			chunks.Put(c)
			taken[i] = nil
		}
	}
}

// reason puts the end of a connection, or why there is none, into words.
func reason(err error) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the other side closed it"
	case errors.Is(err, net.ErrClosed):
		return "this node closed it"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	}
	// Addresses, of which one is another each time, are left away.
	if op, ok := errors.AsType[*net.OpError](err); ok {
		if op.Op == "remote error" { // how TLS says what the other side said
			return "the other side says: " + op.Err.Error()
		}
		if call, ok := errors.AsType[*os.SyscallError](op.Err); ok {
			return op.Op + ": " + call.Err.Error()
		}
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}
