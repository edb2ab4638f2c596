package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/load/failover"
	"github.com/hustings/hustings/load/orders"
)

// electionsReport is the JSON of bench elections.
type electionsReport struct {
	Elections uint64 `json:"elections"` // terms that began without a fault
	Stood     int    `json:"stood"`     // times that a follower gave its leader up, elected or not

	Greatest    float64 `json:"greatest_orders_per_s"`
	OfferedPerS float64 `json:"offered_orders_per_s"`
	OrdersPerS  float64 `json:"orders_per_s"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	Max         float64 `json:"max_ms"`
	Errors      uint64  `json:"errors"`

	Load      float64 `json:"load"`
	Batch     int     `json:"batch"`
	Seconds   float64 `json:"seconds"`
	Heartbeat string  `json:"heartbeat"`
	Election  string  `json:"election"`
}

// electionsFlags is what bench elections is told.
type electionsFlags struct {
	ordersFlags
	share    float64       // of the greatest load
	probe    time.Duration // how long the greatest load is looked for
	duration time.Duration
}

func newBenchElectionsCommand() *cobra.Command {
	b := electionsFlags{ordersFlags: newOrdersFlags()}
	c := &cobra.Command{
		Use:   "elections",
		Short: "Load a cluster that has no fault, and count the elections",
		Long: `Start nodes on this machine, find out how many orders a second they take, and then load them with a share of that for
a long time. No leader is lost, so each election is one too many: a follower took a busy leader for a dead one.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return b.run(c) },
	}
	f := c.Flags()
	f.DurationVar(&b.duration, "duration", 10*time.Minute, "how long to load them")
	f.Float64Var(&b.share, "load", 0.8, "share of the greatest load, above 0 to 1")
	f.DurationVar(&b.probe, "probe", 10*time.Second, "how long to look for the greatest load")
	f.IntVar(&b.nodes, "nodes", 3, "nodes")
	f.IntVar(&b.config.Batch, "batch", b.config.Batch, "orders and cancels in a request, up to 100")
	b.crowdFlags(f)
	timingFlags(f, &b.clusterOptions)
	return c
}

func (b *electionsFlags) run(c *cobra.Command) error {
	switch {
	case b.share <= 0 || b.share > 1:
		return fmt.Errorf("--load %v: above 0 to 1", b.share)
	case b.nodes < 2:
		return fmt.Errorf("--nodes %d: one alone holds no elections", b.nodes)
	case b.duration <= 0 || b.probe <= 0:
		return errors.New("--duration and --probe must be positive")
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	b.clusterOptions.Args = []string{"--verbose"} // says who stands for election
	return b.with(ctx, client.Options{MaxConns: b.config.Conns, Tries: 1}, func(ctx context.Context) error {
		hired, err := b.hire(ctx, c)
		if err != nil {
			return err
		}
		b.config.Traders = orders.Of(hired)
		j, err := b.measure(ctx, c)
		if err != nil {
			return err
		}
		return b.print(c, j)
	})
}

// measure looks for the greatest load, and then counts elections at a share of it.
func (b *electionsFlags) measure(ctx context.Context, c *cobra.Command) (*electionsReport, error) {
	tag := b.config.Tag
	b.config.Tag, b.config.Duration = tag+"a", b.probe
	greatest, err := b.load(ctx, c)
	if err != nil {
		return nil, err
	}
	before, err := greatestTerm(ctx, b.cluster.Cluster)
	if err != nil {
		return nil, err
	}
	logs, err := failover.MarkLogs(b.cluster.Nodes())
	if err != nil {
		return nil, err
	}
	b.config.Tag, b.config.Duration = tag+"b", b.duration
	b.rate = b.share * greatest.Achieved
	res, err := b.load(ctx, c)
	if err != nil {
		return nil, err
	}
	after, err := greatestTerm(ctx, b.cluster.Cluster)
	if err != nil {
		return nil, err
	}
	stood, err := logs.Campaigns()
	if err != nil {
		return nil, err
	}
	timing, err := b.cluster.timing()
	return &electionsReport{
		Elections: after - before, Stood: stood, Greatest: round(greatest.Achieved, 1), OfferedPerS: round(b.rate, 1),
		OrdersPerS: round(res.Achieved, 1), P50: res.Latency.P50, P99: res.Latency.P99, Max: res.Latency.Max, Errors: res.Errors,
		Load: b.share, Batch: b.config.Batch, Seconds: round(res.Took.Seconds(), 3),
		Heartbeat: timing.Heartbeat.String(), Election: timing.Election.String(),
	}, err
}

// greatestTerm is the last term that any node knows of. Terms only grow, and every election begins one.
func greatestTerm(ctx context.Context, k *cluster.Cluster) (term uint64, err error) {
	for _, n := range k.Nodes() {
		status, err := n.Status(ctx)
		if err != nil {
			return 0, errors.Join(err, n.Why())
		}
		for _, s := range status.Shards {
			term = max(term, s.Term)
		}
	}
	return term, nil
}

func (b *electionsFlags) print(c *cobra.Command, j *electionsReport) error {
	r := report{title: fmt.Sprintf("Elections among %d nodes without a fault, at %v of the greatest load, %s a request", b.nodes, j.Load, number(j.Batch))}
	r.add("elections", j.Elections, "")
	r.add("candidates", j.Stood, "")
	r.add("greatest load", j.Greatest, "orders a second")
	r.add("load", j.OfferedPerS, "orders a second")
	r.add("orders accepted", j.OrdersPerS, "a second")
	r.add("latency, p50", j.P50, "ms")
	r.add("latency, p99", j.P99, "ms")
	r.add("latency, greatest", j.Max, "ms")
	r.add("errors", j.Errors, "")
	r.add("measured", j.Seconds, "s")
	return printReport(c, &r, j, b.asJSON)
}
