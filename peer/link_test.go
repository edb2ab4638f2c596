package peer

import (
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// A process that is killed is told at once, and so is a call to it; when it is there again the links come back.
func TestKilledProcessIsTold(t *testing.T) {
	a := authority(t)
	dir := filepath.Dir(certify(t, a, 2).Key)
	r := newRecorder()
	var last atomic.Int64
	r.message = func(_ Node, _ uint32, m []byte) { last.Store(int64(binary.LittleEndian.Uint64(m))) }
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: r})
	for range 2 {
		process, address := child(t, dir, m)
		m.SetPeers(map[Node]string{2: address})
		r.want(t, "up 2")
		whole(t, m, 2)
		last.Store(0)
		eventually(t, func() bool { return last.Load() > 10 }, func() string { return "no messages" })
		called := make(chan error)
		go func() {
			_, err := m.Call(context.Background(), 2, 0, 0, nil)
			called <- err
		}()
		eventually(t, func() bool { return waitingCalls(m, 2) == 1 && m.find(2).queued() == 0 }, func() string { return "no call" })
		killed := time.Now()
		process.Process.Kill()
		r.want(t, "down 2")
		t.Logf("told %v after the kill", time.Since(killed))
		if err := <-called; err == nil || errors.Is(err, ErrNotSent) {
			t.Errorf("a call that may have been carried out ended with: %v", err)
		}
		eventually(t, func() bool { return m.find(2).up() == 0 }, func() string { return "links are up" })
		if _, err := m.Call(t.Context(), 2, 0, 0, nil); !errors.Is(err, ErrNotSent) {
			t.Errorf("a call without a link: %v", err)
		}
		if m.Send(2, 0, nil) {
			t.Error("a message was taken without a link")
		}
	}
}

func waitingCalls(m *Mesh, n Node) int {
	c := m.find(n).calls.Load()
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting)
}

func TestNodeThatRestartsIsConnectedAgain(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	arrived := make(chan byte, 100)
	two.message = func(_ Node, _ uint32, m []byte) { arrived <- m[0] }
	a := authority(t)
	m1 := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: one})
	c2 := Config{Self: 2, Credentials: certify(t, a, 2), Handler: two}
	var address string
	for i := range byte(3) {
		if address != "" {
			c2.Listener = listen(t, address)
		}
		m2 := start(t, c2)
		address = m2.address()
		m1.SetPeers(map[Node]string{1: m1.address(), 2: address})
		m2.SetPeers(map[Node]string{1: m1.address(), 2: address})
		one.want(t, "up 2")
		two.want(t, "up 1")
		whole(t, m1, 2)
		if l := m1.Links()[0]; l.Trouble != "" {
			t.Errorf("%+v", l)
		}
		if !m1.Send(2, 0, []byte{i}) {
			t.Fatal("not sent")
		}
		if got := <-arrived; got != i {
			t.Errorf("got %d, want %d", got, i)
		}
		m2.Close()
		one.want(t, "down 2")
		two.want(t, "down 1")
	}
}

func TestNewerLinkReplacesAnOlderOne(t *testing.T) {
	a := authority(t)
	r := newRecorder()
	got := make(chan string, 10)
	hold := make(chan bool)
	r.message = func(_ Node, _ uint32, m []byte) {
		if string(m) == "old" {
			<-hold
		}
		got <- string(m)
	}
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: r})
	c := certify(t, a, 2)
	older, _ := rawLink(t, c, m.address(), hello{version, forMessages, 2, 1})
	r.want(t, "up 2")
	older.Write(frame(header{kind: kindMessage}, []byte("old")))
	newer, _ := rawLink(t, c, m.address(), hello{version, forMessages, 2, 1})
	newer.Write(frame(header{kind: kindMessage}, []byte("new")))
	select {
	case m := <-got:
		t.Errorf("message %q came while one of the older link was being handled", m)
	case <-time.After(10 * time.Millisecond):
	}
	close(hold)
	r.want(t, "up 2")
	if first, second := <-got, <-got; first != "old" || second != "new" {
		t.Errorf("came %q, then %q", first, second)
	}
	newer.NetConn().Close()
	r.want(t, "down 2")
}

func TestPeersComeGoAndMove(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	arrived := make(chan bool, 100)
	two.message = func(Node, uint32, []byte) { arrived <- true }
	m1, m2 := pair(t, one, two, 0)
	m1.SetPeers(nil)
	two.want(t, "down 1")
	eventually(t, func() bool { return m1.find(2).up() == 3 }, func() string { return "links to it are up" })
	if m1.Send(2, 0, nil) {
		t.Error("sent to a node that was let go")
	}
	if _, err := m1.Call(t.Context(), 2, 0, 0, nil); !errors.Is(err, ErrNotSent) {
		t.Error(err)
	}
	// An address where nobody is; then the right one.
	nobody := listen(t, "127.0.0.1:0")
	nobody.Close()
	m1.SetPeers(map[Node]string{2: nobody.Addr().String()})
	eventually(t, func() bool { return m1.Links()[0].Trouble != "" }, func() string { return "no trouble" })
	m1.SetPeers(map[Node]string{2: m2.address()})
	two.want(t, "up 1")
	whole(t, m1, 2)
	if l := m1.Links()[0]; l.Address != m2.address() || l.Trouble != "" || l.Node != 2 || l.Incoming != 3 {
		t.Errorf("%+v", l)
	}
	if !m1.Send(2, 0, nil) || !<-arrived {
		t.Error("not sent")
	}
}

func TestLinkEndsWhenItBringsWhatItMustNot(t *testing.T) {
	a := authority(t)
	var log lines
	r := newRecorder()
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: r, Log: log.logger()})
	for p, want := range map[purpose]string{forMessages: "kind 4", forCalls: "kind 2"} {
		kind := map[purpose]uint8{forMessages: kindAnswer, forCalls: kindMessage}[p]
		conn, frames := rawLink(t, certify(t, a, 2), m.address(), hello{version, p, 2, 1})
		conn.Write(frame(header{kind: kind}, nil))
		if _, _, err := frames.next(); err == nil {
			t.Error("it goes on")
		}
		log.want(t, "an unexpected frame of "+want)
	}
}
