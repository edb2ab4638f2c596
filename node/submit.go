package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/replica"
)

// submitter lets the gateway submit commands to a shard, and wait for fresh reads.
type submitter struct {
	to      submits
	replica *replica.Replica
	breaker *breaker
}

// newSubmitter submits to a replica here, until another way is set.
func newSubmitter(r *replica.Replica) submitter {
	return submitter{to: r, replica: r, breaker: newBreaker(func() replica.ID {
		leader, _ := r.Leader()
		return leader
	})}
}

// submits is a router, or the replica of an exchange that is one node.
type submits interface {
	Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error
}

func (s submitter) Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error {
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
