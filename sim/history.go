package sim

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
)

// history is what all shards have executed, in the order in which that was first seen: markets come from one to another.
type history struct {
	all    []told
	models map[exchange.ShardID]*model.Engine
	took   map[exchange.Key]exchange.ShardID // where each key took effect
	read   map[string]*placement.Map         // what a document of the placement says
	parts  map[freezing]uint64               // hash of what a market was written out in
}

type told struct {
	*group
	replica.Applied
}

// tell takes in an entry.
func (w *world) tell(t told) ([]exchange.Command, error) {
	w.all = append(w.all, t)
	cmds, err := w.followed(t)
	if err == nil {
		t.group.marked(cmds, t.Replies)
	}
	return cmds, err
}

func (w *world) followed(t told) ([]exchange.Command, error) {
	cmds, err := t.group.oracle.batch(t.Applied)
	if err != nil {
		return nil, err
	}
	for i, cmd := range cmds {
		if c, ok := cmd.(*exchange.AdoptMarket); ok && c.Last && t.Replies[i].Code == exchange.Accepted {
			w.result.Markets++
		}
	}
	for _, key := range t.group.oracle.took {
		if shard, twice := w.took[key]; twice {
			return nil, fmt.Errorf("key %x took effect on shard %d, and on shard %d before", key, t.group.shard, shard)
		}
		w.took[key] = t.group.shard
	}
	return cmds, nil
}

// retell begins all models anew and has them follow everything once more.
func (w *world) retell() error {
	w.parts, w.read = map[freezing]uint64{}, map[string]*placement.Map{}
	w.models, w.took = map[exchange.ShardID]*model.Engine{}, map[exchange.Key]exchange.ShardID{}
	all := newNames()
	for _, g := range w.groups {
		g.oracle.follower = newFollower(all)
		w.models[g.shard], g.oracle.model.Others = g.oracle.model, w.models
	}
	for _, t := range w.all {
		if _, err := w.followed(t); err != nil {
			return err
		}
	}
	return nil
}
