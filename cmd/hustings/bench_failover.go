package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/failover"
)

// failoverReport is the JSON of bench failover. Its times are of trials: how long clients of the other nodes had no
// acknowledgement.
type failoverReport struct {
	How    string  `json:"how"`
	Trials int     `json:"trials"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"` // nearest rank: of fewer than 100 trials the greatest
	Max    float64 `json:"max_ms"`

	Lost       int            `json:"lost"`
	Doubled    int            `json:"doubled"`
	Errors     int            `json:"errors"` // of clients of the other nodes
	ErrorCodes map[string]int `json:"error_codes,omitempty"`

	Phases map[string]phaseReport `json:"phases"` // ms after the fault
	Quiet  phaseReport            `json:"quiet_gap"`

	Acknowledged int       `json:"acknowledged"`
	Retried      int       `json:"retried"`
	Rate         float64   `json:"offered_orders_per_s"`
	Heartbeat    string    `json:"heartbeat"`
	Election     string    `json:"election"`
	Gaps         []float64 `json:"gaps_ms"` // of each trial, in order
}

type phaseReport struct {
	P50 float64 `json:"p50_ms"`
	Max float64 `json:"max_ms"`
}

// failoverFlags is what bench failover is told.
type failoverFlags struct {
	ordersFlags
	how    string
	trials int
}

func newBenchFailoverCommand() *cobra.Command {
	b := failoverFlags{ordersFlags: newOrdersFlags(), how: string(failover.Kill)}
	b.config.Conns = 60
	c := &cobra.Command{
		Use:   "failover",
		Short: "Lose the leader of a cluster again and again, and take the time until orders are acknowledged",
		Long: `Start nodes on this machine, load all of them with orders, and kill the leader (--how kill), freeze it for a second
(stop), or have another node take over (handover), once a trial. The time of a trial is the longest between two
acknowledgements, one after the other, to clients of the other nodes, from the last one before the fault on. A node that was
killed is started again and has caught up before the next trial.

In the end the journals of all nodes are read: every order and every cancel that was acknowledged must be in each, and no
order twice. Clients of a lost node go on at another one with the same idempotency keys.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return b.run(c) },
	}
	f := c.Flags()
	f.StringVar(&b.how, "how", b.how, "kill, stop or handover")
	f.IntVar(&b.trials, "trials", 50, "how often")
	f.Float64Var(&b.rate, "rate", 2_000, "orders a second")
	f.IntVar(&b.nodes, "nodes", 3, "nodes")
	b.crowdFlags(f)
	timingFlags(f, &b.clusterOptions)
	return c
}

func (b *failoverFlags) run(c *cobra.Command) error {
	switch {
	case !slices.Contains([]failover.How{failover.Kill, failover.Stop, failover.HandOver}, failover.How(b.how)):
		return fmt.Errorf("--how %s: say kill, stop or handover", b.how)
	case b.trials < 1:
		return flagError("trials", number(b.trials), errAtLeastOne)
	case b.nodes < 3:
		return fmt.Errorf("--nodes %d: fewer than 3 have no majority when one is lost", b.nodes)
	case b.rate <= 0:
		return errors.New("--rate must be positive")
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	b.clusterOptions.Args = []string{"--verbose"} // says who is elected when
	return b.with(ctx, client.Options{MaxConns: b.config.Conns, Tries: 1}, func(ctx context.Context) error {
		hired, err := b.hire(ctx, c)
		if err != nil {
			return err
		}
		progress := newProgress(c, "losing leaders", int64(b.trials))
		defer progress.finish()
		b.config.Rate = b.rate / (1 - b.config.Cancels)
		res, err := failover.Run(ctx, failover.Config{Cluster: b.cluster.Cluster, Public: b.cluster.public, Traders: hired, Load: b.config,
			How: failover.How(b.how), Trials: b.trials, Progress: func(n int) { progress.set(int64(n)) }})
		if err != nil {
			return err
		}
		progress.finish()
		return b.print(c, res)
	})
}

func (b *failoverFlags) print(c *cobra.Command, res *failover.Result) error {
	timing, err := b.cluster.timing()
	if err != nil {
		return err
	}
	pick := func(of func(*failover.Trial) time.Duration) (all []time.Duration) {
		for i := range res.Trials {
			all = append(all, of(&res.Trials[i]))
		}
		return all
	}
	gaps := pick(func(t *failover.Trial) time.Duration { return t.Gap })
	j := failoverReport{
		How: b.how, Trials: len(gaps), P50: millis(rank(gaps, 50)), P99: millis(rank(gaps, 99)), Max: millis(slices.Max(gaps)),
		Lost: res.Lost, Doubled: res.Doubled, Errors: res.Errors, ErrorCodes: res.Codes,
		Acknowledged: res.Acknowledged, Retried: res.Retried, Rate: b.rate, Heartbeat: timing.Heartbeat.String(), Election: timing.Election.String(),
		Quiet: phaseOf(pick(func(t *failover.Trial) time.Duration { return t.Quiet })),
		Phases: map[string]phaseReport{
			"stopped": phaseOf(pick(func(t *failover.Trial) time.Duration { return t.Phases.Stopped })),
			"stood":   phaseOf(pick(func(t *failover.Trial) time.Duration { return t.Phases.Stood })),
			"elected": phaseOf(pick(func(t *failover.Trial) time.Duration { return t.Phases.Elected })),
			"resumed": phaseOf(pick(func(t *failover.Trial) time.Duration { return t.Phases.Resumed })),
		},
	}
	for _, g := range gaps {
		j.Gaps = append(j.Gaps, millis(g))
	}
	r := report{title: fmt.Sprintf("Loss of the leader (%s) of %d nodes, at %s orders a second, %d trials", b.how, b.nodes, number(b.rate), j.Trials)}
	r.add("without an acknowledgement, p50", j.P50, "ms")
	r.add("without an acknowledgement, p99", j.P99, "ms")
	r.add("without an acknowledgement, longest", j.Max, "ms")
	r.add("lost", j.Lost, "")
	r.add("doubled", j.Doubled, "")
	r.add("errors", j.Errors, "")
	for _, code := range slices.Sorted(maps.Keys(j.ErrorCodes)) {
		r.add("  "+code, j.ErrorCodes[code], "")
	}
	for _, p := range []struct{ name, label string }{
		{"stopped", "fault to last acknowledgement"}, {"stood", "fault to candidate"}, {"elected", "fault to new leader"},
		{"resumed", "fault to next acknowledgement"},
	} {
		r.add(p.label+", p50", j.Phases[p.name].P50, "ms")
		r.add(p.label+", longest", j.Phases[p.name].Max, "ms")
	}
	r.add("longest gap in a tenth of a second before, p50", j.Quiet.P50, "ms")
	r.add("longest gap in a tenth of a second before, longest", j.Quiet.Max, "ms")
	r.add("acknowledged", j.Acknowledged, "orders and cancels")
	r.add("sent again to another node", j.Retried, "requests")
	return printReport(c, &r, j, b.asJSON)
}

// rank is the value below or at which a percentage of all are: the nearest rank, not interpolated.
func rank(of []time.Duration, percent float64) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[max(0, int(math.Ceil(percent/100*float64(len(sorted))))-1)]
}

func phaseOf(d []time.Duration) phaseReport {
	return phaseReport{millis(rank(d, 50)), millis(slices.Max(d))}
}

func millis(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond), 1) }
