package peer

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// remote is what this node knows about another one.
type remote struct {
	mesh *Mesh
	node Node

	sent, received atomic.Uint64 // bytes of frames
	dropped        atomic.Uint64 // messages

	// Links that this node dialled, nil while they are down.
	messages atomic.Pointer[link]
	calls    atomic.Pointer[caller]
	urgent   atomic.Pointer[caller]
	// The number of links that the other node dialled and that are up.
	incoming atomic.Int32

	mu       sync.Mutex
	address  string             // "" unless this node keeps links
	stop     context.CancelFunc // ends the diallers
	diallers []*dialler
	brings   *bringing // the newest link that brings messages
}

func newRemote(m *Mesh, n Node) *remote { return &remote{mesh: m, node: n, stop: func() {}} }

// keep keeps links to an address from now on, or none if it is "". The mesh is locked and not closed.
func (r *remote) keep(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if address == r.address {
		return
	}
	r.stop()
	r.address, r.stop, r.diallers = address, func() {}, nil
	if address == "" {
		return
	}
	ctx, cancel := context.WithCancel(r.mesh.ctx)
	r.stop = cancel
	for _, p := range []purpose{forMessages, forCalls, forUrgent} {
		d := &dialler{remote: r, address: address, purpose: p, wake: make(chan struct{}, 1)}
		r.diallers = append(r.diallers, d)
		r.mesh.running.Go(func() { d.run(ctx) })
	}
}

// caller is the link for calls, or nil.
func (r *remote) caller() *caller { return r.calls.Load() }

// urgentCaller is the link for urgent calls, or the one for all others where there is none: the other node's program may be an earlier one.
func (r *remote) urgentCaller() *caller {
	if c := r.urgent.Load(); c != nil {
		return c
	}
	return r.caller()
}

// wake makes the diallers try at once: the other node is up.
func (r *remote) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range r.diallers {
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
}

// bringing is an incoming link that brings messages.
type bringing struct {
	link *link
	done chan struct{} // closed when the handler heard of its end
}

// bring takes the messages of a link until it breaks. A link that was there before is cut, and has ended before the
// first message of the new one.
func (r *remote) bring(l *link) error {
	b := &bringing{l, make(chan struct{})}
	defer close(b.done)
	r.mu.Lock()
	old := r.brings
	r.brings = b
	r.mu.Unlock()
	if old != nil {
		old.link.cut()
		<-old.done
	}
	h := r.mesh.handler
	h.Connected(r.node)
	r.wake()
	err := l.read(func(f header, payload []byte) error {
		if f.kind != kindMessage {
			return unexpected(f)
		}
		h.Message(r.node, f.shard, payload)
		return nil
	})
	r.mu.Lock()
	newest := r.brings == b
	r.mu.Unlock()
	if newest {
		h.Disconnected(r.node)
	}
	return err
}

// Link is how this node is connected with another one.
type Link struct {
	Node       Node
	Address    string    // "" if this node keeps no links to it
	Up         time.Time // since when messages can be sent; zero if they cannot
	Incoming   int       // links that the other node dialled: 3 if all is well
	QueueBytes int       // what waits to be sent
	Dropped    uint64    // messages that were not sent
	Trouble    string    // why this node's links are down, "" if they are up
}

// Links tells about every node that is a peer or has connected, by number.
func (m *Mesh) Links() []Link {
	all := m.all()
	links := make([]Link, len(all))
	for i, r := range all {
		links[i] = r.status()
	}
	return links
}

func (r *remote) status() Link {
	r.mu.Lock()
	s := Link{Node: r.node, Address: r.address}
	for _, d := range r.diallers {
		s.Trouble = cmp.Or(s.Trouble, d.trouble)
	}
	r.mu.Unlock()
	s.Incoming, s.Dropped, s.QueueBytes = int(r.incoming.Load()), r.dropped.Load(), r.queued()
	if l := r.messages.Load(); l != nil {
		s.Up = l.since
	}
	return s
}

// callers are the links on which this node calls the other one, nil where they are down.
func (r *remote) callers() [2]*caller { return [2]*caller{r.calls.Load(), r.urgent.Load()} }

// queued is how many bytes wait to be sent.
func (r *remote) queued() (n int) {
	if l := r.messages.Load(); l != nil {
		n += l.queue.size()
	}
	for _, c := range r.callers() {
		if c != nil {
			n += c.queue.size()
		}
	}
	return n
}

// up is how many links are up, in both directions.
func (r *remote) up() int {
	n := int(r.incoming.Load())
	if r.messages.Load() != nil {
		n++
	}
	for _, c := range r.callers() {
		if c != nil {
			n++
		}
	}
	return n
}
