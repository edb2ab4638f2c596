//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	crowd "github.com/hustings/hustings/load/feed"
	"github.com/hustings/hustings/load/orders"
)

// feedReport is the JSON of bench feed. Which parts it has depends on what was measured.
type feedReport struct {
	Subscribers int     `json:"subscribers,omitempty"`
	Rate        float64 `json:"rate,omitempty"`
	OrdersPerS  float64 `json:"orders_per_s,omitempty"`
	Gaps        uint64  `json:"gaps"`
	*feedDeliveries
	*feedIdle
	*feedSlow
	*feedBytes
}

type feedDeliveries struct {
	Deliveries float64 `json:"deliveries_per_s"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	Max        float64 `json:"max_ms"`
}

type feedIdle struct {
	Idle               int     `json:"idle"`
	BytesPerConnection float64 `json:"bytes_per_connection"`
}

type feedSlow struct {
	Slow     int     `json:"slow"`
	P99Ratio float64 `json:"p99_ratio"` // 0: nothing was delivered without them
	MemoryMB float64 `json:"memory_mb"`
}

type feedBytes struct {
	Messages  uint64  `json:"messages"`
	JSONBytes uint64  `json:"json_bytes"`
	Compact   uint64  `json:"compact_bytes"`
	ByteRatio float64 `json:"byte_ratio"`
}

// delivered is what a crowd has received.
func delivered(t *crowd.Tally) *feedDeliveries {
	return &feedDeliveries{Deliveries: round(float64(t.Messages)/t.Seconds, 0), P50: t.P50, P99: t.P99, Max: t.Max}
}

// feedFlags is what bench feed is told.
type feedFlags struct {
	ordersFlags
	subscribers, slow, idle int
	ordersRate              float64
	bytes                   bool
	hold                    string
	loads                   int    // that were begun
	made                    api.ID // seq with which the markets are there
}

func newBenchFeedCommand() *cobra.Command {
	b := feedFlags{ordersFlags: newOrdersFlags(), subscribers: 2_000}
	b.accounts, b.markets, b.config.Conns, b.config.Cancels, b.rate = 64, 1, 16, 0, 100
	b.config.Duration = 15 * time.Second
	c := &cobra.Command{
		Use:   "feed",
		Short: "Measure the market-data feed",
		Long: "Measure the feed of an exchange that is started in this process, on a temporary directory. Subscribers and exchange\n" +
			"share the machine. Without further flags --subscribers watch one market, in which --rate orders a second change the\n" +
			"book; a delivery is a message that one subscriber has received, and its latency counts from the log time of the order,\n" +
			"so that its way to the disk is part of it.\n\n" +
			"  --slow N      the same with and without N subscribers that never read: what the others notice of them\n" +
			"  --idle N      memory of so many connections that do nothing\n" +
			"  --bytes       bytes of the compact form against JSON, all channels of a busy market, over --duration\n" +
			"  --orders N    trades to ten subscribers at so many orders a second, from the log time\n\n" +
			"With --tls all of it is over TLS, with a certificate that is made for it. The subscribers, which decrypt and have a goroutine\n" +
			"each then, take more of the machine too.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
			defer stop()
			return b.run(ctx, c)
		},
	}
	f := c.Flags()
	f.IntVar(&b.subscribers, "subscribers", b.subscribers, "subscribers of the busy market")
	f.Float64Var(&b.rate, "rate", b.rate, "orders a second")
	f.IntVar(&b.slow, "slow", 0, "subscribers beside them that never read")
	f.IntVar(&b.idle, "idle", 0, "measure the memory of so many idle connections")
	f.BoolVar(&b.bytes, "bytes", false, "measure the bytes of both encodings")
	f.BoolVar(&b.secured, "tls", false, "over TLS")
	f.Float64Var(&b.ordersRate, "orders", 0, "measure trades at so many orders a second")
	f.DurationVar(&b.config.Duration, "duration", b.config.Duration, "how long to measure")
	f.DurationVar(&b.config.Warmup, "warmup", b.config.Warmup, "how long to send before measuring")
	f.BoolVar(&b.asJSON, "json", false, "print a JSON object as the last line")
	f.StringVar(&b.hold, "hold", "", "hold --idle connections to this address until the input ends")
	f.StringVar(&b.authority, "authority", "", "over TLS, to whom these authorities vouch for")
	_ = f.MarkHidden("hold")
	_ = f.MarkHidden("authority")
	return c
}

func (b *feedFlags) run(ctx context.Context, c *cobra.Command) error {
	if b.hold != "" {
		return b.holdIdle(ctx, c)
	}
	if b.subscribers < 1 || b.slow < 0 || b.idle < 0 || b.rate <= 0 || b.ordersRate < 0 {
		return errors.New("--subscribers and --rate must be positive, and none of the others negative")
	}
	b.maxConns = crowd.Files()
	measure := b.measureDeliveries
	switch {
	case b.idle > 0:
		measure = b.measureIdle
	case b.bytes:
		measure = b.measureBytes
	case b.ordersRate > 0:
		measure = b.measureTrades
	case b.slow > 0:
		measure = b.measureSlow
	}
	return b.with(ctx, client.Options{MaxConns: b.config.Conns, Tries: 1}, func(ctx context.Context) error {
		return measure(ctx, c)
	})
}

// how is what titles say of it.
func (b *feedFlags) how() string {
	if b.secured {
		return " over TLS"
	}
	return ""
}

// trade opens the market and hires the traders.
func (b *feedFlags) trade(ctx context.Context, c *cobra.Command) error {
	hired, err := b.hire(ctx, c)
	if err != nil {
		return err
	}
	b.config.Traders = orders.Of(hired)
	m, err := b.floor.Public.Fresh().Market(ctx, b.config.Markets[len(b.config.Markets)-1], 0)
	b.made = m.Seq
	return err
}

// subscribe is a subscription to channels of all markets.
func (b *feedFlags) subscribe(channels string) string {
	return fmt.Sprintf(`{"op":"subscribe","channels":[%s],"all":true,"min_seq":"%v"}`, channels, b.made)
}

// crowd is one that connects to the exchange.
func (b *feedFlags) crowd(subscribers int, subscribe string) crowd.Config {
	return crowd.Config{Addr: b.node.Addr(), Count: subscribers, Subscribe: subscribe, Query: "?encoding=binary", TLS: b.trust}
}

// deliver lets a crowd watch while orders are sent.
func (b *feedFlags) deliver(ctx context.Context, subscribe string, subscribers int, rate float64) (crowd.Tally, error) {
	people, err := crowd.Open(ctx, b.crowd(subscribers, subscribe))
	if err != nil {
		return crowd.Tally{}, err
	}
	defer people.Close()
	if err := people.Begun(ctx); err != nil {
		return crowd.Tally{}, err
	}
	cfg := b.config
	cfg.Rate = rate
	b.loads++
	cfg.Tag += "-" + strconv.Itoa(b.loads) // other client order ids than those of the load before
	load := orders.Start(ctx, cfg)
	if err := load.Pause(ctx, b.config.Warmup); err != nil {
		return crowd.Tally{}, err
	}
	people.Take()
	begun := time.Now()
	if err := load.Pause(ctx, b.config.Duration); err != nil {
		return crowd.Tally{}, err
	}
	t := people.Take()
	t.Seconds = time.Since(begun).Seconds()
	if err := load.End(); err != nil {
		return t, err
	}
	return t, people.Settled(ctx)
}

func (b *feedFlags) measureDeliveries(ctx context.Context, c *cobra.Command) error {
	if err := b.trade(ctx, c); err != nil {
		return err
	}
	t, err := b.deliver(ctx, b.subscribe(`"book"`), b.subscribers, b.rate)
	if err != nil {
		return err
	}
	j := feedReport{Subscribers: b.subscribers, Rate: b.rate, Gaps: t.Gaps, feedDeliveries: delivered(&t)}
	r := report{title: fmt.Sprintf("Feed%s: %s subscribers of one market, %s orders a second", b.how(), number(b.subscribers), number(b.rate))}
	r.add("deliveries", j.Deliveries, "a second")
	r.add("latency, p50", j.P50, "ms")
	r.add("latency, p99", j.P99, "ms")
	r.add("latency, greatest", j.Max, "ms")
	r.add("gaps", j.Gaps, "")
	return printReport(c, &r, j, b.asJSON)
}

// measureSlow measures without slow subscribers first, and then with them.
func (b *feedFlags) measureSlow(ctx context.Context, c *cobra.Command) error {
	if err := b.trade(ctx, c); err != nil {
		return err
	}
	without, err := b.deliver(ctx, b.subscribe(`"book"`), b.subscribers, b.rate)
	if err != nil {
		return err
	}
	before, err := settledMemory()
	if err != nil {
		return err
	}
	asleep := b.crowd(b.slow, b.subscribe(`"book","trades","ticker"`))
	asleep.Query, asleep.Silent, asleep.Receive = "", true, 4<<10
	sleepers, err := crowd.Open(ctx, asleep)
	if err != nil {
		return err
	}
	defer sleepers.Close()
	with, err := b.deliver(ctx, b.subscribe(`"book"`), b.subscribers, b.rate)
	if err != nil {
		return err
	}
	after, err := settledMemory()
	if err != nil {
		return err
	}
	j := feedReport{Subscribers: b.subscribers, Rate: b.rate, Gaps: with.Gaps, feedDeliveries: delivered(&with),
		feedSlow: &feedSlow{Slow: b.slow, MemoryMB: round(max(0, float64(after)-float64(before))/1e6, 1)}}
	if without.P99 > 0 {
		j.P99Ratio = round(with.P99/without.P99, 2)
	}
	r := report{title: fmt.Sprintf("Feed%s: %s subscribers, and %s that never read", b.how(), number(b.subscribers), number(b.slow))}
	r.add("deliveries", j.Deliveries, "a second")
	r.add("latency without slow ones, p99", without.P99, "ms")
	r.add("latency beside slow ones, p99", with.P99, "ms")
	r.add("ratio", j.P99Ratio, "")
	r.add("gaps of those who read", j.Gaps, "")
	r.add("memory for the slow ones", j.MemoryMB, "MB")
	return printReport(c, &r, j, b.asJSON)
}

// settledMemory is the memory of this process once what is not used has been given back.
func settledMemory() (uint64, error) {
	debug.FreeOSMemory()
	return crowd.Resident()
}

// measureIdle has another process hold connections, so that what they cost here is the exchange's.
func (b *feedFlags) measureIdle(ctx context.Context, c *cobra.Command) error {
	const others = 128 // files of an exchange beside them
	count := min(b.idle, b.maxConns-others)
	before, err := settledMemory()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	holder := exec.CommandContext(ctx, self, "bench", "feed", "--hold", b.node.Addr(), "--idle", strconv.Itoa(count), "--authority", b.authority)
	holder.Stderr = os.Stderr
	in, err := holder.StdinPipe()
	if err != nil {
		return fmt.Errorf("starting a process that connects: %w", err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting a process that connects: %w", err)
	}
	if err := holder.Start(); err != nil {
		return fmt.Errorf("starting a process that connects: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != holding {
		return errors.Join(errors.New("the process that connects has failed"), in.Close(), holder.Wait())
	}
	after, err := settledMemory()
	if err := errors.Join(err, in.Close(), holder.Wait()); err != nil {
		return err
	}
	j := feedReport{feedIdle: &feedIdle{Idle: count, BytesPerConnection: round(max(0, float64(after)-float64(before))/float64(count), 0)}}
	r := report{title: fmt.Sprintf("Feed%s: %s idle connections", b.how(), number(count))}
	if count < b.idle {
		r.title += fmt.Sprintf(" (this process may have no more than %s files open)", number(b.maxConns))
	}
	r.add("memory of the exchange for each", j.BytesPerConnection, "bytes")
	return printReport(c, &r, j, b.asJSON)
}

const holding = "holding\n"

// holdIdle is the other process.
func (b *feedFlags) holdIdle(ctx context.Context, c *cobra.Command) (err error) {
	crowd.Files()
	if b.authority != "" {
		if b.trust, err = trustIn(b.authority); err != nil {
			return err
		}
	}
	people, err := crowd.Open(ctx, crowd.Config{Addr: b.hold, Count: b.idle, Silent: true, TLS: b.trust})
	if err != nil {
		return err
	}
	defer people.Close()
	if _, err := io.WriteString(c.OutOrStdout(), holding); err != nil {
		return fmt.Errorf("saying that the connections are there: %w", err)
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// measureBytes has one subscriber of each encoding take everything of a busy market.
func (b *feedFlags) measureBytes(ctx context.Context, c *cobra.Command) error {
	b.config.Cancels = 0.2
	if err := b.trade(ctx, c); err != nil {
		return err
	}
	var people [2]*crowd.Crowd
	for i, query := range []string{"?encoding=json", "?encoding=binary"} {
		one := b.crowd(1, b.subscribe(`"book","trades","ticker","status"`))
		one.Query = query
		p, err := crowd.Open(ctx, one)
		if err != nil {
			return err
		}
		defer p.Close()
		people[i] = p
	}
	cfg := b.config
	cfg.Rate = b.rate
	load := orders.Start(ctx, cfg)
	if err := load.Pause(ctx, b.config.Warmup); err != nil {
		return err
	}
	people[0].Take()
	people[1].Take()
	if err := load.Pause(ctx, b.config.Duration); err != nil {
		return err
	}
	text, compact := people[0].Take(), people[1].Take()
	if err := load.End(); err != nil {
		return err
	}
	j := feedReport{Rate: b.rate, feedBytes: &feedBytes{Messages: compact.Frames, JSONBytes: text.Bytes, Compact: compact.Bytes,
		ByteRatio: round(float64(text.Bytes)/float64(max(1, compact.Bytes)), 2)}}
	r := report{title: fmt.Sprintf("Feed%s: bytes of both encodings over %v, %s orders a second", b.how(), b.config.Duration, number(b.rate))}
	r.add("messages", j.Messages, "")
	r.add("JSON", j.JSONBytes, "bytes")
	r.add("compact", j.Compact, "bytes")
	r.add("ratio", j.ByteRatio, "")
	return printReport(c, &r, j, b.asJSON)
}

// measureTrades takes how long trades need to their subscribers while the exchange is busy.
func (b *feedFlags) measureTrades(ctx context.Context, c *cobra.Command) error {
	const watchers = 10
	b.accounts, b.markets, b.config.Conns, b.config.Cancels = 640, 4, 64, 0.2
	if err := b.trade(ctx, c); err != nil {
		return err
	}
	t, err := b.deliver(ctx, fmt.Sprintf(`{"op":"subscribe","channels":["trades"],"markets":["%v"],"min_seq":"%v"}`, b.config.Markets[0], b.made), watchers, b.ordersRate/(1-b.config.Cancels))
	if err != nil {
		return err
	}
	j := feedReport{Subscribers: watchers, OrdersPerS: b.ordersRate, Gaps: t.Gaps, feedDeliveries: delivered(&t)}
	r := report{title: fmt.Sprintf("Feed%s: trades to %d subscribers, %s orders a second", b.how(), watchers, number(b.ordersRate))}
	r.add("deliveries", j.Deliveries, "a second")
	r.add("latency, p50", j.P50, "ms")
	r.add("latency, p99", j.P99, "ms")
	r.add("latency, greatest", j.Max, "ms")
	r.add("gaps", j.Gaps, "")
	return printReport(c, &r, j, b.asJSON)
}
