package rebalance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/load/orders"
)

// Config says what is measured.
type Config struct {
	Cluster *cluster.Cluster // ready, with From shards; Run shuts it down
	Public  []*client.Client // of each node's API, in their order, which try once
	Admin   *client.Client   // of a node's operator's API

	Markets int // to be opened
	Orders  int // that rest in each
	From    int // shards before
	To      int // and after
	Holders []floor.Trader
	Traders []floor.Trader
	Sweeper floor.Trader
	Load    orders.Config // without markets and traders; the rate is of items
	Kill    bool          // a node is killed while markets move, and started again; clients go on at other ones

	Progress func(what string, done, of int) // may be nil
}

// Result is how the exchange bore it.
type Result struct {
	Markets  int
	Moved    int             // to the shards that were added
	Freezes  []time.Duration // of all moves, in no order
	KilledAt uint64          // markets that were still to move when a node was killed
	Took     time.Duration   // from the request to add a shard until every market was where it belongs

	Longest      time.Duration // that a request of the load took while markets moved
	Quiet        time.Duration // the same before
	Acknowledged int           // orders and cancels of the load
	Retried      int           // requests that were sent to another node
	Errors       int
	Codes        map[string]int

	Lost    int // orders, positions and balances that are not as they were acknowledged
	Doubled int // orders that are there twice under one client order id
	Wrong   []string
	Swept   int // orders that were taken in the end, to see in which order
}

const (
	calm     = 2 * time.Second // of the load before shards are added
	settle   = time.Second     // of the load after
	patient  = time.Minute     // without any progress
	lookAt   = 100 * time.Millisecond
	mostWord = 10 // findings that are told in words
)

// run is one measurement.
type run struct {
	Config
	book
	failover bool // clients go on at another node
	markets  []api.ID
	held     map[order]struct{} // orders of the holders that rest
	load     *orders.Background
}

// Run measures, and shuts the cluster down.
func Run(ctx context.Context, c Config) (*Result, error) {
	r := &run{Config: c, failover: c.Kill, book: newBook()}
	if err := r.build(ctx); err != nil {
		return nil, err
	}
	built := len(r.placed)
	before, err := r.holdings(ctx)
	if err != nil {
		return nil, err
	}
	r.held = map[order]struct{}{}
	for o := range before.orders {
		r.held[o] = struct{}{}
	}
	res := &Result{Markets: len(r.markets)}
	r.begin(ctx)
	defer r.load.Cancel()
	if err := cmp.Or(r.rebalance(ctx, res), r.load.End()); err != nil {
		return nil, err
	}
	after, err := r.holdings(ctx)
	if err != nil {
		return nil, err
	}
	res.compare(before, after)
	if err := r.sweep(ctx); err != nil {
		return nil, err
	}
	res.Acknowledged, res.Retried, res.Codes = len(r.placed)+len(r.gone)-built, r.retried, r.codes
	for _, n := range r.codes {
		res.Errors += n
	}
	return res, r.examine(ctx, res)
}

func (r *run) progress(what string, done, of int) {
	if r.Progress != nil {
		r.Progress(what, done, of)
	}
}

// begin starts the load.
func (r *run) begin(ctx context.Context) {
	load := r.Load
	load.Markets = r.markets
	for i, t := range r.Traders {
		load.Traders = append(load.Traders, &trader{run: r, token: t.Client, home: i % load.Conns % len(r.Public)})
	}
	r.load = orders.Start(ctx, load)
}

// rebalance adds shards under load and waits until every market is where it belongs.
func (r *run) rebalance(ctx context.Context, res *Result) error {
	if err := r.load.Pause(ctx, calm); err != nil {
		return err
	}
	res.Quiet = r.longest()
	begun := time.Now()
	for n := r.From + 1; n <= r.To; n++ {
		if err := r.add(ctx, uint32(n)); err != nil {
			return err
		}
	}
	if err := r.await(ctx, res); err != nil {
		return err
	}
	res.Took = time.Since(begun)
	res.Longest = r.longest()
	return r.load.Pause(ctx, settle)
}

// add adds a shard; founding it may take more than one request's time.
func (r *run) add(ctx context.Context, n uint32) error {
	for end := time.Now().Add(patient); ; {
		_, err := r.Admin.AddShard(ctx, api.AddShard{Shard: n, Points: api.SharePoints})
		if err == nil || decided(err) || time.Now().After(end) || ctx.Err() != nil {
			return err
		}
		if err := r.load.Pause(ctx, lookAt); err != nil {
			return err
		}
	}
}

// await waits until no market is to move any more. A node that is to be killed is once some have moved.
func (r *run) await(ctx context.Context, res *Result) error {
	var first, last uint64
	progressed, pause := time.Now(), lookAt
	if r.Kill {
		pause = lookAt / 20
	}
	for {
		status, err := r.Cluster.Shards(ctx)
		if err == nil {
			if first == 0 {
				first, last = status.Leaving, status.Leaving
			}
			if r.Kill && status.Leaving < first && status.Leaving > 0 {
				r.Kill, pause, res.KilledAt = false, lookAt, status.Leaving
				if err := r.kill(ctx, status); err != nil {
					return err
				}
				continue
			}
			if status.Leaving == 0 && len(status.Shards) == r.To {
				return r.mended(ctx)
			}
			if status.Leaving != last {
				last, progressed = status.Leaving, time.Now()
			}
			r.progress("moving", int(first-min(first, last)), int(first))
		}
		if time.Since(progressed) > patient {
			return fmt.Errorf("%d markets are to move, and none did for %v: %+v, %w", last, patient, status, err)
		}
		if err := r.load.Pause(ctx, pause); err != nil {
			return err
		}
	}
}

// kill kills the node that leads the shard that most markets are to leave, and starts it again a while later.
func (r *run) kill(ctx context.Context, status api.Shards) error {
	source := slices.MaxFunc(status.Shards, func(a, b api.Shard) int { return cmp.Compare(a.Leaving, b.Leaving) })
	node := int(source.Leader)
	if err := r.Cluster.Kill(node); err != nil {
		return err
	}
	if err := r.load.Pause(ctx, settle); err != nil {
		return err
	}
	return r.Cluster.Restart(node)
}

// mended waits until all nodes are ready.
func (r *run) mended(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	return r.Cluster.Wait(ctx)
}
