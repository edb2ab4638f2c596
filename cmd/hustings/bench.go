package main

import (
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/workload"
)

// newBenchCommand measures parts of the exchange, each by a command of its own that ends by itself.
func newBenchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast the exchange is on this machine",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newBenchStreamCommand(), newBenchEngineCommand(), newBenchBookCommand(), newBenchMemoryCommand(), newBenchRecoverCommand(),
		newBenchOrdersCommand(), newBenchFeedCommand(), newBenchFailoverCommand(), newBenchElectionsCommand(), newBenchRebalanceCommand(),
		newBenchShardsCommand(), newBenchFloodCommand(), newBenchWatchCommand())
	return c
}

// loadStream reads a stream, or makes stream A where no file is named.
func loadStream(file string) (*workload.Stream, error) {
	if file == "" {
		return workload.Generate(workload.StreamA)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the stream: %w", err)
	}
	defer f.Close()
	s, err := workload.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func round(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}

var errAtLeastOne = errors.New("must be at least 1")

func flagError(flag, text string, err error) error {
	return fmt.Errorf("--%s %s: %w", flag, text, err)
}

// printReport prints the table, and the object as JSON if that was asked for.
func printReport(c *cobra.Command, r *report, object any, asJSON bool) error {
	return printResult(c, r.String(), object, asJSON)
}
