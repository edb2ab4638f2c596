package peer

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A node runs so many calls of another one at a time, and holds so many bytes of their requests. Of urgent ones it takes what comes.
const (
	maxCalls        = 4096
	maxRequestBytes = 64 << 20
	maxErrorText    = 4 << 10
)

// answerer is a link on which another node calls this one.
type answerer struct {
	*link
	urgent  bool // there are no bounds
	mu      sync.Mutex
	running map[uint64]context.CancelFunc
	held    int // bytes of requests
}

func newAnswerer(l *link, urgent bool) *answerer {
	return &answerer{link: l, urgent: urgent, running: map[uint64]context.CancelFunc{}}
}

// run takes calls until the link breaks. Then the contexts of those that run end.
func (a *answerer) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return a.link.run(ctx, func(h header, payload []byte) error {
		switch h.kind {
		case kindCall:
			return a.begin(ctx, h, payload)
		case kindCancel:
			a.cancel(h.id)
			return nil
		}
		return unexpected(h)
	})
}

func (a *answerer) begin(ctx context.Context, h header, payload []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, twice := a.running[h.id]; twice {
		return fmt.Errorf("call %d runs already", h.id)
	}
	if !a.urgent && (len(a.running) >= maxCalls || a.held > 0 && a.held+len(payload) > maxRequestBytes) {
		text := fmt.Sprintf("node %v runs %d calls of this node already", a.remote.mesh.self, len(a.running))
		if _, ok := a.queue.add(header{kind: kindError, code: CodeOverload, id: h.id}, []byte(text)); !ok {
			return errors.New("it does not read answers")
		}
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	a.running[h.id] = cancel
	a.held += len(payload)
	request := append(make([]byte, 0, len(payload)), payload...)
	a.remote.mesh.running.Go(func() { a.answer(ctx, h, request) })
	return nil
}

func (a *answerer) answer(ctx context.Context, h header, request []byte) {
	m := a.remote.mesh
	size := len(request) // the request is the handler's from here on
	answer, err := m.handler.Call(ctx, a.remote.node, h.shard, h.code, request)
	reply := header{kind: kindAnswer, id: h.id}
	if err == nil && len(answer) > MaxPayload {
		err = &RemoteError{CodeTooLong, fmt.Sprintf("an answer of %d bytes, more than %d", len(answer), MaxPayload)}
	}
	if err != nil {
		reply.kind = kindError
		if r, ok := errors.AsType[*RemoteError](err); ok {
			reply.code = r.Code
		}
		text := err.Error()
		answer = []byte(text[:min(len(text), maxErrorText)])
	}
	a.queue.addWaiting(reply, answer) // unless the link is cut
	a.end(h.id, size)
}

func (a *answerer) cancel(id uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if cancel, ok := a.running[id]; ok {
		cancel()
	}
}

func (a *answerer) end(id uint64, size int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running[id]()
	delete(a.running, id)
	a.held -= size
}
