package peer

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"time"
)

// A node that does not read costs no more than its queue, and what was taken arrives when it reads again.
func TestNodeThatDoesNotReadIsBounded(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	release := make(chan bool)
	var mu sync.Mutex
	var arrived []int
	two.message = func(_ Node, _ uint32, m []byte) {
		<-release
		mu.Lock()
		defer mu.Unlock()
		arrived = append(arrived, int(binary.LittleEndian.Uint64(m)))
	}
	const bound = 4 << 20
	m1, _ := pair(t, one, two, bound)
	var sent []int
	send := func(size int) bool {
		ok := m1.Send(2, 0, append(number(len(sent)), make([]byte, size-8)...))
		if ok {
			sent = append(sent, len(sent))
		}
		return ok
	}
	// The system's buffers take some; the queue is full when nothing more gets in for a while.
	for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
		if send(100 << 10) {
			end = time.Now().Add(100 * time.Millisecond)
		} else {
			time.Sleep(time.Millisecond)
		}
	}
	if n := m1.Links()[0].QueueBytes; n > bound || n < bound-200<<10 {
		t.Errorf("%d bytes are queued", n)
	}
	if !send(100) || send(100<<10) {
		t.Error("a heartbeat did not get in, or a large message did")
	}
	if s := m1.Links()[0]; s.Dropped == 0 || s.Up.IsZero() {
		t.Errorf("%+v", s)
	}
	close(release)
	eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(arrived) == len(sent)
	}, func() string { return fmt.Sprintf("%d of %d arrived", len(arrived), len(sent)) })
	for i, n := range arrived {
		if n != i {
			t.Fatalf("message %d is number %d", i, n)
		}
	}
}

func TestMessagesThatAreLostWithTheirLinkAreCounted(t *testing.T) {
	a := authority(t)
	breakOff := make(chan bool)
	address := rawServer(t, certify(t, a, 2), hello{version, forMessages, 2, 1}, func(h hello, conn *tls.Conn, _ *frameReader) {
		<-breakOff
		conn.NetConn().Close()
	})
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), QueueBytes: 64 << 20})
	m.SetPeers(map[Node]string{2: address})
	eventually(t, func() bool { return m.find(2).up() == 3 }, func() string { return "no links" })
	q := m.find(2).messages.Load().queue
	m.Send(2, 0, make([]byte, MaxPayload)) // the writer is stuck in it
	eventually(t, func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.taken == q.put
	}, func() string { return "it was not taken" })
	for range 3 {
		m.Send(2, 0, nil)
	}
	close(breakOff)
	eventually(t, func() bool { return m.Links()[0].Dropped == 3 }, func() string { return fmt.Sprintf("%+v", m.Links()) })
}

// Calls that the other side does not read hold no message up.
func TestLargeCallsDoNotDelayMessages(t *testing.T) {
	a := authority(t)
	stuck, done := make(chan bool), make(chan bool)
	defer close(done)
	got := make(chan int, 1)
	address := rawServer(t, certify(t, a, 2), hello{version, forMessages, 2, 1}, func(h hello, _ *tls.Conn, frames *frameReader) {
		if h.purpose == forCalls {
			close(stuck)
			<-done
			return
		}
		for {
			_, b, err := frames.next()
			if err != nil {
				return
			}
			got <- int(binary.LittleEndian.Uint64(b))
		}
	})
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder()})
	m.SetPeers(map[Node]string{2: address})
	eventually(t, func() bool { return m.find(2).up() == 3 }, func() string { return "no links" })
	<-stuck
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() { m.Call(ctx, 2, 0, 0, make([]byte, MaxPayload)) })
	}
	eventually(t, func() bool { return m.find(2).queued() > MaxPayload/2 }, func() string { return "nothing is queued" })
	for i := range 100 {
		if !m.Send(2, 0, number(i)) {
			t.Fatal("a message was refused")
		}
		if n := <-got; n != i {
			t.Errorf("message %d is number %d", i, n)
		}
	}
	if m.find(2).queued() == 0 {
		t.Error("the calls are gone")
	}
	cancel()
	calls.Wait()
}
