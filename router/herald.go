package router

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/replica"
)

// Herald lets the home shard and another one tell each other of the order groups that both know, as package courier decides.
// There may be any number of them for the same two shards, and each may end at any place. So every node has one for each shard
// but home, which works while that shard is led there.
type Herald struct {
	Shard  exchange.ShardID
	Self   uint16 // the node
	Source interface {
		Leader() (replica.ID, <-chan struct{})
		Arrival
	}
	Home      Arrival
	ToSource  Submitter
	Homewards Submitter
	Log       *slog.Logger

	here, home projection.GroupCursor // how far the changes on both shards have been looked at
	changed    []exchange.GroupID     // used again
}

const mostGroups = 4096 // looked at in one step

// Run tells until ctx ends.
func (h *Herald) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		leader, changed := h.Source.Leader()
		if leader.Node() != h.Self {
			h.here, h.home = projection.GroupCursor{}, projection.GroupCursor{} // others tell meanwhile, and may not get far
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		here, home := h.Source.View().Seq(), h.Home.View().Seq()
		idle, err := h.step(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			h.Log.Warn("news of order groups between shards wait", "shard", h.Shard, "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, worstPause)
		case idle:
			h.await(ctx, here, home, changed)
			sleep(ctx, moment)
		default:
			pause = firstPause
		}
	}
}

// await waits until one of the shards may have something more, or the shard is led elsewhere.
func (h *Herald) await(ctx context.Context, here, home exchange.Seq, changed <-chan struct{}) {
	waiting, cancel := context.WithCancel(ctx)
	var views sync.WaitGroup
	for view, seen := range map[*projection.View]exchange.Seq{h.Source.View(): here, h.Home.View(): home} {
		views.Go(func() {
			_ = view.WaitSeq(waiting, seen+1) // whatever ends it, the caller looks again
			cancel()
		})
	}
	select {
	case <-changed:
	case <-waiting.Done():
	}
	cancel()
	views.Wait()
}

// step tells what is new since the last one, and reports whether there was nothing.
func (h *Herald) step(ctx context.Context) (idle bool, err error) {
	source, home := h.Source.View(), h.Home.View()
	changed, here := source.GroupsChanged(h.here, mostGroups, h.changed[:0])
	changed, there := home.GroupsChanged(h.home, mostGroups, changed)
	h.changed = changed
	if len(changed) == 0 {
		return true, nil
	}
	var down []*exchange.SetGroup
	var up []*exchange.CountGroup
	for _, id := range changed {
		at, ok := source.Group(id)
		if !ok {
			continue
		}
		known, _ := home.Group(id)
		d, u := courier.Group(known, home.GroupCounted(id, h.Shard), h.Shard, at)
		if d != nil {
			down = append(down, d)
		}
		if u != nil {
			up = append(up, u)
		}
	}
	if err := errors.Join(tell(ctx, h, h.Home, h.ToSource, down), tell(ctx, h, h.Source, h.Homewards, up)); err != nil {
		return false, err
	}
	h.here, h.home = here, there
	return false, nil
}

// tell tells a shard what was seen on the other one, after it has made sure of that.
func tell[C exchange.Command](ctx context.Context, h *Herald, seen Arrival, to Submitter, all []C) error {
	if len(all) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, mostWait)
	defer cancel()
	if err := sure(ctx, seen); err != nil {
		return fmt.Errorf("making sure of what was seen: %w", err)
	}
	for len(all) > 0 {
		n := min(len(all), atOnce)
		replies, err := submitAll(ctx, to, all[:n])
		if err != nil {
			return err
		}
		for i, r := range replies {
			if r.Code != exchange.Accepted && r.Code != exchange.RejectGroupNotFound { // it may have been deleted meanwhile
				h.Log.Warn("news of an order group was refused", "shard", h.Shard, "news", fmt.Sprintf("%T%+v", all[i], all[i]), "code", r.Code)
			}
		}
		all = all[n:]
	}
	return nil
}
