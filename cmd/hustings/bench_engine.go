package main

import (
	"github.com/spf13/cobra"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/load/core"
)

// engineReport is the JSON of bench engine.
type engineReport struct {
	TradeHash      uint64  `json:"trade_hash"`
	Trades         uint64  `json:"trades"`
	TradedQuantity uint64  `json:"traded_quantity"`
	LiveOrders     int     `json:"live_orders"`
	Refused        int     `json:"refused"`
	Commands       int     `json:"commands"`
	Events         int     `json:"events"`
	NsPerCommand   float64 `json:"ns_per_command"`
	NsMin          float64 `json:"ns_per_command_min"`
	Allocs         float64 `json:"allocs_per_command"`
	Keys           bool    `json:"keys"`
	Batch          int     `json:"batch"`
	TakerFee       string  `json:"taker_fee"`
	Reserve        int     `json:"reserve"`
	Runs           int     `json:"runs"`
}

func newBenchEngineCommand() *cobra.Command {
	var stream, fee, share string
	var noKeys, asJSON bool
	cfg := core.EngineConfig{Batch: 128, Runs: 5, Reserve: 1 << 20}
	c := &cobra.Command{
		Use:   "engine",
		Short: "Time the whole core: validation, keys, holds, fees, matching, ledger and the bytes of events",
		Long: "Send a stream of orders through the state machine in batches as the replicated log would hold them, with\n" +
			"997 accounts and an idempotency key on each command. Nothing is on disk. The stream is run twice before it is\n" +
			"timed: to learn the ids of its orders, and to sum up its trades. As in an exchange that runs, there is room for\n" +
			"keys and orders from the start; with --reserve 0 the time to make it is counted.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			cfg.Keys = !noKeys
			if cfg.TakerFee, err = parseRate("taker-fee", fee); err != nil {
				return err
			}
			if cfg.MakerShare, err = parseRate("maker-share", share); err != nil {
				return err
			}
			s, err := loadStream(stream)
			if err != nil {
				return err
			}
			res, err := core.Engine(s, cfg)
			if err != nil {
				return err
			}
			return printEngine(c, res, &cfg, asJSON)
		},
	}
	f := c.Flags()
	f.StringVar(&stream, "stream", "", "file of bench stream (default: stream A)")
	f.BoolVar(&noKeys, "no-keys", false, "send commands without idempotency keys")
	f.IntVar(&cfg.Batch, "batch", cfg.Batch, "commands in a batch")
	f.StringVar(&fee, "taker-fee", "0.07", "taker's fee rate of the market")
	f.StringVar(&share, "maker-share", "0", "maker's rate as a share of it")
	f.IntVar(&cfg.Reserve, "reserve", cfg.Reserve, "keys and open orders for which there is room from the start")
	f.IntVar(&cfg.Runs, "runs", cfg.Runs, "timed runs, of which the median counts")
	f.BoolVar(&asJSON, "json", false, "print a JSON object as the last line")
	return c
}

func printEngine(c *cobra.Command, res *core.EngineResult, cfg *core.EngineConfig, asJSON bool) error {
	j := engineReport{
		TradeHash: res.Tally.Hash, Trades: res.Tally.Trades, TradedQuantity: res.Tally.Quantity, LiveOrders: res.Live,
		Refused: res.Refused, Commands: res.Commands, Events: res.Events,
		NsPerCommand: round(res.Time.Median(), 1), NsMin: round(res.Time.Least(), 1), Allocs: round(res.Allocs, 3),
		Keys: cfg.Keys, Batch: cfg.Batch, TakerFee: cfg.TakerFee.String(), Reserve: cfg.Reserve, Runs: cfg.Runs,
	}
	r := report{title: "The whole core, in batches of " + number(cfg.Batch) + ", taker fee " + j.TakerFee}
	if !cfg.Keys {
		r.title += ", without idempotency keys"
	}
	r.add("trade hash", res.Tally.String(), "")
	r.add("trades", j.Trades, "")
	r.add("traded", j.TradedQuantity, "contracts")
	r.add("live orders at the end", j.LiveOrders, "")
	r.add("refused", j.Refused, "commands")
	r.add("timed", j.Commands, "commands")
	r.add("events", j.Events, "")
	r.add("time, median of "+number(j.Runs), j.NsPerCommand, "ns a command")
	r.add("time, fastest", j.NsMin, "ns a command")
	r.add("allocations", j.Allocs, "a command")
	return printReport(c, &r, j, asJSON)
}

func parseRate(flag, text string) (exchange.FeeRate, error) {
	rate, err := exchange.ParseRate(text)
	if err != nil {
		return 0, flagError(flag, text, err)
	}
	return rate, nil
}
