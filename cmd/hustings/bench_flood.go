package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/guard"
	"github.com/hustings/hustings/load/flood"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/load/orders"
)

// floodReport is the JSON of bench flood.
type floodReport struct {
	P99Ratio       float64 `json:"p99_ratio"` // beside the flood, against alone
	CancelsRefused uint64  `json:"cancels_refused"`
	Goodput        float64 `json:"goodput"` // share of the orders of those who behave that were accepted beside the flood

	AloneP50  float64 `json:"alone_p50_ms"`
	AloneP99  float64 `json:"alone_p99_ms"`
	BesideP50 float64 `json:"beside_p50_ms"`
	BesideP99 float64 `json:"beside_p99_ms"`
	BesideMax float64 `json:"beside_max_ms"`
	OnsetMax  float64 `json:"onset_max_ms"` // in the first second of the flood, which is in no other figure of latency

	Requests   uint64            `json:"requests"` // of those who behave, beside the flood
	Cancels    uint64            `json:"cancels"`
	ErrorCodes map[string]uint64 `json:"error_codes,omitempty"`

	Bearable      float64 `json:"bearable_per_s"`
	FloodDue      float64 `json:"flood_due_per_s"`
	FloodSent     float64 `json:"flood_sent_per_s"`
	FloodAccepted float64 `json:"flood_accepted_per_s"`
	FloodRefused  float64 `json:"flood_refused_per_s"`
	FloodConns    uint64  `json:"flood_connections"` // opened

	Seconds float64 `json:"seconds"`
}

// floodFlags is what bench flood is told.
type floodFlags struct {
	target
	times, bearable          float64
	clients                  int
	interval, duration       time.Duration
	accounts, addresses      int
	conns                    int
	tier                     string
	asJSON                   bool
	quiet, busy              api.ID // markets: of the yardstick, and of everybody else
	yardstick, floods, civil []floor.Trader
}

// yardsticks is how many traders find out what is bearable.
const yardsticks = 64

func newBenchFloodCommand() *cobra.Command {
	b := floodFlags{times: 10, clients: 60, interval: 250 * time.Millisecond, duration: 30 * time.Second, accounts: 240, addresses: 120, conns: 480,
		tier: guard.Standard.String()}
	c := &cobra.Command{
		Use:   "flood",
		Short: "Flood an exchange, and see how those who behave fare beside it",
		Long: "Find out how many orders a second the exchange can bear. Then let clients that behave place, look and cancel at a\n" +
			"modest rate, first alone, and then beside a flood of --times as many requests from other accounts and addresses:\n" +
			"most of it orders, the rest reads by nobody in particular and guessed credentials. The flood does not wait for\n" +
			"answers.\n\n" +
			"With the defaults those who behave send 7,200 requests alone, and as many beside the flood. A p99 of so many has 72\n" +
			"above it, give or take 17: by chance alone it is anything from the true p98.8 to the true p99.2, 95 times of 100.\n" +
			"Of a third as many it would be from p98.6 to p99.4. That is if requests were slow independently of each other, and\n" +
			"they are not: whatever stops the machine for a moment makes many slow at once. So take the median of some runs,\n" +
			"and neither a ratio of two p99s nor the greatest latency of one run for more than it is.\n\n" +
			"Without --addr an exchange is started in a process of its own, with the usual limits: in one process the flood's\n" +
			"own work would be in the figures. One that runs already is told by --bearable what it can bear.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return b.run(c) },
	}
	f := c.Flags()
	b.target.flags(f)
	f.Float64Var(&b.times, "times", b.times, "how many times the bearable load the flood is")
	f.Float64Var(&b.bearable, "bearable", 0, "orders a second that can be borne (default: find out)")
	f.IntVar(&b.clients, "clients", b.clients, "clients that behave, each with an account and an address")
	f.DurationVar(&b.interval, "interval", b.interval, "time between two requests of such a client")
	f.DurationVar(&b.duration, "duration", b.duration, "how long to measure, alone and beside the flood each")
	f.IntVar(&b.accounts, "accounts", b.accounts, "accounts that flood")
	f.IntVar(&b.addresses, "addresses", b.addresses, "addresses that flood, of 127.1.0.0/16")
	f.IntVar(&b.conns, "conns", b.conns, "connections of the flood")
	f.StringVar(&b.tier, "tier", b.tier, "tier of the accounts that flood an exchange that is started here")
	f.BoolVar(&b.asJSON, "json", false, "print a JSON object as the last line")
	return c
}

func (b *floodFlags) check() error {
	switch {
	case b.times < 0 || b.bearable < 0:
		return errors.New("--times and --bearable must not be negative")
	case b.clients < 1 || b.clients > 60_000:
		return errors.New("--clients must be within 1 and 60,000")
	case b.accounts < 1 || b.conns < 1:
		return errors.New("--accounts and --conns must be at least 1")
	case b.addresses < 1 || b.addresses > 60_000:
		return errors.New("--addresses must be within 1 and 60,000")
	case b.interval <= 0 || b.duration <= 0:
		return errors.New("--interval and --duration must be above 0")
	case b.addr != "" && b.bearable == 0:
		return errors.New("--addr needs --bearable: the limits of that exchange would hide what it can bear. See hustings bench orders --max")
	}
	_, err := guard.ParseTier(b.tier)
	return err
}

// limits are the usual ones, but for the traders that find out what is bearable. Accounts are numbered as they are made.
func (b *floodFlags) limits() *config.Limits {
	l := config.Defaults().Limits
	for i := range yardsticks + b.accounts {
		tier := guard.Institutional.String()
		if i >= yardsticks {
			tier = b.tier
		}
		l.Accounts = append(l.Accounts, config.AccountLimits{Account: uint32(i + 1), Tier: tier})
	}
	return &l
}

func (b *floodFlags) run(c *cobra.Command) (err error) {
	if err := b.check(); err != nil {
		return err
	}
	if b.addr == "" {
		b.nodes, b.clusterOptions.Limits = 1, b.limits()
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	return b.with(ctx, client.Options{MaxConns: yardsticks, Tries: 1}, func(ctx context.Context) error { return b.measure(ctx, c) })
}

func (b *floodFlags) measure(ctx context.Context, c *cobra.Command) error {
	if err := b.hire(ctx, c); err != nil {
		return err
	}
	if b.bearable == 0 {
		res, err := orders.Run(ctx, orders.Config{Markets: []api.ID{b.quiet}, Traders: orders.Of(b.yardstick), Tag: "yardstick-" + tag(), Seed: 1,
			Conns: len(b.yardstick), Batch: 1, Cancels: 0.2, Warmup: time.Second, Duration: 4 * time.Second})
		if err != nil {
			return err
		}
		b.bearable = res.Achieved
	}
	traders, err := b.traders()
	if err != nil {
		return err
	}
	defer func() {
		for _, t := range traders {
			t.Close()
		}
	}()
	total := 2*b.duration + onset
	progress := newProgress(c, "flooding, ms", total.Milliseconds())
	stopProgress := every(200*time.Millisecond, func(since time.Duration) { progress.set(min(since, total).Milliseconds()) })
	alone := flood.Behave(ctx, traders, b.interval, b.duration)
	begun := time.Now()
	end := flood.Begin(ctx, b.flood())
	onset := flood.Behave(ctx, named(traders, "onset-"), b.interval, onset)
	beside := flood.Behave(ctx, named(traders, "beside-"), b.interval, b.duration)
	toll := end()
	took := time.Since(begun)
	stopProgress()
	progress.finish()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the flood was stopped: %w", err)
	}
	return b.print(c, alone, onset, beside, toll, took)
}

// onset is the beginning of a flood, which is told apart: those who flood spend what they had saved then, as anybody may.
const onset = time.Second

// named are the same traders with other client order ids.
func named(traders []flood.Trader, tag string) []flood.Trader {
	all := slices.Clone(traders)
	for i := range all {
		all[i].Tag = tag + all[i].Tag
	}
	return all
}

func tag() string { return strconv.FormatInt(time.Now().UnixMilli(), 36) }

// hire opens the markets and makes the accounts, in the order that limits has them.
func (b *floodFlags) hire(ctx context.Context, c *cobra.Command) (err error) {
	for i, id := range []*api.ID{&b.quiet, &b.busy} {
		if *id, err = b.floor.OpenMarket(ctx, api.CreateMarket{Question: fmt.Sprintf("Is market %d above the water?", i+1)}); err != nil {
			return err
		}
	}
	progress := newProgress(c, "making accounts", int64(yardsticks+b.accounts+b.clients))
	defer progress.finish()
	const cash = 100_000_000_0000
	done := 0
	for _, group := range []struct {
		name string
		n    int
		into *[]floor.Trader
	}{{"yardstick", yardsticks, &b.yardstick}, {"flood", b.accounts, &b.floods}, {"civil", b.clients, &b.civil}} {
		*group.into, err = b.floor.HireAll(ctx, group.name+"-"+tag()+"-", group.n, cash, func(n int) { progress.set(int64(done + n)) })
		if err != nil {
			return err
		}
		done += group.n
	}
	return nil
}

// loopback is one of the addresses 127.block.0.0/16.
func loopback(block byte, i int) net.IP { return net.IPv4(127, block, byte(i/250), byte(i%250+1)) }

// traders are those who behave, each with a connection from an address of its own.
func (b *floodFlags) traders() ([]flood.Trader, error) {
	all := make([]flood.Trader, len(b.civil))
	for i, hired := range b.civil {
		via, err := client.New("http://"+b.floor.Public.Address(), client.Options{MaxConns: 1, Tries: 1, From: &net.TCPAddr{IP: loopback(2, i)}})
		if err != nil {
			return nil, err
		}
		all[i] = flood.Trader{Client: hired.Via(via), Market: b.busy, Tag: strconv.Itoa(i) + "-"}
	}
	return all, nil
}

// flood is eight parts of orders, and one each of reads and guesses.
func (b *floodFlags) flood() flood.Config {
	host, market := b.floor.Public.Address(), uint64(b.busy)
	fc := flood.Config{Addr: host, Rate: b.times * b.bearable, Conns: b.conns}
	for i := range b.addresses {
		fc.From = append(fc.From, loopback(1, i))
	}
	for i, hired := range b.floods {
		fc.Senders = append(fc.Senders, flood.Order(host, market, hired.Token(), strconv.Itoa(i)+"-"))
		switch i % 8 {
		case 3:
			fc.Senders = append(fc.Senders, flood.Read(host, market))
		case 7:
			fc.Senders = append(fc.Senders, flood.Guess(host))
		}
	}
	return fc
}

func (b *floodFlags) print(c *cobra.Command, alone, onset, beside *flood.Outcome, toll flood.Toll, took time.Duration) error {
	ms := func(o *flood.Outcome, percentile float64) float64 {
		return float64(o.Latency.ValueAtPercentile(percentile)) / 1_000
	}
	rate := func(n uint64) float64 { return round(float64(n)/took.Seconds(), 1) }
	j := floodReport{
		CancelsRefused: alone.CancelsRefused + onset.CancelsRefused + beside.CancelsRefused,
		AloneP50:       ms(alone, 50), AloneP99: ms(alone, 99), BesideP50: ms(beside, 50), BesideP99: ms(beside, 99), BesideMax: ms(beside, 100), OnsetMax: ms(onset, 100),
		Requests: beside.Orders + beside.Reads + beside.Cancels, Cancels: beside.Cancels, ErrorCodes: beside.Codes,
		Bearable: round(b.bearable, 1), FloodDue: rate(toll.Due), FloodSent: rate(toll.Sent), FloodAccepted: rate(toll.Answered[2]),
		FloodRefused: rate(toll.Answered[4] + toll.Answered[5]), FloodConns: toll.Conns, Seconds: round(took.Seconds(), 3),
	}
	j.P99Ratio = round(j.BesideP99/j.AloneP99, 2)
	j.Goodput = round(float64(beside.Placed)/float64(max(1, beside.Orders)), 4)
	r := report{title: fmt.Sprintf("%s clients that behave, beside a flood of %s times what is bearable", number(b.clients), number(b.times))}
	r.add("latency alone, p50", j.AloneP50, "ms")
	r.add("latency alone, p99", j.AloneP99, "ms")
	r.add("latency beside the flood, p50", j.BesideP50, "ms")
	r.add("latency beside the flood, p99", j.BesideP99, "ms")
	r.add("latency beside the flood, greatest", j.BesideMax, "ms")
	r.add("latency in its first second, greatest", j.OnsetMax, "ms")
	r.add("p99 beside the flood against alone", j.P99Ratio, "times")
	r.add("requests beside the flood", j.Requests, "")
	r.add("orders accepted, of those sent", j.Goodput, "")
	r.add("cancels refused", j.CancelsRefused, "of "+number(alone.Cancels+onset.Cancels+beside.Cancels))
	r.addCodes(j.ErrorCodes)
	r.add("bearable", j.Bearable, "orders a second")
	r.add("flood that was due", j.FloodDue, "requests a second")
	r.add("flood that connections took", j.FloodSent, "requests a second")
	r.add("flood that was accepted", j.FloodAccepted, "requests a second")
	r.add("flood that was refused", j.FloodRefused, "requests a second")
	r.add("connections of the flood", j.FloodConns, "opened")
	r.add("measured", j.Seconds, "s")
	return printReport(c, &r, j, b.asJSON)
}
