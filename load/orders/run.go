package orders

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/floor"
)

// Config is what a load is made of.
type Config struct {
	Markets  []api.ID
	Traders  []Trader // at least one for each connection
	Tag      string   // makes client order ids different from those of earlier loads, up to 20 characters
	Seed     uint64
	Conns    int
	Batch    int           // items in a request; 1: one order a request
	Cancels  float64       // share of what is sent that cancels, 0 to below 1
	Rate     float64       // items a second in an open loop; 0: a closed loop, as fast as the answers come
	Warmup   time.Duration // at the beginning, not counted
	Duration time.Duration // counted
}

// Trader sends requests for one account; a floor.Trader is one. It is used by one connection at a time.
type Trader interface {
	Send(ctx context.Context, r client.Request) (answer []byte, err error)
}

// Of lets traders of a floor send a load.
func Of(hired []floor.Trader) []Trader {
	all := make([]Trader, len(hired))
	for i, t := range hired {
		all[i] = t
	}
	return all
}

// Result is how an exchange bore a load.
type Result struct {
	Count
	Offered  float64       // items a second that were due, 0 in a closed loop
	Achieved float64       // orders a second that were accepted
	Items    float64       // items a second that were answered: orders, cancels and refusals
	Unsent   int64         // requests that were due and never sent
	Took     time.Duration // from the first counted request that was due to the last answer
	Latency  Latency       // from when a request was due to its answer
	Lag      Latency       // from when a request was due to its being sent
}

// Latency sums up a histogram, in milliseconds.
type Latency struct{ P50, P99, P999, Max float64 }

// grace is how long after its end an open loop may catch up with what was due.
const grace = 5 * time.Second

func (c *Config) check() error {
	switch {
	case c.Conns < 1 || len(c.Traders) < c.Conns:
		return fmt.Errorf("%d connections and %d traders: each connection needs a trader of its own", c.Conns, len(c.Traders))
	case len(c.Markets) == 0:
		return errors.New("there is no market to send orders to")
	case c.Batch < 1 || c.Batch > api.MaxBatch:
		return fmt.Errorf("a batch of %d items is not within 1 to %d", c.Batch, api.MaxBatch)
	case c.Cancels < 0 || c.Cancels >= 1:
		return fmt.Errorf("a share of cancels of %v is not within 0 to below 1", c.Cancels)
	case c.Rate < 0 || c.Duration <= 0 || c.Warmup < 0:
		return fmt.Errorf("a rate of %v for %v after %v: none may be negative, and it must last", c.Rate, c.Duration, c.Warmup)
	}
	return nil
}

// Run loads the exchange and waits until all connections are done, which takes no longer than the load, a grace of a few
// seconds and the clients' patience for one answer.
func Run(ctx context.Context, c Config) (*Result, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	start := time.Now()
	p := closedLoop(start, c.Warmup+c.Duration)
	if c.Rate > 0 {
		p = openLoop(start, c.Rate/float64(c.Batch), c.Warmup+c.Duration, grace)
	}
	workers := c.workers(p)
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() { w.run(ctx) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("the load was stopped: %w", err)
	}
	return c.sum(p, workers), nil
}

func (c *Config) workers(p *pace) []*worker {
	markets := newMarkets(c.Markets)
	all := make([]*worker, c.Conns)
	for i := range all {
		all[i] = &worker{
			flow: flow{random: rand.New(rand.NewPCG(c.Seed, uint64(i))), markets: markets, cancels: c.Cancels},
			pace: p, measured: p.start.Add(c.Warmup), batch: c.Batch, tag: c.Tag + "-" + strconv.Itoa(i) + "-",
			latency: newHistogram(), lag: newHistogram(),
		}
	}
	for i, t := range c.Traders {
		w := all[i%c.Conns]
		w.traders = append(w.traders, &trader{Trader: t})
	}
	return all
}

func (c *Config) sum(p *pace, workers []*worker) *Result {
	r := &Result{Offered: c.Rate}
	latency, lag := newHistogram(), newHistogram()
	last := p.start.Add(c.Warmup)
	for _, w := range workers {
		r.add(&w.count)
		latency.Merge(w.latency)
		lag.Merge(w.lag)
		last = later(last, w.last)
	}
	r.Latency, r.Lag = summary(latency), summary(lag)
	r.Took = last.Sub(p.start.Add(c.Warmup))
	// A load that ends early for want of answers must not look fast.
	seconds := max(r.Took, c.Duration).Seconds()
	r.Achieved = float64(r.Orders) / seconds
	r.Items = float64(r.Orders+r.Cancels+r.TooLate+r.Errors) / seconds
	if p.interval > 0 {
		r.Unsent = p.dueFrom(c.Warmup) - int64(r.Requests)
	}
	return r
}

func summary(h interface {
	ValueAtPercentile(float64) int64
	Max() int64
}) Latency {
	ms := func(us int64) float64 { return float64(us) / 1_000 }
	return Latency{
		P50: ms(h.ValueAtPercentile(50)), P99: ms(h.ValueAtPercentile(99)),
		P999: ms(h.ValueAtPercentile(99.9)), Max: ms(h.Max()),
	}
}
