package lobster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/journal/merkle"
)

// Journals that cannot be read as files are checked by their proofs.
const (
	proofsAtOnce = 16
	checkpointIn = 30 * time.Second // by then a checkpoint must cover what was just traded
	pollTime     = 200 * time.Millisecond
)

// Prove fetches the proof of every trade of an audit and checks that it is in the journal that the exchange signs, with
// the same orders, price and quantity. An error that wraps ErrDisproved means that a trade is not.
func (o *Outcome) Prove(ctx context.Context, a *Audit) error {
	if len(a.Trades) == 0 {
		return nil
	}
	verifier, err := o.awaitCheckpoint(ctx, a.Trades[len(a.Trades)-1].Seq)
	if err != nil {
		return err
	}
	parties := make(map[api.ID]*client.Client) // of maker orders
	for _, t := range o.Traders {
		err := eachFill(ctx, t, o, func(f api.Fill) { parties[f.Order] = t.Client })
		if err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(proofsAtOnce)
	for _, t := range a.Trades {
		group.Go(func() error { return prove(ctx, parties[t.Maker], t, verifier) })
	}
	return group.Wait()
}

// ErrDisproved says that the journal does not have a trade as it was reported.
var ErrDisproved = errors.New("the journal disagrees")

// awaitCheckpoint waits until a checkpoint covers seq, and returns what verifies its signature.
func (o *Outcome) awaitCheckpoint(ctx context.Context, seq api.ID) (note.Verifier, error) {
	c := o.Traders[Maker].Client
	deadline := time.Now().Add(checkpointIn)
	for {
		head, err := c.Checkpoint(ctx)
		if err == nil && head.Size >= uint64(seq) {
			return note.NewVerifier(head.Key)
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(fmt.Errorf("no checkpoint covers seq %s after %v", seq, checkpointIn), err)
		}
		select {
		case <-time.After(pollTime):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func prove(ctx context.Context, c *client.Client, t Trade, verifier note.Verifier) error {
	answer, err := c.TradeProof(ctx, t.Seq)
	if err != nil {
		return fmt.Errorf("fetching the proof of the trade at seq %s: %w", t.Seq, err)
	}
	proof, err := merkle.VerifyInclusion([]byte(answer.Proof), verifier)
	if err != nil {
		return fmt.Errorf("%w: the proof of the trade at seq %s: %w", ErrDisproved, t.Seq, err)
	}
	j := NewJournal()
	if err := j.Add(proof.Seq, proof.Event); err != nil {
		return fmt.Errorf("%w: %w", ErrDisproved, err)
	}
	if len(j.Trades) != 1 || j.Trades[0] != t {
		return fmt.Errorf("%w: it has %+v where the fills tell of %+v", ErrDisproved, j.Trades, t)
	}
	return nil
}
