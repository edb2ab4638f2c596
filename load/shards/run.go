package shards

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hustings/hustings/exchange"
)

// Options say what is measured. All are at least 1.
type Options struct {
	Markets  int // on each shard
	Workers  int // for each shard, that send one batch after another
	Batch    int // commands in a submission
	Duration time.Duration
}

// Result is what an exchange of so many shards did.
type Result struct {
	Shards   int
	Commands int // acknowledged
	Refused  int // of them
	Trades   uint64
	Elapsed  time.Duration
	CPU      time.Duration // of this process, all of its cores together
}

// PerSecond is how many commands were acknowledged in a second.
func (r *Result) PerSecond() float64 { return float64(r.Commands) / r.Elapsed.Seconds() }

// Cores is how many cores were busy on average.
func (r *Result) Cores() float64 { return r.CPU.Seconds() / r.Elapsed.Seconds() }

// PerCore is how many commands were acknowledged for a second of one core.
func (r *Result) PerCore() float64 { return float64(r.Commands) / r.CPU.Seconds() }

// Run measures one exchange. An error says that it did not work, or that something did not add up.
func Run(ctx context.Context, o Options, shards int) (res *Result, err error) {
	if shards < 1 || o.Markets < 1 || o.Workers < 1 || o.Batch < 1 || o.Duration <= 0 {
		return nil, errors.New("shards, markets, workers, batch and duration must be at least 1")
	}
	e, err := openSites(ctx, o, shards)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	runtime.GC() // what was before is not to be paid for now
	res = &Result{Shards: shards}
	if err := e.drive(ctx, o, res); err != nil {
		return nil, err
	}
	if err := e.fresh(ctx); err != nil {
		return nil, err
	}
	for _, s := range e.all {
		res.Trades += s.View().Totals().Trades
	}
	return res, e.check()
}

// drive has all workers work until the time is over.
func (e *sites) drive(ctx context.Context, o Options, res *Result) error {
	before, err := cpu()
	if err != nil {
		return err
	}
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, o.Duration)
	defer cancel()
	var mu sync.Mutex
	var errs []error
	var all sync.WaitGroup
	for _, s := range e.all {
		for i := range o.Workers {
			w := newWorker(s, i, o.Batch)
			all.Go(func() {
				err := w.run(ctx)
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
				res.Commands += w.commands
				res.Refused += w.refused
			})
		}
	}
	all.Wait()
	res.Elapsed = time.Since(begun)
	after, err := cpu()
	res.CPU = after - before
	return errors.Join(append(errs, err)...)
}

// cpu is what this process has used of all cores.
func cpu() (time.Duration, error) {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return 0, fmt.Errorf("reading how much of the processor was used: %w", err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}

// accountsEach is how many accounts a worker trades for.
const accountsEach = 8

func accountOf(worker, n int) exchange.AccountID {
	return exchange.AccountID(worker*accountsEach + n%accountsEach + 1)
}
