package node

import (
	"cmp"
	"context"
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/placement"
)

// resident is a market on the shard that it is on.
type resident struct {
	market exchange.MarketID
	on     exchange.ShardID
	frozen bool
	over   bool // it never moves any more
}

// census shows every market once, but for those that move meanwhile: what it says of different markets is of different
// moments.
func (s spread) census(visit func(resident)) {
	for _, h := range s.shards.all() {
		view := h.replica.View()
		view.Here(0, func(id exchange.MarketID, moving projection.Moving) bool {
			if s.holds(id, moving) {
				visit(resident{id, h.id, moving.Stage == projection.StageFrozen, over(view, id)})
			}
			return true
		})
	}
}

// holds reports whether a market is on the shard that knows this of its moves. A frozen one is until it has arrived.
func (s spread) holds(id exchange.MarketID, moving projection.Moving) bool {
	switch moving.Stage {
	case projection.StageHere:
		return true
	case projection.StageFrozen:
		to := s.shards.of(moving.With)
		if to == nil {
			return true
		}
		there := to.replica.View().Moving(id)
		return there.Move < moving.Move || there.Stage == projection.StageArriving
	}
	return false
}

// over reports whether a market will not move any more.
func over(view *projection.View, id exchange.MarketID) bool {
	state, halted, _ := view.State(id)
	return halted || state == exchange.StateSettled || state == exchange.StateVoiding || state == exchange.StateVoided
}

// where returns the shard that a market is on, 0 if there is none, and whether it stays there.
func (s spread) where(id exchange.MarketID) (on exchange.ShardID, stays bool) {
	for _, h := range s.shards.all() {
		view := h.replica.View()
		if _, _, there := view.State(id); there && s.holds(id, view.Moving(id)) {
			return h.id, over(view, id)
		}
	}
	return 0, false
}

// Shards implements gateway.Shards.
func (s spread) Shards(context.Context) (api.Shards, error) {
	m, version, err := placesOf(s.home)
	if err != nil {
		return api.Shards{}, err
	}
	status := api.Shards{Epoch: version}
	at := map[exchange.ShardID]int{}
	for i, of := range m.Shards() {
		at[of.ID] = i
		status.Shards = append(status.Shards, api.Shard{Shard: uint32(of.ID), Points: of.Points, Ready: s.ready(of.ID)})
	}
	for _, e := range m.Exceptions() {
		status.Shards[at[e.Shard]].Put++
	}
	s.census(func(r resident) {
		on, known := at[r.on]
		if !known { // this node has heard of the shard's markets before it has heard of the shard
			return
		}
		of := &status.Shards[on]
		of.Markets++
		to := m.Of(r.market)
		switch {
		case r.over:
			of.Ended++
		case to != r.on:
			of.Leaving++
			status.Shards[at[to]].Arriving++
		}
		if r.frozen {
			of.Frozen++
		}
	})
	return status, nil
}

// PlanShards implements gateway.Shards.
func (s spread) PlanShards(ctx context.Context, c api.PlanShards) (api.ShardPlan, error) {
	now, version, err := s.places(ctx)
	if err != nil {
		return api.ShardPlan{}, err
	}
	id, then, err := s.changed(now, c)
	if err != nil {
		return api.ShardPlan{}, placementRefusal(err)
	}
	plan := api.ShardPlan{Epoch: version, Change: c.Change, Shard: uint32(id), Moves: []api.ShardMoves{}}
	of, _ := find(then, id)
	plan.Points = of.Points
	type route struct{ from, to exchange.ShardID }
	moves := map[route]uint64{}
	s.census(func(r resident) {
		plan.Markets++
		if to := then.Of(r.market); to != r.on && (c.Market == 0 || c.Market == api.ID(r.market)) {
			if r.over {
				plan.Staying++
				return
			}
			plan.Moving++
			moves[route{r.on, to}]++
		}
	})
	for r, n := range moves {
		plan.Moves = append(plan.Moves, api.ShardMoves{From: uint32(r.from), To: uint32(r.to), Markets: n})
	}
	slices.SortFunc(plan.Moves, func(a, b api.ShardMoves) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return plan, nil
}

// changed returns what a placement is after a change, and the shard that it is about.
func (s spread) changed(m *placement.Map, c api.PlanShards) (id exchange.ShardID, then *placement.Map, err error) {
	id = exchange.ShardID(c.Shard)
	switch c.Change {
	case api.ChangeAdd:
		if id, err = s.numbered(m, id); err != nil {
			return id, nil, err
		}
		if _, found := find(m, id); found {
			then, err = m.Weigh(id, c.Points)
		} else {
			then, err = m.Add(placement.Shard{ID: id, Points: c.Points})
		}
	case api.ChangeDrain:
		then, err = m.Drain(id)
	case api.ChangeMove:
		market := exchange.MarketID(c.Market)
		if then, err = m.Put(market, id); err == nil {
			id = then.Of(market)
		}
	}
	return id, then, err
}
