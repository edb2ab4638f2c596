package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrNotSent is in the chain of a call's error when surely nothing of the call left this node.
var ErrNotSent = errors.New("the call was not sent")

// Codes of a RemoteError that this package sets. A handler may use 1 to 199.
const (
	CodeFailed   uint8 = 0   // the handler returned an error without a code
	CodeTooLong  uint8 = 254 // the answer has more than MaxPayload bytes
	CodeOverload uint8 = 255 // the node runs as many calls of this one as it will; the call was not begun
)

// RemoteError is the error of a call that the other side answered by an error.
type RemoteError struct {
	Code    uint8
	Message string
}

func (e *RemoteError) Error() string { return e.Message }

// Call asks a node and waits for the answer, which belongs to the caller. When the context ends it returns the
// context's error, and the other side is told that nobody waits. The error is a *RemoteError if the other side answered
// with one. It has ErrNotSent in its chain if surely nothing was sent; otherwise the call may have been carried out.
func (m *Mesh) Call(ctx context.Context, to Node, shard uint32, method uint8, request []byte) ([]byte, error) {
	return m.call(ctx, to, header{kind: kindCall, code: method, shard: shard}, request, (*remote).caller)
}

// CallUrgent is Call for what must not wait behind other calls, nor be turned away because there are too many of them. It has links of
// its own, where nothing is bounded: who makes urgent calls bounds them. While there is no such link it is as Call.
func (m *Mesh) CallUrgent(ctx context.Context, to Node, shard uint32, method uint8, request []byte) ([]byte, error) {
	return m.call(ctx, to, header{kind: kindCall, code: method, shard: shard}, request, (*remote).urgentCaller)
}

func (m *Mesh) call(ctx context.Context, to Node, h header, request []byte, on func(*remote) *caller) ([]byte, error) {
	answer, err := m.callOn(ctx, to, h, request, on)
	if err != nil {
		return nil, fmt.Errorf("calling node %v: %w", to, err)
	}
	return answer, nil
}

func (m *Mesh) callOn(ctx context.Context, to Node, h header, request []byte, on func(*remote) *caller) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	if len(request) > MaxPayload {
		return nil, fmt.Errorf("%w: a request of %d bytes, more than %d", ErrNotSent, len(request), MaxPayload)
	}
	r := m.find(to)
	if r == nil {
		return nil, fmt.Errorf("%w: it is not a peer", ErrNotSent)
	}
	c := on(r)
	if c == nil {
		return nil, fmt.Errorf("%w: there is no link to it", ErrNotSent)
	}
	return c.call(ctx, h, request)
}

// caller is a link on which this node calls another one.
type caller struct {
	*link
	mu      sync.Mutex
	last    uint64 // id of the last call
	waiting map[uint64]*waiter
}

// waiter waits for one answer.
type waiter struct {
	at   uint64 // where the call begins in all that was queued
	done chan outcome
}

type outcome struct {
	answer []byte
	err    error
}

func newCaller(l *link) *caller { return &caller{link: l, waiting: map[uint64]*waiter{}} }

func (c *caller) call(ctx context.Context, h header, request []byte) ([]byte, error) {
	id, w, err := c.begin(h, request)
	if err != nil {
		return nil, err
	}
	select {
	case o := <-w.done:
		return o.answer, o.err
	case <-ctx.Done():
		if c.forget(id) != nil {
			c.queue.add(header{kind: kindCancel, id: id}, nil) // if it is lost, the work is done for nothing
		}
		return nil, ctx.Err()
	}
}

func (c *caller) begin(h header, request []byte) (id uint64, w *waiter, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	h.id = c.last
	at, ok := c.queue.add(h, request)
	if !ok {
		return 0, nil, fmt.Errorf("%w: too much waits to be sent, or the link broke", ErrNotSent)
	}
	w = &waiter{at, make(chan outcome, 1)}
	c.waiting[h.id] = w
	return h.id, w, nil
}

// forget ends the waiting for an answer. It returns nil if nobody waits for it.
func (c *caller) forget(id uint64) *waiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.waiting[id]
	delete(c.waiting, id)
	return w
}

// run takes answers until the link breaks, and then ends the calls that wait. None begins afterwards, because the queue
// is closed.
func (c *caller) run(ctx context.Context) error {
	err := c.link.run(ctx, c.take)
	_, taken := c.queue.lost()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.waiting {
		if w.at >= taken {
			w.done <- outcome{err: fmt.Errorf("%w: the link broke: %s", ErrNotSent, reason(err))}
		} else {
			w.done <- outcome{err: fmt.Errorf("the link broke before the answer came: %s", reason(err))}
		}
	}
	return err
}

func (c *caller) take(h header, payload []byte) error {
	var o outcome
	switch h.kind {
	case kindAnswer:
		o.answer = append(make([]byte, 0, len(payload)), payload...)
	case kindError:
		o.err = &RemoteError{h.code, string(payload)}
	default:
		return unexpected(h)
	}
	if w := c.forget(h.id); w != nil { // or the caller gave up
		w.done <- o
	}
	return nil
}
