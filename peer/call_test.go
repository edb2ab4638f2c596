package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"testing"
)

func TestCallsRunConcurrentlyAndGetTheirAnswers(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	const count = 500
	var all sync.WaitGroup // every call waits for every other
	all.Add(count)
	two.call = func(_ context.Context, from Node, shard uint32, method uint8, request []byte) ([]byte, error) {
		all.Done()
		all.Wait()
		return append([]byte{byte(from), byte(shard), method}, request...), nil
	}
	m1, _ := pair(t, one, two, 0)
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() {
			request := bytes.Repeat(number(i), 1+i%40)
			answer, err := m1.Call(t.Context(), 2, uint32(i%256), uint8(i), request)
			if want := append([]byte{1, byte(i), byte(i)}, request...); err != nil || !bytes.Equal(answer, want) {
				t.Errorf("call %d: %x, %v, want %x", i, answer, err, want)
			}
		})
	}
	wg.Wait()
}

func TestErrorsOfTheHandlerComeBack(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	two.call = func(_ context.Context, _ Node, _ uint32, method uint8, _ []byte) ([]byte, error) {
		switch method {
		case 1:
			return nil, &RemoteError{7, "not the leader"}
		case 2:
			return nil, errors.New("a disk broke")
		}
		return make([]byte, MaxPayload+1), nil
	}
	m1, _ := pair(t, one, two, 0)
	for method, want := range map[uint8]RemoteError{
		1: {7, "not the leader"},
		2: {CodeFailed, "a disk broke"},
		3: {CodeTooLong, "an answer of 16777217 bytes, more than 16777216"},
	} {
		_, err := m1.Call(t.Context(), 2, 0, method, nil)
		if remote, ok := errors.AsType[*RemoteError](err); !ok || *remote != want || errors.Is(err, ErrNotSent) {
			t.Errorf("method %d: %v, want %+v", method, err, want)
		}
	}
}

func TestCallerThatGivesUpEndsTheCall(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	began, ended := make(chan bool), make(chan error)
	two.call = func(ctx context.Context, _ Node, _ uint32, method uint8, _ []byte) ([]byte, error) {
		if method == 0 {
			return nil, nil
		}
		began <- true
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}
	m1, _ := pair(t, one, two, 0)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := m1.Call(ctx, 2, 0, 1, nil)
		result <- err
	}()
	<-began
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) || errors.Is(err, ErrNotSent) {
		t.Errorf("the caller got %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler's context: %v", err)
	}
	if n := waitingCalls(m1, 2); n != 0 {
		t.Errorf("%d calls wait", n)
	}
	if _, err := m1.Call(ctx, 2, 0, 1, nil); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrNotSent) {
		t.Errorf("a call that was over before it began: %v", err)
	}
	if _, err := m1.Call(t.Context(), 2, 0, 0, nil); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// When a link breaks, a call that was given to it may have been carried out, and one that still waited was not sent.
func TestLostCallsSayWhetherTheyWereSent(t *testing.T) {
	a := authority(t)
	read, breakOff := make(chan bool), make(chan bool)
	address := rawServer(t, certify(t, a, 2), hello{version, forCalls, 2, 1}, func(h hello, conn *tls.Conn, frames *frameReader) {
		if h.purpose == forCalls {
			frames.next()
			read <- true
			<-breakOff
			conn.NetConn().Close()
		}
	})
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), QueueBytes: 64 << 20})
	m.SetPeers(map[Node]string{2: address})
	eventually(t, func() bool { return m.find(2).up() == 3 }, func() string { return "no links" })
	first, large, last := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	call := func(size int, result chan error) {
		waiting := waitingCalls(m, 2)
		go func() {
			_, err := m.Call(context.Background(), 2, 0, 0, make([]byte, size))
			result <- err
		}()
		eventually(t, func() bool { return waitingCalls(m, 2) > waiting }, func() string { return "no call" })
	}
	call(10, first)
	<-read
	call(MaxPayload, large) // the writer is stuck in it
	q := m.find(2).calls.Load().queue
	eventually(t, func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.taken == q.put
	}, func() string { return "it was not taken" })
	call(10, last)
	close(breakOff)
	for name, c := range map[string]struct {
		result  chan error
		notSent bool
	}{"first": {first, false}, "large": {large, false}, "last": {last, true}} {
		if err := <-c.result; err == nil || errors.Is(err, ErrNotSent) != c.notSent {
			t.Errorf("the %s call: %v", name, err)
		}
	}
}

func TestCallsThatAreNotSentSaySo(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	m1, _ := pair(t, one, two, 0)
	for name, c := range map[string]struct {
		to   Node
		size int
	}{"nobody": {9, 0}, "itself": {1, 0}, "too long": {2, MaxPayload + 1}} {
		if _, err := m1.Call(t.Context(), c.to, 0, 0, make([]byte, c.size)); !errors.Is(err, ErrNotSent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTooManyCallsAreTurnedAway(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	release := make(chan bool)
	var began sync.WaitGroup
	began.Add(maxCalls)
	two.call = func(context.Context, Node, uint32, uint8, []byte) ([]byte, error) {
		began.Done()
		<-release
		return nil, nil
	}
	m1, _ := pair(t, one, two, 0)
	var calls sync.WaitGroup
	for range maxCalls {
		calls.Go(func() {
			if _, err := m1.Call(t.Context(), 2, 0, 0, nil); err != nil {
				t.Error(err)
			}
		})
	}
	began.Wait()
	_, err := m1.Call(t.Context(), 2, 0, 0, nil)
	if remote, ok := errors.AsType[*RemoteError](err); !ok || remote.Code != CodeOverload {
		t.Errorf("one call more: %v", err)
	}
	began.Add(1)
	close(release)
	calls.Wait()
	if _, err := m1.Call(t.Context(), 2, 0, 0, nil); err != nil {
		t.Errorf("a call after that: %v", err)
	}
}

func TestRequestsHeldAreBounded(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	release, began := make(chan bool), make(chan bool)
	two.call = func(_ context.Context, _ Node, _ uint32, _ uint8, request []byte) ([]byte, error) {
		began <- true
		<-release
		return nil, nil
	}
	m1, _ := pair(t, one, two, 0)
	var calls sync.WaitGroup
	for range maxRequestBytes / MaxPayload {
		calls.Go(func() {
			if _, err := m1.Call(t.Context(), 2, 0, 0, make([]byte, MaxPayload)); err != nil {
				t.Error(err)
			}
		})
		<-began
	}
	_, err := m1.Call(t.Context(), 2, 0, 0, make([]byte, 1))
	if remote, ok := errors.AsType[*RemoteError](err); !ok || remote.Code != CodeOverload {
		t.Errorf("one call more: %v", err)
	}
	close(release)
	calls.Wait()
	go func() { <-began }()
	if _, err := m1.Call(t.Context(), 2, 0, 0, make([]byte, MaxPayload)); err != nil {
		t.Errorf("a call after that: %v", err)
	}
}
