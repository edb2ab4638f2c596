package node

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/replica"
)

// stage is a shard whose leader and answers a test sets.
type stage struct {
	*testing.T
	leader replica.ID
	answer error
	tried  int
	*breaker
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t, leader: 1}
	s.breaker = newBreaker(func() replica.ID { return s.leader })
	return s
}

func (s *stage) Submit(context.Context, []byte, int, []exchange.Reply) error {
	s.tried++
	return s.answer
}

// send submits a command and reports whether the shard was asked.
func (s *stage) send(ctx context.Context, cmd exchange.Command) bool {
	s.Helper()
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		s.Fatal(err)
	}
	before := s.tried
	err = s.submit(ctx, s, frame, 1, nil)
	if asked := s.tried > before; !asked && !(errors.Is(err, gateway.ErrNoLeader) && errors.Is(err, gateway.ErrNotSubmitted)) {
		s.Errorf("not asked: %v", err)
	}
	return s.tried > before
}

var (
	order     = &exchange.PlaceOrder{Account: 1, Market: 1, Price: 1, Quantity: 1}
	cancel    = &exchange.CancelOrder{Account: 1, Market: 1, Order: 1}
	errNobody = fmt.Errorf("nobody leads: %w", replica.ErrNotSubmitted)
)

func (s *stage) lose() {
	s.Helper()
	s.leader, s.answer = 0, errNobody
	for i := range breakerFailures {
		if !s.send(s.Context(), order) {
			s.Fatalf("shut after %d failures", i)
		}
	}
	if s.send(s.Context(), order) {
		s.Fatal("not shut")
	}
}

func TestShardThatDoesNotAnswerIsShut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		s.lose()
		if !s.send(t.Context(), cancel) {
			t.Error("a cancel was not let through")
		}
		time.Sleep(breakerPause - 1)
		if s.send(t.Context(), order) {
			t.Error("tried before the time")
		}
		time.Sleep(time.Nanosecond)
		if !s.send(t.Context(), order) {
			t.Fatal("not tried in time")
		}
		if s.answer = nil; s.send(t.Context(), order) {
			t.Error("a try that failed must shut it again")
		}
		time.Sleep(breakerPause)
		for range breakerProbes + 100 {
			if !s.send(t.Context(), order) {
				t.Fatal("shut though it answers")
			}
		}
	})
}

// Nobody waits for the time when another leader is heard of.
func TestNewLeaderOpensTheShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		s.lose()
		s.leader, s.answer = 2, nil
		for range breakerProbes + 1 {
			if !s.send(t.Context(), order) {
				t.Fatal("still shut")
			}
		}
		// A leader that is there and cannot answer is not another one.
		s.answer = replica.ErrLost
		for range breakerFailures {
			s.send(t.Context(), order)
		}
		if s.send(t.Context(), order) {
			t.Error("not shut")
		}
	})
}

// What is no fault of the shard does not shut it.
func TestWhatDoesNotShutAShard(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	for name, test := range map[string]struct {
		ctx context.Context
		err error
	}{
		"it is overloaded":   {t.Context(), replica.ErrOverloaded},
		"the caller is gone": {gone, context.Canceled},
		"the node stops":     {t.Context(), replica.ErrStopping},
	} {
		s := newStage(t)
		s.answer = test.err
		for range 10 * breakerFailures {
			if !s.send(test.ctx, order) {
				t.Errorf("%s: shut", name)
			}
		}
	}
	s := newStage(t)
	s.answer, s.leader = context.Canceled, 0 // callers who had enough of waiting
	for range breakerFailures {
		s.send(gone, order)
	}
	if s.send(gone, order) {
		t.Error("callers go because nobody leads, and it is not shut")
	}
}
