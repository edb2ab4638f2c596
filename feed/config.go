package feed

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// Config says how a feed is run. All of it has defaults.
type Config struct {
	Desk    Desk                                                 // nil: nobody can authenticate
	Balance func(exchange.AccountID) (cash, held exchange.Money) // on all shards, what is under way included; default: the sum of the shards
	Wait    func(context.Context, exchange.Seq) *api.Problem     // for what reads that name a Seq wait for; default: for nothing
	Alone   bool                                                 // nobody comes from another node: what has not been watched here is not kept
	Origins []string                                             // of browsers that may connect beside those of the exchange's own host; "*": all

	MaxConnections   int // default 50,000
	MaxSubscriptions int // of one connection, a channel of a market each; default 50,000
	MaxQueue         int // bytes that wait for one connection before messages are left out; default 256 KiB
	SendBuffer       int // bytes that the kernel may keep for one connection; default 256 KiB
	MaxRequests      int // that one connection may send in a second, pings included; default 200
	Ring             int // messages of each chain that are kept for those who resume; default 256

	Heartbeat time.Duration // a quiet chain gets a heartbeat this often; default 10 s
	Ping      time.Duration // a silent connection is pinged after this, and closed after twice; default 30 s
	Stall     time.Duration // a connection that takes nothing for so long is closed; default 30 s
	Rest      time.Duration // a market that nobody watches is forgotten after this; default 10 min

	Lanes   int // default: as many as processors
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *prometheus.Registry
}

// MaxConnections is how many connections a feed takes if nothing else is said.
const MaxConnections = 50_000

func (c *Config) complete() {
	number := func(n *int, otherwise int) {
		if *n <= 0 {
			*n = otherwise
		}
	}
	span := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	number(&c.MaxConnections, MaxConnections)
	number(&c.MaxSubscriptions, 50_000)
	number(&c.MaxQueue, 256<<10)
	number(&c.SendBuffer, 256<<10)
	number(&c.MaxRequests, 200)
	number(&c.Ring, 256)
	number(&c.Lanes, runtime.GOMAXPROCS(0))
	span(&c.Heartbeat, 10*time.Second)
	span(&c.Ping, 30*time.Second)
	span(&c.Stall, 30*time.Second)
	span(&c.Rest, 10*time.Minute)
	if c.Wait == nil {
		c.Wait = func(context.Context, exchange.Seq) *api.Problem { return nil }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
}
