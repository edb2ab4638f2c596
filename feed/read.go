package feed

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/gobwas/ws"
)

// Sizes of what comes in. A connection has a buffer only while a message of it is incomplete or worked on.
const (
	maxMessage = 64 << 10
	firstRead  = 4 << 10
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, firstRead); return &b }}

// session is what a connection that says something has.
type session struct {
	parts  []byte // of a message in several frames
	split  bool   // a message has begun and goes on in the next frame
	tokens float64
	at     time.Time
}

// read works on what comes until the connection ends.
func (c *conn) read(early []byte) {
	defer c.feed.readers.Done()
	c.tryOnceRead = c.readOnce
	if len(early) > 0 {
		c.keep(early)
	}
	for c.in == nil || c.work() {
		if c.fill() != nil {
			break
		}
	}
	c.release()
	c.leave()
	c.finish()
}

func (c *conn) keep(b []byte) {
	if c.in == nil {
		c.in = buffers.Get().(*[]byte)
	}
	*c.in = append(*c.in, b...)
}

// release gives the buffer back.
func (c *conn) release() {
	if c.in == nil {
		return
	}
	if cap(*c.in) == firstRead {
		*c.in = (*c.in)[:0]
		buffers.Put(c.in)
	}
	c.in = nil
}

// fill waits for bytes. While nothing has come a connection has no buffer, if it is a socket of the system.
func (c *conn) fill() error {
	var err error
	if c.raw == nil {
		c.room()
		var n int
		n, err = c.net.Read((*c.in)[len(*c.in):cap(*c.in)])
		*c.in = (*c.in)[:len(*c.in)+n]
		if n > 0 {
			err = nil
		}
	} else if err = c.raw.Read(c.tryOnceRead); err == nil {
		err = c.readError
	}
	if err == nil {
		c.heard.Store(c.feed.config.Now().UnixNano())
	}
	return err
}

// room makes room for at least one byte.
func (c *conn) room() {
	if c.in == nil {
		c.in = buffers.Get().(*[]byte)
	}
	if len(*c.in) == cap(*c.in) {
		bigger := make([]byte, len(*c.in), min(2*cap(*c.in), maxMessage+ws.MaxHeaderSize))
		copy(bigger, *c.in)
		c.in = &bigger
	}
}

// readOnce is for a syscall.RawConn: it reads what there is and reports whether that is anything.
func (c *conn) readOnce(fd uintptr) bool {
	had := c.in != nil
	c.room()
	for {
		n, err := syscall.Read(int(fd), (*c.in)[len(*c.in):cap(*c.in)])
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			if !had {
				c.release()
			}
			return false
		case err != nil:
			c.readError = err
		case n == 0:
			c.readError = io.EOF
		default:
			*c.in = (*c.in)[:len(*c.in)+n]
		}
		return true
	}
}

// work works on the whole frames that have come. It reports false when the connection has to end.
func (c *conn) work() bool {
	rest := *c.in
	for len(rest) > 0 {
		n, ok := c.frame(rest)
		if !ok {
			return false
		}
		if n == 0 {
			break
		}
		rest = rest[n:]
	}
	if len(rest) == 0 {
		c.release()
		_ = c.net.SetReadDeadline(time.Time{})
		return true
	}
	*c.in = append((*c.in)[:0], rest...)
	_ = c.net.SetReadDeadline(c.feed.config.Now().Add(messageTime)) // it fails only where reading does
	return true
}

// frame works on the first frame, and returns how long it is; 0 if it is not whole yet.
func (c *conn) frame(b []byte) (n int, ok bool) {
	in := bytes.NewReader(b)
	h, err := ws.ReadHeader(in)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, true
	}
	if err != nil {
		return 0, c.refuse(ws.StatusProtocolError, "this is not a frame")
	}
	if c.session == nil {
		c.session = &session{tokens: float64(2 * c.feed.config.MaxRequests), at: c.feed.config.Now()}
	}
	state := ws.StateServerSide
	if c.session.split {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return 0, c.refuse(ws.StatusProtocolError, err.Error())
	}
	if h.Length > int64(maxMessage-len(c.session.parts)) {
		return 0, c.refuse(ws.StatusMessageTooBig, "a message has at most 64 KiB")
	}
	if int64(in.Len()) < h.Length {
		return 0, true
	}
	head := len(b) - in.Len()
	payload := b[head : head+int(h.Length)]
	ws.Cipher(payload, h.Mask, 0)
	if !c.session.admit(c.feed.config.Now(), float64(c.feed.config.MaxRequests)) {
		return 0, c.refuse(ws.StatusPolicyViolation, "too many messages in a second")
	}
	return head + int(h.Length), c.take(h, payload)
}

// take works on the payload of a frame.
func (c *conn) take(h ws.Header, payload []byte) bool {
	switch h.OpCode {
	case ws.OpPing:
		c.answer(ws.MustCompileFrame(ws.NewPongFrame(bytes.Clone(payload))))
		return true
	case ws.OpPong:
		return true
	case ws.OpClose:
		return c.refuse(ws.StatusNormalClosure, "")
	case ws.OpBinary:
		return c.refuse(ws.StatusUnsupportedData, "requests are JSON text")
	}
	s := c.session
	if !h.Fin || s.split {
		s.parts = append(s.parts, payload...)
		if s.split = !h.Fin; s.split {
			return true
		}
		payload, s.parts = s.parts, nil
	}
	c.request(payload)
	return true
}

// admit reports whether another message is within the limit.
func (s *session) admit(now time.Time, rate float64) bool {
	s.tokens = min(2*rate, s.tokens+now.Sub(s.at).Seconds()*rate)
	s.at = now
	if s.tokens < 1 {
		return false
	}
	s.tokens--
	return true
}

// refuse says why the connection ends; it returns false.
func (c *conn) refuse(code ws.StatusCode, reason string) bool {
	done := make(chan struct{})
	c.lane.box.put(item{do: func() {
		c.lane.close(c, code, reason)
		close(done)
	}})
	<-done
	_ = c.net.SetReadDeadline(c.feed.config.Now().Add(farewell))
	for c.fill() == nil { // until it is written, and the connection is closed
		c.release()
	}
	return false
}

// farewell is how long a connection has to take the reason for its end.
const farewell = time.Second
