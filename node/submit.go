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
	to interface {
		Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error
	}
	replica *replica.Replica
}

func (s submitter) Submit(ctx context.Context, commands []byte, count int, replies []exchange.Reply) error {
	err := s.to.Submit(ctx, commands, count, replies)
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
