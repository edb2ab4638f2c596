// Package router gets commands to the leader of their shard, wherever it is. A command that may or may not have taken
// effect when a leader was lost is sent again if it has an idempotency key, so that whoever waits for the answer sees a
// pause and no error. It keeps nothing and decides nothing: which replica leads is what the replica here has heard.
package router

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
)

// Local is the shard's replica on this node; a *replica.Replica is one.
type Local interface {
	// Submit is as that of *replica.Replica.
	Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error
	// Leader returns who leads, as far as is known here, or 0, and a channel that is closed when that changes.
	Leader() (replica.ID, <-chan struct{})
	// Failed is closed when the replica has stopped because of an error.
	Failed() <-chan struct{}
}

// Remote reaches other nodes.
type Remote interface {
	// Submit has Serve on another node submit the frames of n commands to its replica, by a Request, and returns the answer. Its
	// errors are those of a replica: with replica.ErrNotSubmitted in the chain nothing was done and nothing will be.
	Submit(ctx context.Context, node uint16, commands []byte, n int) ([]byte, error)
}

// Router routes commands of one shard. It may be used concurrently.
type Router struct {
	self     uint16
	local    Local
	remote   Remote
	patience time.Duration
	retried  func()
	waiting  atomic.Int64 // attempts that pause before the next
}

// New returns a router on a node. It goes on trying for as long as patience allows, after which the caller is told. Retried,
// which may be nil, is told of every attempt but the first.
func New(self uint16, local Local, remote Remote, patience time.Duration, retried func()) *Router {
	if retried == nil {
		retried = func() {}
	}
	return &Router{self: self, local: local, remote: remote, patience: patience, retried: retried}
}

const (
	firstPause = time.Millisecond
	mostPause  = 32 * time.Millisecond
	// pauseEach is what every one of those that wait adds to the pause, so that thousands together ask 40,000 times a second and no more:
	// they would take the processor from what they wait for, an election or the handshake of a link.
	pauseEach = 25 * time.Microsecond
)

// Submit puts the frames of n commands through the log of their shard, in order and next to each other, and fills
// replies[:n]. Its error wraps replica.ErrNotSubmitted if surely nothing was done and nothing will be.
func (r *Router) Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	var unsure error // of an attempt that may have taken effect
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		leader, changed := r.local.Leader()
		err := r.try(ctx, leader, changed, commands, n, replies)
		if err == nil {
			return nil
		}
		if !errors.Is(err, replica.ErrNotSubmitted) {
			if !keyed(commands, n) {
				return err
			}
			unsure = err
		}
		if errors.Is(err, replica.ErrOverloaded) || !r.again(ctx, changed, pause) {
			return verdict(unsure, err)
		}
		r.retried()
	}
}

// verdict is the error of attempts of which none succeeded.
func verdict(unsure, last error) error {
	if unsure == nil {
		return last
	}
	return fmt.Errorf("%w; since then: %s", unsure, last.Error()) // which must not say that nothing was done
}

// again waits until there may be a leader that answers, and is false when the time is up or this node stops.
func (r *Router) again(ctx context.Context, changed <-chan struct{}, pause time.Duration) bool {
	among := r.waiting.Add(1)
	defer r.waiting.Add(-1)
	timer := time.NewTimer(max(pause, time.Duration(among)*pauseEach))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
	case <-r.local.Failed():
		return false
	}
	return ctx.Err() == nil
}

// errNoLeader says that nobody is known to lead.
var errNoLeader = fmt.Errorf("nobody leads the shard now: %w", replica.ErrNotSubmitted)

// try asks the leader once. For a command that can be asked for again it does not wait any longer when the channel is
// closed: a leader that stands still or cannot be heard breaks no connection.
func (r *Router) try(ctx context.Context, leader replica.ID, changed <-chan struct{}, commands []byte, n int, replies []exchange.Reply) error {
	switch leader.Node() {
	case 0:
		return errNoLeader
	case r.self:
		return r.local.Submit(ctx, commands, n, replies)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if keyed(commands, n) {
		go func() {
			select {
			case <-changed:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	answer, err := r.remote.Submit(ctx, leader.Node(), commands, n)
	if err != nil {
		return err
	}
	return readAnswer(answer, replies[:n])
}

// keyed reports whether each of n commands has an idempotency key, or the number of a transfer or of a move in its place, so
// that it takes effect once however often it is sent.
func keyed(commands []byte, n int) bool {
	for range n {
		frame, rest, err := wire.Next(commands)
		if err != nil {
			return false
		}
		switch _, key, ok := wire.CommandHead(frame); wire.CommandKind(frame) {
		case exchange.KindReceiveTransfer, exchange.KindReleaseTransfer, exchange.KindSetGroup, exchange.KindCountGroup, exchange.KindFreezeMarket, exchange.KindThawMarket,
			exchange.KindAdoptMarket, exchange.KindAbandonMarket, exchange.KindReleaseMarket:
		default:
			if !ok || key == (exchange.Key{}) {
				return false
			}
		}
		commands = rest
	}
	return true
}
