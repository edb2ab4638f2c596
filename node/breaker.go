package node

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/replica"
)

// When a shard does not answer, what comes next is refused at once instead of piling up behind it.
const (
	breakerFailures = 5                // one after the other
	breakerPause    = 30 * time.Second // before it is tried again, unless another leader is heard of
	breakerProbes   = 3                // tries that must succeed
)

// breaker keeps commands from a shard whose log does not answer. Cancels are let through: they have room of their own, wait for
// as long as a leader may take, and are then done.
type breaker struct {
	circuitbreaker.CircuitBreaker[any]
	leader func() replica.ID // as far as is known here; 0: none
	failed atomic.Uint64     // who led when it was last given up
}

func newBreaker(leader func() replica.ID) *breaker {
	b := &breaker{leader: leader}
	b.CircuitBreaker = circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(breakerFailures).WithDelay(breakerPause).WithSuccessThreshold(breakerProbes).Build()
	return b
}

// enter reports whether a command may go to the shard, whose outcome is then to be told.
func (b *breaker) enter() bool {
	if b.TryAcquirePermit() {
		return true
	}
	if now := b.leader(); b.IsOpen() && now != 0 && uint64(now) != b.failed.Load() { // no reason to wait any longer
		b.HalfOpen()
		return b.TryAcquirePermit()
	}
	return false
}

// tell takes in what became of a command. A shard that has too much to do answers; whether one answers whose caller has gone
// shows by whether it is led.
func (b *breaker) tell(ctx context.Context, err error) {
	leader := b.leader()
	answers := err == nil || errors.Is(err, replica.ErrOverloaded) || errors.Is(err, replica.ErrStopping) || ctx.Err() != nil && leader != 0
	if answers {
		b.RecordSuccess()
		return
	}
	b.failed.Store(uint64(leader))
	b.RecordFailure()
}

var errShut = fmt.Errorf("%w: the shard has not answered lately", gateway.ErrNoLeader)

// submit submits commands unless the shard does not answer.
func (b *breaker) submit(ctx context.Context, to submits, commands []byte, n int, replies []exchange.Reply) error {
	if wire.OnlyCancels(commands, n) {
		return to.Submit(ctx, commands, n, replies)
	}
	if !b.enter() {
		return errShut
	}
	err := to.Submit(ctx, commands, n, replies)
	b.tell(ctx, err)
	return err
}
