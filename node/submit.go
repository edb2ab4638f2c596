package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/tracing"
)

// submitter lets the gateway submit commands to a shard, and wait for fresh reads.
type submitter struct {
	to      submits
	replica *replica.Replica
	breaker *breaker
	tracer  *tracing.Tracer
	shard   exchange.ShardID
}

// newSubmitter submits to a replica here, until another way is set.
func newSubmitter(id exchange.ShardID, r *replica.Replica, t *tracing.Tracer) submitter {
	return submitter{to: r, replica: r, tracer: t, shard: id, breaker: newBreaker(func() replica.ID {
		leader, _ := r.Leader()
		return leader
	})}
}

// submits is a router, or the replica of an exchange that is one node.
type submits interface {
	Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error
}

func (s submitter) Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error {
	if s.tracer.Followed(ctx) {
		within, span := s.tracer.Within(ctx, "router", attribute.Int("hustings.shard", int(s.shard)), attribute.Int("hustings.commands", count))
		defer span.End()
		ctx = within
	}
	err := s.breaker.submit(ctx, s.to, commands, count, replies)
	if errors.Is(err, replica.ErrNotSubmitted) {
		return fmt.Errorf("%w: %w", gateway.ErrNotSubmitted, err)
	}
	return err
}

func (s submitter) Fresh(ctx context.Context) error { return s.replica.Fresh(ctx) }

// here is the replica of a shard for its router. Where another one has failed, the node is about to stop or to begin anew, and
// whoever waits is told at once.
type here struct {
	*replica.Replica
	failed <-chan struct{} // of the node
}

func (h here) Failed() <-chan struct{} { return h.failed }

// queueFill is which share of the fullest queue of a shard's log here is taken.
func (n *Node) queueFill() (fill float64) {
	for _, h := range n.shards.all() {
		fill = max(fill, h.replica.QueueFill())
	}
	return fill
}

// traceStages makes what follows a command through the log of a shard; nil where no request is followed.
func traceStages(t *tracing.Tracer) func(context.Context) func(replica.Stage, time.Time, time.Time) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context) func(replica.Stage, time.Time, time.Time) {
		if !t.Followed(ctx) {
			return nil
		}
		return func(s replica.Stage, begun, ended time.Time) { t.Past(ctx, s.String(), begun, ended) }
	}
}
