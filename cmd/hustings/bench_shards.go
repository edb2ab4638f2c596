package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/shards"
)

// shardsReport is the JSON of bench shards.
type shardsReport struct {
	Runs    []shardsRun `json:"runs"`
	Batch   int         `json:"batch"`
	Workers int         `json:"workers_per_shard"`
	Markets int         `json:"markets_per_shard"`
}

type shardsRun struct {
	Shards         int     `json:"shards"`
	PerSecond      float64 `json:"commands_per_s"`
	Cores          float64 `json:"cores_used"`
	PerCore        float64 `json:"commands_per_core_s"`
	SpeedUp        float64 `json:"speed_up"`          // of commands a second, over the first run
	SpeedUpPerCore float64 `json:"speed_up_per_core"` // of commands a second of one core
	Commands       int     `json:"commands"`
	Refused        int     `json:"refused"`
	Trades         uint64  `json:"trades"`
}

func newBenchShardsCommand() *cobra.Command {
	var asJSON bool
	counts := []int{1, 2, 4}
	o := shards.Options{Markets: 8, Workers: 4, Batch: 100, Duration: 3 * time.Second}
	c := &cobra.Command{
		Use:   "shards",
		Short: "Measure how an exchange grows with its shards, with files in memory",
		Long: "Trade on exchanges of several shards, one after the other, each with the whole path of a command and its files in\n" +
			"memory: what is seen is the code, not the disk. Cash comes to the shards by transfers from home, and in the end\n" +
			"everything must add up. Where there are fewer cores than shards keep busy, look at the speed-up per core.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var all []*shards.Result
			for _, n := range counts {
				r, err := shards.Run(c.Context(), o, n)
				if err != nil {
					return fmt.Errorf("%d shards: %w", n, err)
				}
				all = append(all, r)
			}
			return printShards(c, all, &o, asJSON)
		},
	}
	f := c.Flags()
	f.IntSliceVar(&counts, "shards", counts, "numbers of shards")
	f.IntVar(&o.Markets, "markets", o.Markets, "markets on each shard")
	f.IntVar(&o.Workers, "workers", o.Workers, "senders for each shard")
	f.IntVar(&o.Batch, "batch", o.Batch, "commands in a submission")
	f.DurationVar(&o.Duration, "duration", o.Duration, "how long each exchange trades")
	f.BoolVar(&asJSON, "json", false, "print a JSON object as the last line")
	return c
}

func printShards(c *cobra.Command, all []*shards.Result, o *shards.Options, asJSON bool) error {
	j := shardsReport{Batch: o.Batch, Workers: o.Workers, Markets: o.Markets}
	r := report{title: "Shards with their files in memory, in batches of " + number(o.Batch)}
	for _, a := range all {
		run := shardsRun{
			Shards: a.Shards, PerSecond: round(a.PerSecond(), 0), Cores: round(a.Cores(), 2), PerCore: round(a.PerCore(), 0),
			SpeedUp: round(a.PerSecond()/all[0].PerSecond(), 2), SpeedUpPerCore: round(a.PerCore()/all[0].PerCore(), 2),
			Commands: a.Commands, Refused: a.Refused, Trades: a.Trades,
		}
		j.Runs = append(j.Runs, run)
		name := number(a.Shards) + " shards: "
		if a.Shards == 1 {
			name = "1 shard: "
		}
		r.add(name+"commands", run.PerSecond, "/s")
		r.add("  cores used", run.Cores, "")
		r.add("  commands a second of one core", run.PerCore, "/s")
		r.add("  speed-up", run.SpeedUp, "")
		r.add("  speed-up per core", run.SpeedUpPerCore, "")
		r.add("  trades", run.Trades, "")
		r.add("  refused (mostly cancels of what had traded)", run.Refused, "of "+number(run.Commands))
	}
	return printReport(c, &r, j, asJSON)
}
