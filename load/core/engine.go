package core

import (
	"fmt"
	"runtime"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/load/workload"
)

// EngineConfig says how the whole core is driven.
type EngineConfig struct {
	Batch      int  // commands in a batch, as the log groups them under load
	Keys       bool // each command carries an idempotency key of its own
	TakerFee   exchange.FeeRate
	MakerShare exchange.FeeRate
	Reserve    int // keys and open orders for which there is room from the start, as in an exchange that runs
	Runs       int
}

// EngineResult is what the whole core did with a stream.
type EngineResult struct {
	Tally    workload.Tally // of all trades, prefill included
	Live     int            // orders that rest at the end
	Refused  int            // commands, such as cancels of orders that are gone
	Commands int            // timed
	Events   int            // of the timed commands
	Time     Timing
	Allocs   float64 // heap allocations of a command, in the run that had most
}

// Engine sends a stream through the whole state machine several times: validation, idempotency keys, self-trade
// check, holds, fees, ledger, matching and the bytes of events. The batches are made beforehand; only Apply is timed.
func Engine(s *workload.Stream, cfg EngineConfig) (*EngineResult, error) {
	if cfg.Batch < 1 || cfg.Runs < 1 || cfg.Reserve < 0 {
		return nil, fmt.Errorf("batches of %d commands, room for %d keys and %d runs: batches and runs must be at least 1",
			cfg.Batch, cfg.Reserve, cfg.Runs)
	}
	ids, err := rehearse(s, &cfg)
	if err != nil {
		return nil, err
	}
	prefill := encode(s.Records[:s.Prefill], 0, ids, &cfg)
	timed := encode(s.Records[s.Prefill:], s.Prefill, ids, &cfg)
	r, err := verify(prefill, timed, &cfg)
	if err != nil {
		return nil, err
	}
	r.Commands = s.Timed()
	r.Time.Commands = s.Timed()
	for range cfg.Runs {
		if err := r.run(prefill, timed, &cfg); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// rehearse runs the stream once, command by command, and returns the id that each order got. Ids are a function of
// the commands, so that the cancels of later runs can be encoded before they begin.
func rehearse(s *workload.Stream, cfg *EngineConfig) ([]exchange.OrderID, error) {
	ids := make([]exchange.OrderID, 1, s.Orders()+1)
	single := *cfg
	single.Batch = 1
	sh, out, err := open(&single)
	if err != nil {
		return nil, err
	}
	for i, record := range s.Records {
		for _, batch := range encode(s.Records[i:i+1], i, ids, &single) {
			if err := sh.Apply(batch, out); err != nil {
				return nil, fmt.Errorf("rehearsing record %d: %w", i+1, err)
			}
		}
		if record.Kind == workload.Cancel {
			continue
		}
		if r := out.Replies[0]; r.Code == exchange.Accepted {
			ids = append(ids, exchange.OrderID(r.ID))
		} else {
			return nil, fmt.Errorf("record %d, an order of %d at tick %d, is refused: %s", i+1, record.Quantity, record.Tick, r.Code)
		}
	}
	return ids, nil
}

// verify runs the batches once with every event looked at.
func verify(prefill, timed [][]byte, cfg *EngineConfig) (*EngineResult, error) {
	r := &EngineResult{Tally: workload.NewTally()}
	sh, out, err := open(cfg)
	if err != nil {
		return nil, err
	}
	c := collector{result: r, ids: make(map[exchange.OrderID]uint32)}
	if err := applyAll(sh, prefill, out, c.collect); err != nil {
		return nil, err
	}
	r.Events = 0
	if err := applyAll(sh, timed, out, c.collect); err != nil {
		return nil, err
	}
	r.Live = sh.OpenOrders()
	return r, nil
}

// run applies the batches once more and takes the time.
func (r *EngineResult) run(prefill, timed [][]byte, cfg *EngineConfig) error {
	sh, out, err := open(cfg)
	if err != nil {
		return err
	}
	if err := applyAll(sh, prefill, out, nil); err != nil {
		return err
	}
	first := sh.Seq()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	err = applyAll(sh, timed, out, nil)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err != nil {
		return err
	}
	if events := int(sh.Seq() - first); events != r.Events || sh.OpenOrders() != r.Live {
		return fmt.Errorf("a timed run made %d events and %d live orders, the first run %d and %d",
			events, sh.OpenOrders(), r.Events, r.Live)
	}
	r.Time.add(took)
	if r.Commands > 0 {
		r.Allocs = max(r.Allocs, float64(after.Mallocs-before.Mallocs)/float64(r.Commands))
	}
	return nil
}

func applyAll(sh *shard.Shard, batches [][]byte, out *shard.Output, each func(*shard.Output) error) error {
	for _, batch := range batches {
		if err := sh.Apply(batch, out); err != nil {
			return fmt.Errorf("driving the core: %w", err)
		}
		if each != nil {
			if err := each(out); err != nil {
				return err
			}
		}
	}
	return nil
}

// collector sums up what batches did. It numbers the orders as they are placed, which is how the stream does.
type collector struct {
	result  *EngineResult
	ids     map[exchange.OrderID]uint32
	decoder wire.Decoder
}

func (c *collector) collect(out *shard.Output) error {
	c.result.Events += out.Count
	for i := range out.Replies {
		if out.Replies[i].Code != exchange.Accepted {
			c.result.Refused++
		}
	}
	for frames := out.Events; len(frames) > 0; {
		frame, rest, err := wire.Next(frames)
		if err != nil {
			return fmt.Errorf("the events of a batch: %w", err)
		}
		frames = rest
		event, err := c.decoder.Event(frame)
		if err != nil {
			return fmt.Errorf("an event of a batch: %w", err)
		}
		switch e := event.(type) {
		case *exchange.OrderPlaced:
			c.ids[e.Order] = uint32(len(c.ids) + 1)
		case *exchange.OrderMatched:
			c.result.Tally.Add(c.ids[e.Maker], c.ids[e.Taker], uint32(e.Price), uint32(e.Quantity))
		}
	}
	return nil
}
