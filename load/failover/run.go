package failover

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/load/orders"
)

// How is what happens to a leader.
type How string

// Faults.
const (
	Kill     How = "kill"     // SIGKILL, and a restart
	Stop     How = "stop"     // SIGSTOP, and SIGCONT a second later
	HandOver How = "handover" // planned: another one is told to lead
)

// Config says what is measured.
type Config struct {
	Cluster *cluster.Cluster // ready; its nodes must be verbose; Run shuts them down
	Public  []*client.Client // of each node's API, in their order, which try once
	Traders []floor.Trader
	Load    orders.Config // without traders; the rate is of items

	How      How
	Trials   int
	Progress func(done int) // trials; may be nil
}

// Result is how the cluster bore it.
type Result struct {
	Trials       []Trial
	Acknowledged int // orders and cancels
	Retried      int // requests that were sent to another node, because theirs was lost
	Errors       int // that clients of the other nodes saw
	Codes        map[string]int
	Lost         int // orders and cancels that were acknowledged, and that some node's journal has not
	Doubled      int // orders that some node's journal has twice under one client order id
}

const (
	watched = 50 * time.Millisecond  // after an election, for the gap
	calm    = 100 * time.Millisecond // before a fault, for comparison
	frozen  = time.Second            // of a leader that is stopped
	settle  = 500 * time.Millisecond // between the end of a trial and the next
	patient = time.Minute            // until a node is well again
)

// run is one measurement.
type run struct {
	Config
	book
	load *orders.Background
}

// Run measures, which takes three seconds a trial or so, and shuts the cluster down.
func Run(ctx context.Context, c Config) (*Result, error) {
	r := &run{Config: c, book: newBook()}
	r.begin(ctx)
	defer r.load.Cancel()
	trials, err := r.trials(ctx)
	if err := cmp.Or(err, r.load.End()); err != nil {
		return nil, err
	}
	res := &Result{Trials: trials, Acknowledged: len(r.acks), Retried: r.retried, Codes: r.codes}
	for _, n := range r.codes {
		res.Errors += n
	}
	return res, r.examine(ctx, res)
}

// begin starts the load.
func (r *run) begin(ctx context.Context) {
	load := r.Load
	for i, t := range r.Traders {
		load.Traders = append(load.Traders, &trader{run: r, token: t.Client, home: i % load.Conns % len(r.Public)})
	}
	r.load = orders.Start(ctx, load)
}

func (r *run) trials(ctx context.Context) (all []Trial, err error) {
	if err := r.load.Pause(ctx, 2*settle); err != nil {
		return nil, err
	}
	for i := range r.Trials {
		t, err := r.trial(ctx)
		if err != nil {
			return nil, fmt.Errorf("trial %d: %w", i+1, err)
		}
		all = append(all, t)
		if r.Progress != nil {
			r.Progress(i + 1)
		}
		if err := r.load.Pause(ctx, settle); err != nil {
			return nil, err
		}
	}
	return all, nil
}
