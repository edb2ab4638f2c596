package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/workload"
)

func newBenchStreamCommand() *cobra.Command {
	shape := workload.StreamA
	var out string
	c := &cobra.Command{
		Use:   "stream --out FILE",
		Short: "Write a stream of orders for bench engine and bench book",
		Long: "Write a stream of orders and cancels that looks like a prediction market. The same numbers give the same\n" +
			"file everywhere; those that the flags have by default give stream A, which published figures are about.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := workload.Generate(shape)
			if err != nil {
				return err
			}
			if err := writeStream(out, s); err != nil {
				return err
			}
			r := report{title: "Stream written to " + out}
			r.add("prefill", s.Prefill, "commands, not timed")
			r.add("timed", s.Timed(), "commands")
			r.add("orders", s.Orders(), "")
			return printReport(c, &r, nil, false)
		},
	}
	f := c.Flags()
	f.StringVar(&out, "out", "", "file to write")
	f.Uint64Var(&shape.Seed, "seed", shape.Seed, "seed of the random numbers")
	f.IntVar(&shape.Prefill, "prefill", shape.Prefill, "orders that rest before the timed commands")
	f.IntVar(&shape.Target, "target", shape.Target, "resting orders above which aggressive orders take several levels")
	f.IntVar(&shape.Width, "width", shape.Width, "greatest distance of new orders from the middle, in ticks")
	f.IntVar(&shape.Mid, "mid", shape.Mid, "middle at the start, in ticks")
	f.IntVar(&shape.Count, "count", shape.Count, "timed commands")
	_ = c.MarkFlagRequired("out")
	return c
}

func writeStream(file string, s *workload.Stream) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("making the file of the stream: %w", err)
	}
	err = s.Write(f)
	if closing := f.Close(); err == nil && closing != nil {
		err = fmt.Errorf("closing the file of the stream: %w", closing)
	}
	return err
}
