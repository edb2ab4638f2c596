package main

import (
	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/core"
	"github.com/hustings/hustings/load/workload"
)

// thinRounds makes a thin stream of a million commands.
const thinRounds = 125_000

// bookReport is the JSON of bench book.
type bookReport struct {
	TradeHash        uint64  `json:"trade_hash"`
	Trades           uint64  `json:"trades"`
	TradedQuantity   uint64  `json:"traded_quantity"`
	LiveOrders       int     `json:"live_orders"`
	Commands         int     `json:"commands"`
	NsPerCommand     float64 `json:"ns_per_command"`
	NsMin            float64 `json:"ns_per_command_min"`
	ThinNsPerCommand float64 `json:"thin_ns_per_command"`
	ThinNsMin        float64 `json:"thin_ns_per_command_min"`
	Runs             int     `json:"runs"`
}

func newBenchBookCommand() *cobra.Command {
	var stream string
	var asJSON bool
	runs := 7
	c := &cobra.Command{
		Use:   "book",
		Short: "Time the order book and its events alone",
		Long: "Send a stream of orders through one order book that writes the bytes of its events: no accounts, no money,\n" +
			"no keys. Then the same on a thin book, where the next best price is always 9,000 ticks away.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := loadStream(stream)
			if err != nil {
				return err
			}
			if runs < 1 {
				return flagError("runs", number(runs), errAtLeastOne)
			}
			full, err := core.Book(s, runs)
			if err != nil {
				return err
			}
			thin, err := core.Book(workload.Thin(thinRounds), runs)
			if err != nil {
				return err
			}
			return printBook(c, full, thin, asJSON)
		},
	}
	f := c.Flags()
	f.StringVar(&stream, "stream", "", "file of bench stream (default: stream A)")
	f.IntVar(&runs, "runs", runs, "timed runs, of which the median counts")
	f.BoolVar(&asJSON, "json", false, "print a JSON object as the last line")
	return c
}

func printBook(c *cobra.Command, full, thin *core.BookResult, asJSON bool) error {
	j := bookReport{
		TradeHash: full.Tally.Hash, Trades: full.Tally.Trades, TradedQuantity: full.Tally.Quantity,
		LiveOrders: full.Live, Commands: full.Time.Commands,
		NsPerCommand: round(full.Time.Median(), 1), NsMin: round(full.Time.Least(), 1),
		ThinNsPerCommand: round(thin.Time.Median(), 1), ThinNsMin: round(thin.Time.Least(), 1), Runs: len(full.Time.Runs),
	}
	r := report{title: "The order book and its events alone"}
	r.add("trade hash", full.Tally.String(), "")
	r.add("trades", j.Trades, "")
	r.add("traded", j.TradedQuantity, "contracts")
	r.add("live orders at the end", j.LiveOrders, "")
	r.add("timed", j.Commands, "commands")
	r.add("time, median of "+number(j.Runs), j.NsPerCommand, "ns a command")
	r.add("time, fastest", j.NsMin, "ns a command")
	r.add("thin book, median", j.ThinNsPerCommand, "ns a command")
	r.add("thin book, fastest", j.ThinNsMin, "ns a command")
	return printReport(c, &r, j, asJSON)
}
