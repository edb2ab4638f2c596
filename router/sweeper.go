package router

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
)

// Sweeper sends cash home that lies idle on another shard, as package courier decides. Every node has one for each shard but
// home, which works while the shard is led there.
type Sweeper struct {
	Shard  exchange.ShardID
	Self   uint16 // the node
	Source interface {
		Leader() (replica.ID, <-chan struct{})
		View() *projection.View
	}
	Departures Submitter // to the shard
	Home       *projection.View
	Places     func() *placement.Map
	Log        *slog.Logger

	idle courier.Idle
}

const (
	idleFor   = exchange.Duration(time.Minute) // of log time
	sweepEach = 5 * time.Second
)

// Run sweeps until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	for ctx.Err() == nil {
		leader, changed := s.Source.Leader()
		if leader.Node() != s.Self {
			s.idle = courier.Idle{}
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("idle cash waits to go home", "shard", s.Shard, "error", err)
		}
		sleep(ctx, sweepEach)
	}
}

// sweep looks at all accounts once. Nothing tells the time on a shard where nothing happens, but something happens at home.
func (s *Sweeper) sweep(ctx context.Context) error {
	view, long := s.Source.View(), idleFor
	if view.Totals().Cash == 0 {
		return nil
	}
	if s.deserted(view) {
		long = 0
	}
	now := max(view.Now(), s.Home.Now())
	var sends []*exchange.SendTransfer
	for id := exchange.AccountID(1); id <= exchange.AccountID(s.Home.Totals().Accounts); id++ {
		a, known := view.Account(id)
		if !known {
			continue
		}
		if amount := s.idle.Look(&a, now, long); amount > 0 {
			sends = append(sends, &exchange.SendTransfer{Account: id, Key: randomKey(), To: exchange.HomeShard, Amount: min(amount, exchange.MaxAmount)})
		}
	}
	for some := range slices.Chunk(sends, atOnce) {
		replies, err := submitAll(ctx, s.Departures, some) // what is spent meanwhile is refused, and stays
		if err == nil {
			err = view.WaitSeq(ctx, replies[len(replies)-1].Seq)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deserted reports whether the shard has no market and gets none, so that nobody can trade there.
func (s *Sweeper) deserted(view *projection.View) bool {
	return view.Totals().Markets == 0 && !s.Places().Uses(s.Shard)
}
