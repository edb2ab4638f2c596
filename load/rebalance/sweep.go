package rebalance

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

const (
	mostSwept = 200    // markets
	sweepSize = 50_000 // contracts, more than rest anywhere
)

// sweptMarkets are those in which everything that rests is taken in the end.
func (r *run) sweptMarkets() (some []api.ID) {
	n := min(len(r.markets), mostSwept)
	for i := range n {
		some = append(some, r.markets[i*len(r.markets)/n])
	}
	return some
}

// sweep takes everything that rests in some markets. The journals say in which order it traded.
func (r *run) sweep(ctx context.Context) error {
	group, grouped := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, m := range r.sweptMarkets() {
		group.Go(func() error {
			for _, o := range []api.PlaceOrder{{Side: api.Buy, Price: 9_999}, {Side: api.Sell, Price: 1}} {
				o.Outcome, o.Quantity, o.TimeInForce = api.Yes, sweepSize, api.IOC
				if _, err := r.Sweeper.Place(grouped, m, client.NewKey(), o); err != nil {
					return fmt.Errorf("taking what rests in market %d: %w", m, err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}
