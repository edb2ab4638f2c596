//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newBenchFeedCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "feed",
		Short: "Measure the market-data feed (on Linux)",
		RunE: func(*cobra.Command, []string) error {
			return errors.New("the feed is measured on Linux: so many connections need its epoll")
		},
	}
}
