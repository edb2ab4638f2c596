package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/orders"
	"github.com/hustings/hustings/load/rebalance"
)

// rebalanceReport is the JSON of bench rebalance.
type rebalanceReport struct {
	From    int     `json:"from"` // shards
	To      int     `json:"to"`
	Markets int     `json:"markets"`
	Orders  int     `json:"orders_per_market"`
	Moved   int     `json:"moved"`
	Share   float64 `json:"share_moved"`

	LongestFreeze float64 `json:"longest_freeze_ms"` // of a market: log time of its freezing to that of its last part
	FreezeP50     float64 `json:"freeze_p50_ms"`
	FreezeP99     float64 `json:"freeze_p99_ms"`

	LongestPause float64 `json:"longest_pause_ms"` // the slowest request of the load while markets moved
	QuietPause   float64 `json:"quiet_pause_ms"`   // and before
	Seconds      float64 `json:"seconds"`          // from the request for a shard until all were in their places
	MovesPerS    float64 `json:"moves_per_s"`

	Lost       int            `json:"lost"`
	Doubled    int            `json:"doubled"`
	Errors     int            `json:"errors"`
	ErrorCodes map[string]int `json:"error_codes,omitempty"`
	Findings   []string       `json:"findings,omitempty"` // what lost means, of the first ones

	Acknowledged int     `json:"acknowledged"`
	Retried      int     `json:"retried"`
	Swept        int     `json:"swept"`
	Rate         float64 `json:"offered_orders_per_s"`
	KilledAt     uint64  `json:"killed_with_to_move,omitempty"` // markets that were still to move when a node was killed
}

// rebalanceFlags is what bench rebalance is told.
type rebalanceFlags struct {
	target
	config   rebalance.Config
	rate     float64
	accounts int
	asJSON   bool
}

func newBenchRebalanceCommand() *cobra.Command {
	b := rebalanceFlags{rate: 500, accounts: 32, config: rebalance.Config{Markets: 10_000, Orders: 10, From: 4, To: 5,
		Load: orders.Config{Tag: "r", Seed: 1, Conns: 12, Batch: 1, Cancels: 0.3}}}
	b.nodes = 3
	c := &cobra.Command{
		Use:   "rebalance",
		Short: "Add a shard to a cluster under load, and take the time for which markets stand still",
		Long: `Start nodes on this machine with --from shards, open markets with resting orders of several accounts, load all of them with
orders and cancels, and add shards until there are --to. A market that moves stands still from the log time at which it was
frozen to that at which its last part was adopted.

Afterwards every order, position and balance of those who only waited must be as before, every order and cancel of the load
that was acknowledged must be in the journals of all nodes, once, and the books must trade in the order of price and age. With --kill a node
is killed in the middle of the moves and started again; clients go on at another one then.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return b.run(c) },
	}
	f := c.Flags()
	f.IntVar(&b.config.Markets, "markets", b.config.Markets, "markets")
	f.IntVar(&b.config.Orders, "orders", b.config.Orders, "orders that rest in each")
	f.IntVar(&b.config.From, "from", b.config.From, "shards before")
	f.IntVar(&b.config.To, "to", b.config.To, "shards after")
	f.Float64Var(&b.rate, "rate", b.rate, "orders a second")
	f.IntVar(&b.nodes, "nodes", b.nodes, "nodes")
	f.IntVar(&b.config.Load.Conns, "conns", b.config.Load.Conns, "connections")
	f.IntVar(&b.accounts, "accounts", b.accounts, "accounts that trade")
	f.BoolVar(&b.config.Kill, "kill", false, "kill a node while markets move, and start it again")
	f.BoolVar(&b.asJSON, "json", false, "print a JSON object as the last line")
	timingFlags(f, &b.clusterOptions)
	return c
}

func (b *rebalanceFlags) run(c *cobra.Command) error {
	switch {
	case b.config.Markets < 1:
		return flagError("markets", number(b.config.Markets), errAtLeastOne)
	case b.config.Orders < 1 || b.config.Orders > 1_000:
		return fmt.Errorf("--orders %d: 1 to 1000", b.config.Orders)
	case b.config.From < 1 || b.config.To <= b.config.From || b.config.To > 99:
		return fmt.Errorf("--from %d --to %d: shards are added, up to 99", b.config.From, b.config.To)
	case b.nodes < 1 || b.config.Kill && b.nodes < 3:
		return fmt.Errorf("--nodes %d: fewer than 3 have no majority when one is lost", b.nodes)
	case b.accounts < b.config.Load.Conns:
		return fmt.Errorf("--accounts %d: each of the %d connections needs one of its own", b.accounts, b.config.Load.Conns)
	case b.rate <= 0:
		return errors.New("--rate must be positive")
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	b.clusterOptions.Shards = b.config.From
	return b.with(ctx, client.Options{MaxConns: max(b.config.Load.Conns, 32), Tries: 1}, func(ctx context.Context) error {
		if err := b.hire(ctx); err != nil {
			return err
		}
		progress := &stages{command: c}
		defer progress.finish()
		b.config.Cluster, b.config.Public, b.config.Admin = b.cluster.Cluster, b.cluster.public, b.cluster.admin
		b.config.Load.Rate = b.rate / (1 - b.config.Load.Cancels)
		b.config.Progress = progress.set
		res, err := rebalance.Run(ctx, b.config)
		if err != nil {
			return err
		}
		progress.finish()
		return b.print(c, res)
	})
}

// hire makes the accounts: those that wait, those that trade, and the one that takes everything in the end.
func (b *rebalanceFlags) hire(ctx context.Context) error {
	const (
		holders = 8
		cash    = 100_000_000_0000
	)
	hired, err := b.floor.HireAll(ctx, "rebalance-", holders+b.accounts+1, cash, nil)
	if err == nil {
		err = b.cluster.spread(ctx, hired)
	}
	if err != nil {
		return err
	}
	b.config.Holders, b.config.Traders, b.config.Sweeper = hired[:holders:holders], hired[holders:holders+b.accounts], hired[holders+b.accounts]
	return nil
}

// stages is a line of progress for one thing after another.
type stages struct {
	command *cobra.Command
	what    string
	line    *progress
}

func (s *stages) set(what string, done, of int) {
	if what != s.what {
		s.finish()
		s.what, s.line = what, newProgress(s.command, what, int64(of))
	}
	s.line.setOf(done, of)
}

func (s *stages) finish() {
	if s.line != nil {
		s.line.finish()
	}
}

func (b *rebalanceFlags) print(c *cobra.Command, res *rebalance.Result) error {
	j := rebalanceReport{
		From: b.config.From, To: b.config.To, Markets: res.Markets, Orders: b.config.Orders, Moved: res.Moved,
		Share:        round(float64(res.Moved)/float64(res.Markets), 4),
		LongestPause: millis(res.Longest), QuietPause: millis(res.Quiet),
		Seconds: round(res.Took.Seconds(), 1), MovesPerS: round(float64(res.Moved)/max(res.Took, time.Millisecond).Seconds(), 1),
		Lost: res.Lost, Doubled: res.Doubled, Errors: res.Errors, ErrorCodes: res.Codes, Findings: res.Wrong,
		Acknowledged: res.Acknowledged, Retried: res.Retried, Swept: res.Swept, Rate: b.rate, KilledAt: res.KilledAt,
	}
	if len(res.Freezes) > 0 {
		j.LongestFreeze, j.FreezeP50, j.FreezeP99 = millis(slices.Max(res.Freezes)), millis(rank(res.Freezes, 50)), millis(rank(res.Freezes, 99))
	}
	r := report{title: fmt.Sprintf("From %d shards to %d on %d nodes, %s markets with %d orders each, at %s orders a second",
		j.From, j.To, b.nodes, number(j.Markets), j.Orders, number(b.rate))}
	r.add("markets moved", j.Moved, "")
	r.add("share of all", round(100*j.Share, 2), "%")
	r.add("a market stood still, p50", j.FreezeP50, "ms")
	r.add("a market stood still, p99", j.FreezeP99, "ms")
	r.add("a market stood still, longest", j.LongestFreeze, "ms")
	r.add("slowest request while markets moved", j.LongestPause, "ms")
	r.add("slowest request in the two seconds before", j.QuietPause, "ms")
	r.add("until all were in their places", j.Seconds, "s")
	r.add("markets a second", j.MovesPerS, "")
	if b.config.Kill {
		r.add("still to move when a node was killed", j.KilledAt, "")
	}
	r.add("lost", j.Lost, "")
	r.add("doubled", j.Doubled, "")
	r.add("errors", j.Errors, "")
	for _, code := range slices.Sorted(maps.Keys(j.ErrorCodes)) {
		r.add("  "+code, j.ErrorCodes[code], "")
	}
	r.add("acknowledged", j.Acknowledged, "orders and cancels")
	r.add("sent again to another node", j.Retried, "requests")
	r.add("taken in the end, by price and age", j.Swept, "orders")
	for _, text := range j.Findings {
		fmt.Fprintln(c.ErrOrStderr(), "hustings:", text)
	}
	return printReport(c, &r, j, b.asJSON)
}
