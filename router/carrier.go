package router

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
)

// Source is the replica of the shard that transfers are sent from, with what it has published; a *replica.Replica with its
// View is one.
type Source interface {
	Leader() (replica.ID, <-chan struct{})
	Seq() exchange.Seq
	WaitSeq(ctx context.Context, seq exchange.Seq) error
	// Fresh returns when all that was published before the call, and more, is where it cannot be lost any more.
	Fresh(ctx context.Context) error
	Outbox() []exchange.Transfer
}

// Submitter gets commands to the leader of a shard; a *Router is one.
type Submitter interface {
	Submit(ctx context.Context, commands []byte, n int, replies []exchange.Reply) error
}

// Carrier carries transfers from one shard to another, in steps that package courier decides. There may be any number of
// them for the same two shards, and each may end at any place: another one goes on. So every node has one, which works
// while the source is led there.
type Carrier struct {
	From, To    exchange.ShardID
	Self        uint16 // the node
	Source      Source
	Departures  Submitter // to the source
	Destination Submitter
	Log         *slog.Logger
}

const (
	atOnce = 256 // commands in one submission

	// A source is looked at when something happened there, and then not again for a moment: a lone transfer waits for
	// nobody, and one among many orders for a moment at most.
	moment = time.Millisecond

	worstPause = time.Second // between attempts that fail
)

// Run carries transfers until ctx ends.
func (c *Carrier) Run(ctx context.Context) {
	route := courier.Route{From: c.From, To: c.To}
	pause := firstPause
	for ctx.Err() == nil {
		leader, changed := c.Source.Leader()
		if leader.Node() != c.Self {
			// What the destination has may be asked for again: nothing that this one knew can have become false.
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		seen := c.Source.Seq()
		idle, err := c.step(ctx, &route, c.Source.Outbox())
		switch {
		case err != nil && ctx.Err() == nil:
			c.Log.Warn("a transfer between shards waits", "from", c.From, "to", c.To, "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, worstPause)
		case idle:
			c.await(ctx, seen, changed)
			sleep(ctx, moment)
		default:
			pause = firstPause
		}
	}
}

// await waits until the source may have something more, or is led elsewhere.
func (c *Carrier) await(ctx context.Context, seen exchange.Seq, changed <-chan struct{}) {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-changed:
			cancel()
		case <-stop:
		}
	}()
	_ = c.Source.WaitSeq(waiting, seen+1) // whatever ends it, the caller looks again
}

// step does what is next, and reports whether there was nothing to do.
func (c *Carrier) step(ctx context.Context, route *courier.Route, outbox []exchange.Transfer) (idle bool, err error) {
	deliver := route.Deliver(outbox, atOnce)
	if len(deliver) > 0 { // what is published may not have reached the source's synchronous copies
		if err := sure(ctx, c.Source); err != nil {
			return false, err
		}
	}
	replies, err := submitAll(ctx, c.Destination, deliver)
	if err != nil {
		return false, err
	}
	for i, reply := range replies {
		route.Answered(deliver[i], reply)
		if reply.Code != exchange.Accepted {
			err = &refusedError{deliver[i].Number, reply.Code}
			break
		}
	}
	release := route.Release(outbox, atOnce)
	replies, failed := submitAll(ctx, c.Departures, release)
	for i, reply := range replies {
		if reply.Code != exchange.Accepted && failed == nil {
			failed = &refusedError{release[i].Number, reply.Code}
		}
	}
	if n := len(replies); failed == nil && n > 0 { // the next look at the outbox is to be without them
		failed = c.Source.WaitSeq(ctx, replies[n-1].Seq)
	}
	return len(deliver)+len(release) == 0, errors.Join(err, failed)
}

// refusedError is why a shard does not take a step.
type refusedError struct {
	number uint64
	code   exchange.Reject
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("transfer %d was refused: %v", e.number, e.code)
}

func submitAll[C exchange.Command](ctx context.Context, to Submitter, all []C) ([]exchange.Reply, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var frames []byte
	for _, cmd := range all {
		var err error
		if frames, err = wire.AppendCommand(frames, cmd); err != nil {
			return nil, err
		}
	}
	replies := make([]exchange.Reply, len(all))
	if err := to.Submit(ctx, frames, len(all), replies); err != nil {
		return nil, err
	}
	return replies, nil
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
