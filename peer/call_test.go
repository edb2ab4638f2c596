package peer

import (
	"bytes"
	"context"
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
