package rebalance

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/floor"
)

// What holders do: one pair of them trades in the middle of each market, and the orders that rest are so far from it that
// the load does not reach them.
const (
	middle     = api.Price(5_000)
	bids       = api.Price(3_000) // and below
	asks       = api.Price(7_000) // and above
	samePrice  = 4                // orders, of which the oldest comes first
	tradedSize = 5
	amended    = 20 // one market in so many has an order that was made smaller
	atOnce     = 8  // markets that are made at the same time
)

// build makes the markets and what rests in them.
func (r *run) build(ctx context.Context) error {
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.spread(ctx); err != nil {
		return err
	}
	all := r.Markets * (r.Orders + 2)
	done := 0
	for _, step := range []func(holder int) []item{r.resting, r.selling} {
		items := make([][]item, len(r.Holders))
		for i := range r.Holders {
			items[i] = step(i)
		}
		if err := r.place(ctx, items, func(n int) {
			done += n
			r.progress("placing orders", done, all)
		}); err != nil {
			return err
		}
	}
	return r.amend(ctx)
}

// open opens the markets. It goes on from what is there if somebody was faster with an id.
func (r *run) open(ctx context.Context) error {
	r.markets = make([]api.ID, r.Markets)
	f := floor.Floor{Admin: r.Admin}
	group, grouped := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	opened := make(chan struct{}, r.Markets)
	for i := range r.markets {
		group.Go(func() (err error) {
			r.markets[i], err = f.OpenMarket(grouped, api.CreateMarket{Question: fmt.Sprintf("Does market %d of this load stay itself?", i+1)})
			opened <- struct{}{}
			r.progress("opening markets", len(opened), r.Markets)
			return err
		})
	}
	return group.Wait()
}

// spread waits until the markets are where they belong: they are all opened on the home shard.
func (r *run) spread(ctx context.Context) error {
	least := r.Markets
	for progressed := time.Now(); ; {
		status, err := r.Cluster.Shards(ctx)
		if err == nil && status.Leaving == 0 && status.Markets >= uint64(r.Markets) {
			return nil
		}
		if err == nil && int(status.Leaving) < least {
			least, progressed = int(status.Leaving), time.Now()
			r.progress("spreading markets", r.Markets-least, r.Markets)
		}
		if time.Since(progressed) > patient {
			return fmt.Errorf("%d markets are to move, and none did for %v: %w", least, patient, err)
		}
		select {
		case <-time.After(lookAt):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// item is an order of a holder that is to be placed.
type item struct {
	index int // of its market
	api.BatchOrder
}

// resting is what a holder leaves in all markets, and what it bids in the middle.
func (r *run) resting(holder int) (all []item) {
	for m := range r.markets {
		for n := range r.Orders {
			if (m+n)%len(r.Holders) != holder {
				continue
			}
			o := api.PlaceOrder{Side: api.Buy, Price: bids - api.Price(n/2/samePrice), Quantity: uint32(2 + n)}
			if n%2 == 1 {
				o.Side, o.Price = api.Sell, asks+api.Price(n/2/samePrice)
			}
			all = append(all, r.item(m, n, o))
		}
		if m%len(r.Holders) == holder {
			all = append(all, r.item(m, r.Orders, api.PlaceOrder{Side: api.Buy, Price: middle, Quantity: tradedSize}))
		}
	}
	return all
}

// selling is what a holder sells to the one before it.
func (r *run) selling(holder int) (all []item) {
	for m := range r.markets {
		if (m+1)%len(r.Holders) == holder {
			all = append(all, r.item(m, r.Orders+1, api.PlaceOrder{Side: api.Sell, Price: middle, Quantity: tradedSize}))
		}
	}
	return all
}

func (r *run) item(market, n int, o api.PlaceOrder) item {
	o.Outcome, o.ClientOrderID = api.Yes, "h-"+strconv.Itoa(market)+"-"+strconv.Itoa(n)
	return item{market, api.BatchOrder{Market: r.markets[market], PlaceOrder: o}}
}

// place places the orders of all holders, each holder's in order.
func (r *run) place(ctx context.Context, items [][]item, done func(int)) error {
	group, ctx := errgroup.WithContext(ctx)
	for i, all := range items {
		group.Go(func() error {
			for len(all) > 0 {
				some := all[:min(len(all), api.MaxBatch)]
				all = all[len(some):]
				if err := r.placeSome(ctx, r.Holders[i].Client, some); err != nil {
					return err
				}
				r.mu.Lock()
				done(len(some))
				r.mu.Unlock()
			}
			return nil
		})
	}
	return group.Wait()
}

func (r *run) placeSome(ctx context.Context, holder *client.Client, some []item) error {
	var b api.Batch
	for i := range some {
		b.Orders = append(b.Orders, some[i].BatchOrder)
	}
	answer, err := holder.Batch(ctx, client.NewKey(), b)
	if err != nil {
		return fmt.Errorf("placing orders: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, o := range answer.Orders {
		if o.Refused != nil {
			return fmt.Errorf("the order %s in market %d is refused: %s", b.Orders[i].ClientOrderID, b.Orders[i].Market, o.Refused.Detail)
		}
		r.placed[o.Placed.ClientOrderID] = idOf(o.Placed.Market, o.Placed.Order)
	}
	return nil
}

// amend makes some orders smaller, which keep their places.
func (r *run) amend(ctx context.Context) error {
	for m := 0; m < len(r.markets); m += amended {
		holder := r.Holders[m%len(r.Holders)] // who has the first order there
		if r.Orders == 0 {
			return nil
		}
		o := r.placed["h-"+strconv.Itoa(m)+"-0"]
		if _, err := holder.Amend(ctx, r.markets[m], api.ID(o.id), client.NewKey(), 0, api.AmendOrder{Quantity: 1}); err != nil {
			return fmt.Errorf("amending order %d in market %d: %w", o.id, o.market, err)
		}
	}
	return nil
}
