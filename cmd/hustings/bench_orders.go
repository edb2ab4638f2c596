package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/load/orders"
)

// ordersReport is the JSON of bench orders.
type ordersReport struct {
	OrdersPerS  float64 `json:"orders_per_s"` // accepted
	ItemsPerS   float64 `json:"items_per_s"`  // accepted, cancelled or refused
	OfferedPerS float64 `json:"offered_orders_per_s"`

	P50  float64 `json:"p50_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p999_ms"`
	Max  float64 `json:"max_ms"`

	Errors     uint64            `json:"errors"`
	ErrorCodes map[string]uint64 `json:"error_codes,omitempty"`
	Unsent     int64             `json:"unsent"`

	Requests uint64  `json:"requests"`
	Orders   uint64  `json:"orders"`
	Cancels  uint64  `json:"cancels"`
	TooLate  uint64  `json:"cancels_too_late"`
	Seconds  float64 `json:"seconds"`
	LagP99   float64 `json:"lag_p99_ms"` // of the load itself: from when a request was due to its being sent
	LagMax   float64 `json:"lag_max_ms"`
	Conns    int     `json:"conns"`
	Batch    int     `json:"batch"`
	Embedded bool    `json:"embedded"`
	Nodes    int     `json:"nodes,omitempty"`
}

// ordersFlags is what bench orders is told.
type ordersFlags struct {
	target
	config            orders.Config
	rate              float64 // orders a second
	most              bool
	accounts, markets int
	asJSON            bool
}

func newOrdersFlags() ordersFlags {
	return ordersFlags{accounts: 640, markets: 4,
		config: orders.Config{Seed: 1, Conns: 64, Batch: 1, Cancels: 0.2, Duration: 30 * time.Second, Warmup: 2 * time.Second}}
}

func newBenchOrdersCommand() *cobra.Command {
	b := newOrdersFlags()
	c := &cobra.Command{
		Use:   "orders {--rate N | --max}",
		Short: "Load an exchange with orders over HTTP and take the latencies",
		Long: "Send orders over HTTP, as many a second as --rate says or, with --max, as fast as the answers come. A request\n" +
			"at a rate counts as late from when it was due, whether a connection was free or not. Cancels come on top of the\n" +
			"rate. Without --addr an exchange is started in this process, on a temporary directory; it syncs every order to\n" +
			"disk before it answers, like any other. With --nodes it has several nodes, each a process of its own, and the\n" +
			"connections are spread over all of them.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return b.run(c) },
	}
	f := c.Flags()
	b.target.flags(f)
	f.IntVar(&b.nodes, "nodes", 0, "start so many nodes, each a process on this machine, and load all of them")
	f.Float64Var(&b.rate, "rate", 0, "orders a second")
	f.BoolVar(&b.most, "max", false, "send as fast as the answers come")
	f.IntVar(&b.config.Batch, "batch", b.config.Batch, "orders and cancels in a request, up to 100")
	f.DurationVar(&b.config.Duration, "duration", b.config.Duration, "how long to measure")
	f.DurationVar(&b.config.Warmup, "warmup", b.config.Warmup, "how long to send before measuring")
	b.crowdFlags(f)
	f.Float64Var(&b.config.Cancels, "cancels", b.config.Cancels, "share of what is sent that cancels")
	f.Uint64Var(&b.config.Seed, "seed", b.config.Seed, "seed of the random numbers")
	return c
}

// crowdFlags say who trades in what, and how it is told: what all loads of orders have.
func (b *ordersFlags) crowdFlags(f *pflag.FlagSet) {
	f.IntVar(&b.config.Conns, "conns", b.config.Conns, "connections")
	f.IntVar(&b.accounts, "accounts", b.accounts, "accounts that trade")
	f.IntVar(&b.markets, "markets", b.markets, "markets that they trade in")
	f.BoolVar(&b.asJSON, "json", false, "print a JSON object as the last line")
}

func (b *ordersFlags) run(c *cobra.Command) error {
	switch {
	case b.most == (b.rate > 0) || b.rate < 0:
		return errors.New("give either --rate with orders a second, or --max")
	case b.nodes < 0 || b.nodes > 0 && b.addr != "":
		return errors.New("--nodes must be positive, and cannot go with --addr")
	case b.accounts < b.config.Conns:
		return fmt.Errorf("--accounts %d: each of the %d connections needs one of its own", b.accounts, b.config.Conns)
	case b.markets < 1:
		return flagError("markets", number(b.markets), errAtLeastOne)
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	return b.with(ctx, client.Options{MaxConns: b.config.Conns, Tries: 1}, func(ctx context.Context) error {
		hired, err := b.hire(ctx, c)
		if err != nil {
			return err
		}
		b.config.Traders = orders.Of(hired)
		res, err := b.load(ctx, c)
		if err != nil {
			return err
		}
		return b.print(c, res)
	})
}

// hire opens the markets and makes the accounts, spread over the nodes.
func (b *ordersFlags) hire(ctx context.Context, c *cobra.Command) ([]floor.Trader, error) {
	for i := range b.markets {
		id, err := b.floor.OpenMarket(ctx, api.CreateMarket{Question: fmt.Sprintf("Is market %d of this load the busiest?", i+1)})
		if err != nil {
			return nil, err
		}
		b.config.Markets = append(b.config.Markets, id)
	}
	b.config.Tag = strconv.FormatInt(time.Now().UnixMilli(), 36)
	progress := newProgress(c, "making accounts", int64(b.accounts))
	defer progress.finish()
	const cash = 100_000_000_0000
	hired, err := b.floor.HireAll(ctx, "load-"+b.config.Tag+"-", b.accounts, cash, func(n int) { progress.set(int64(n)) })
	if err == nil && b.cluster != nil {
		err = b.cluster.spread(ctx, hired)
	}
	return hired, err
}

// load runs the load, with a line that says how long it still takes.
func (b *ordersFlags) load(ctx context.Context, c *cobra.Command) (*orders.Result, error) {
	// The rate is of orders: cancels come on top.
	b.config.Rate = b.rate / (1 - b.config.Cancels)
	total := b.config.Warmup + b.config.Duration
	progress := newProgress(c, "sending orders, ms", total.Milliseconds())
	defer progress.finish()
	stop := every(200*time.Millisecond, func(since time.Duration) { progress.set(min(since, total).Milliseconds()) })
	defer stop()
	return orders.Run(ctx, b.config)
}

// every calls f from time to time until the function that it returns is called.
func every(interval time.Duration, f func(since time.Duration)) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	begun := time.Now()
	ticker := time.NewTicker(interval)
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				f(time.Since(begun))
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}

func (b *ordersFlags) print(c *cobra.Command, res *orders.Result) error {
	j := ordersReport{
		OrdersPerS: round(res.Achieved, 1), ItemsPerS: round(res.Items, 1), OfferedPerS: b.rate,
		P50: res.Latency.P50, P99: res.Latency.P99, P999: res.Latency.P999, Max: res.Latency.Max,
		Errors: res.Errors, ErrorCodes: res.Codes, Unsent: res.Unsent,
		Requests: res.Requests, Orders: res.Orders, Cancels: res.Cancels, TooLate: res.TooLate,
		Seconds: round(res.Took.Seconds(), 3), LagP99: res.Lag.P99, LagMax: res.Lag.Max,
		Conns: b.config.Conns, Batch: b.config.Batch, Embedded: b.addr == "" && b.nodes == 0, Nodes: b.nodes,
	}
	how := "in a closed loop"
	if b.rate > 0 {
		how = fmt.Sprintf("%s a second in an open loop", number(b.rate))
	}
	r := report{title: fmt.Sprintf("Orders over HTTP, %s, %d connections, %s a request", how, j.Conns, number(j.Batch))}
	if b.nodes > 0 {
		r.title += fmt.Sprintf(", %d nodes", b.nodes)
	}
	r.add("orders accepted", j.OrdersPerS, "a second")
	r.add("orders, cancels and refusals", j.ItemsPerS, "a second")
	r.add("latency, p50", j.P50, "ms")
	r.add("latency, p99", j.P99, "ms")
	r.add("latency, p99.9", j.P999, "ms")
	r.add("latency, greatest", j.Max, "ms")
	r.add("errors", j.Errors, "")
	r.addCodes(j.ErrorCodes)
	r.add("requests", j.Requests, "")
	r.add("never sent", j.Unsent, "requests")
	r.add("cancels", j.Cancels, "")
	r.add("cancels that came too late", j.TooLate, "")
	r.add("measured", j.Seconds, "s")
	r.add("lag of the load, p99", j.LagP99, "ms")
	r.add("lag of the load, greatest", j.LagMax, "ms")
	return printReport(c, &r, j, b.asJSON)
}
