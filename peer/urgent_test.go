package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"testing"
)

// Urgent calls go through where the link for calls is full because the other side does not read it.
func TestUrgentCallsPassCallsThatAreNotRead(t *testing.T) {
	a := authority(t)
	done := make(chan bool)
	defer close(done)
	address := rawServer(t, certify(t, a, 2), hello{version, forCalls, 2, 1}, func(h hello, conn *tls.Conn, frames *frameReader) {
		if h.purpose != forUrgent {
			<-done
			return
		}
		for {
			f, b, err := frames.next()
			if err != nil {
				return
			}
			conn.Write(frame(header{kind: kindAnswer, id: f.id}, b))
		}
	})
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), QueueBytes: 1 << 20})
	m.SetPeers(map[Node]string{2: address})
	eventually(t, func() bool { return m.find(2).up() == 3 }, func() string { return "no links" })
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	defer calls.Wait()
	defer cancel()
	full := make(chan bool, 1)
	for range 2 { // until the queue takes no more, though the writer is stuck in what it has
		calls.Go(func() {
			for ctx.Err() == nil {
				if _, err := m.Call(ctx, 2, 0, 0, make([]byte, MaxPayload)); errors.Is(err, ErrNotSent) && ctx.Err() == nil {
					select {
					case full <- true:
					default:
					}
					<-ctx.Done()
				}
			}
		})
	}
	<-full
	request := bytes.Repeat([]byte("cancel"), 100)
	for range 100 {
		answer, err := m.CallUrgent(t.Context(), 2, 0, 0, request)
		if err != nil || !bytes.Equal(answer, request) {
			t.Fatalf("%d bytes, %v", len(answer), err)
		}
	}
	if _, err := m.Call(t.Context(), 2, 0, 0, make([]byte, MaxPayload)); !errors.Is(err, ErrNotSent) {
		t.Errorf("the link for calls is not full: %v", err)
	}
}

// Of urgent calls none is turned away, neither because of others nor because of how many they are themselves.
func TestUrgentCallsAreNotTurnedAway(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	const normal, urgent = 0, 1
	hold := make(chan bool)
	release := sync.OnceFunc(func() { close(hold) })
	defer release()
	began, asked := make(chan bool, maxCalls), make(chan bool, maxCalls+100)
	two.call = func(_ context.Context, _ Node, _ uint32, method uint8, request []byte) ([]byte, error) {
		if method == normal {
			began <- true
		} else {
			asked <- true
		}
		<-hold
		return request, nil
	}
	m1, _ := pair(t, one, two, 64<<10)
	var calls sync.WaitGroup
	call := func(do func(context.Context, Node, uint32, uint8, []byte) ([]byte, error), method uint8, size int) {
		calls.Go(func() {
			request := make([]byte, size)
			if answer, err := do(t.Context(), 2, 0, method, request); err != nil || len(answer) != size {
				t.Errorf("method %d: %d bytes, %v", method, len(answer), err)
			}
		})
	}
	for range maxCalls {
		call(m1.Call, normal, 0)
	}
	eventually(t, func() bool { return t.Failed() || len(began) == maxCalls }, func() string { return fmt.Sprintf("%d calls run", len(began)) })
	if _, err := m1.Call(t.Context(), 2, 0, normal, nil); !isOverload(err) {
		t.Errorf("one call more: %v", err)
	}
	for range maxCalls + 100 { // together more than a queue takes
		call(m1.CallUrgent, urgent, 2000)
	}
	eventually(t, func() bool { return t.Failed() || len(asked) == maxCalls+100 }, func() string { return fmt.Sprintf("%d have come", len(asked)) })
	release()
	calls.Wait()
}

func isOverload(err error) bool {
	remote, ok := errors.AsType[*RemoteError](err)
	return ok && remote.Code == CodeOverload
}

// An earlier program knows no links for urgent calls. They go over the other one then, and it is not said that a link has come up and broken.
func TestUrgentCallsToAnEarlierProgram(t *testing.T) {
	a := authority(t)
	base, self, err := LoadCredentials(certify(t, a, 2))
	if err != nil {
		t.Fatal(err)
	}
	earlier := serverConfig(base, self)
	earlier.NextProtos = []string{linkProtocol, bulkProtocol}
	address := acceptRaw(t, earlier, func(h hello, conn *tls.Conn, frames *frameReader) {
		hello{version, h.purpose, 2, 1}.write(conn)
		for {
			f, b, err := frames.next()
			if err != nil {
				return
			}
			conn.Write(frame(header{kind: kindAnswer, id: f.id}, b))
		}
	})
	var log lines
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), Log: log.logger()})
	m.SetPeers(map[Node]string{2: address})
	eventually(t, func() bool { return m.find(2).up() == 2 }, func() string { return "no links" })
	log.want(t, "no application protocol")
	if answer, err := m.CallUrgent(t.Context(), 2, 0, 0, []byte("cancel")); err != nil || string(answer) != "cancel" {
		t.Errorf("%q, %v", answer, err)
	}
	if bytes.Contains([]byte(log.String()), []byte("connection lost")) {
		t.Errorf("a link has broken:\n%s", log.String())
	}
}
