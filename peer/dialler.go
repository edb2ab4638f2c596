package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// dialTimeout bounds everything until both sides have said hello.
	dialTimeout = time.Second
	backoffMin  = 20 * time.Millisecond
	backoffMax  = time.Second
	// An earlier program knows no links for urgent calls. It is seldom asked, and at once when it was started again.
	backoffUrgent = 10 * time.Second

	unbounded = math.MaxInt / 2 // bytes
)

// dialler keeps one link to another node.
type dialler struct {
	remote  *remote
	address string
	purpose purpose
	wake    chan struct{} // the other node is up: try at once
	logged  []string      // troubles that were logged since the link was up
	trouble string        // why the link is down, "" while it is up; guarded by remote.mu
}

// run dials, serves the link until it breaks, and dials again, until the context ends.
func (d *dialler) run(ctx context.Context) {
	wait, most := backoffMin, backoffMax
	if d.purpose == forUrgent {
		most = backoffUrgent
	}
	for {
		began := time.Now()
		up, err := d.once(ctx)
		if ctx.Err() != nil {
			return
		}
		d.report(up, err)
		if time.Since(began) > backoffMax+dialTimeout { // and not a link that breaks whenever it comes up
			wait = backoffMin
		}
		timer := time.NewTimer(wait/2 + rand.N(wait/2)) // so that nodes do not try in step
		select {
		case <-timer.C:
			wait = min(2*wait, most)
		case <-d.wake:
			wait = backoffMin
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// once returns when the link broke, or did not come up.
func (d *dialler) once(ctx context.Context) (up bool, err error) {
	r := d.remote
	conn, frames, err := d.connect(ctx)
	if err != nil {
		return false, err
	}
	l := newLink(r, conn, frames, d.queueBytes())
	d.setTrouble("")
	d.logged = nil
	r.mesh.log.Info("connected", "node", r.node, "address", d.address, "for", d.purpose)
	switch d.purpose {
	case forCalls:
		return true, callOver(ctx, l, &r.calls)
	case forUrgent:
		return true, callOver(ctx, l, &r.urgent)
	}
	r.messages.Store(l)
	defer r.messages.CompareAndSwap(l, nil)
	err = l.run(ctx, func(f header, _ []byte) error { return unexpected(f) })
	dropped, _ := l.queue.lost()
	r.dropped.Add(uint64(dropped))
	return true, err
}

// queueBytes is how much may wait on the link.
func (d *dialler) queueBytes() int {
	if d.purpose == forUrgent {
		return unbounded
	}
	return d.remote.mesh.queueBytes
}

// callOver has calls go over a link until it breaks.
func callOver(ctx context.Context, l *link, up *atomic.Pointer[caller]) error {
	c := newCaller(l)
	up.Store(c)
	defer up.CompareAndSwap(c, nil)
	return c.run(ctx)
}

func unexpected(f header) error { return fmt.Errorf("an unexpected frame of kind %d", f.kind) }

func (d *dialler) connect(ctx context.Context) (net.Conn, *frameReader, error) {
	m, n := d.remote.mesh, d.remote.node
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := m.dial(ctx, n, d.address, d.purpose.protocol())
	if err != nil {
		return nil, nil, err
	}
	frames, err := greet(ctx, conn, hello{version, d.purpose, m.self, n})
	if err != nil {
		cut(conn)
		return nil, nil, err
	}
	return conn, frames, nil
}

// greet says hello on a new connection and waits for the other side's.
func greet(ctx context.Context, conn net.Conn, own hello) (*frameReader, error) {
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if err := own.write(conn); err != nil {
		return nil, err
	}
	frames := newFrameReader(conn)
	h, err := readHello(frames)
	if err == nil {
		err = h.check(own.to, own.from)
	}
	if err != nil {
		return nil, err
	}
	return frames, conn.SetDeadline(time.Time{})
}

// dial connects to a node and makes sure that it is the one. The connection ends with the mesh.
func (m *Mesh) dial(ctx context.Context, n Node, address, protocol string) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(m.bind(raw), clientConfig(m.source.Current(), m.self, n, protocol))
	err = errors.Join(tune(raw), conn.HandshakeContext(ctx))
	if err == nil {
		err = m.admit(conn)
	}
	if err != nil {
		cut(conn)
		return nil, err
	}
	return conn, nil
}

// report logs why a link is down, once for each reason.
func (d *dialler) report(up bool, err error) {
	r, text := d.remote, reason(err)
	d.setTrouble(text)
	if up {
		r.mesh.log.Warn("connection lost", "node", r.node, "address", d.address, "for", d.purpose, "reason", text)
	} else if !slices.Contains(d.logged, text) {
		d.logged = append(d.logged, text)
		r.mesh.log.Warn("cannot connect", "node", r.node, "address", d.address, "for", d.purpose, "reason", text)
	}
}

func (d *dialler) setTrouble(text string) {
	d.remote.mu.Lock()
	defer d.remote.mu.Unlock()
	d.trouble = text
}
