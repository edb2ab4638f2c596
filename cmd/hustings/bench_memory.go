package main

import (
	"math"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/core"
)

// memoryReport is the JSON of bench memory.
type memoryReport struct {
	Markets        int     `json:"markets"`
	BytesPerMarket float64 `json:"bytes_per_quiet_market"` // of state machine and read model together
	Shard          float64 `json:"shard_bytes_per_quiet_market"`
	Projection     float64 `json:"projection_bytes_per_quiet_market"`
	Texts          float64 `json:"text_bytes_per_quiet_market"` // question and rules, once
}

func newBenchMemoryCommand() *cobra.Command {
	markets := 1_000_000
	var asJSON bool
	c := &cobra.Command{
		Use:   "memory",
		Short: "Measure what a quiet market takes of the heap",
		Long: "Open many binary markets, with questions and rules as people write them and no orders, in the state machine\n" +
			"and the read model, and measure the heap once garbage is collected.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			progress := newProgress(c, "opening markets", int64(markets))
			res, err := core.Memory(markets, func(done int) { progress.set(int64(done)) })
			progress.finish()
			if err != nil {
				return err
			}
			return printMemory(c, res, asJSON)
		},
	}
	f := c.Flags()
	f.IntVar(&markets, "markets", markets, "markets to open")
	f.BoolVar(&asJSON, "json", false, "print a JSON object as the last line")
	return c
}

func printMemory(c *cobra.Command, res *core.MemoryResult, asJSON bool) error {
	each := func(bytes uint64) float64 { return math.Round(float64(bytes) / float64(res.Markets)) }
	j := memoryReport{
		Markets: res.Markets, BytesPerMarket: each(res.Shard + res.Projection),
		Shard: each(res.Shard), Projection: each(res.Projection), Texts: each(res.Texts),
	}
	r := report{title: "Memory of quiet markets"}
	r.add("markets", j.Markets, "")
	r.add("state machine", j.Shard, "bytes a market")
	r.add("read model", j.Projection, "bytes a market")
	r.add("together", j.BytesPerMarket, "bytes a market")
	r.add("question and rules", j.Texts, "bytes a market, once")
	return printReport(c, &r, j, asJSON)
}
