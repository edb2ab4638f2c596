package gateway

import (
	"context"
	"fmt"
	"math"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// Shards shows and changes how markets are spread over shards. It may be called concurrently. A change is a decision, which
// is in force when it returns; markets move after it. Made again, it goes on where it was, or does nothing. One that cannot
// be is a *Refusal; after any other error it may be in force, or half done, so it is to be made again.
type Shards interface {
	// Shards says how markets are spread. What follows from the rest (sums, health) is filled in by the gateway.
	Shards(ctx context.Context) (api.Shards, error)
	// AddShard founds a shard, or finds it, and gives it points when it takes commands. Shard 0 is the one behind the last,
	// or the last itself if there never was anything on it. It returns which it was.
	AddShard(ctx context.Context, shard exchange.ShardID, points uint16) (exchange.ShardID, error)
	// DrainShard takes points and markets away from a shard.
	DrainShard(ctx context.Context, shard exchange.ShardID) error
	// MoveMarket puts a market on a shard, or with 0 where its id places it.
	MoveMarket(ctx context.Context, market exchange.MarketID, shard exchange.ShardID) error
	// PlanShards says what a change would move.
	PlanShards(ctx context.Context, change api.PlanShards) (api.ShardPlan, error)
}

func (c *call) getShards() *api.Problem { return c.shards(0) }

// shards answers with how markets are spread, after a shard was added if that is not 0.
func (c *call) shards(added exchange.ShardID) *api.Problem {
	if c.s.shards == nil {
		return api.CodeNoShards.Problem("", "")
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), waitLimit)
	defer cancel()
	status, err := c.s.shards.Shards(ctx)
	if err != nil {
		return c.clusterProblem(err)
	}
	var nodes *api.Cluster
	if c.s.cluster != nil {
		n, err := c.s.cluster.Status(ctx)
		if err != nil {
			return c.clusterProblem(err)
		}
		judge(&n)
		nodes = &n
	}
	status.Added = uint32(added)
	sumUp(&status, nodes)
	return c.answer(status)
}

// sumUp fills in what follows from the facts of a status, and from how the nodes are; nil of one that is the whole exchange.
func sumUp(s *api.Shards, nodes *api.Cluster) {
	s.Health = api.HealthHealthy
	if nodes != nil {
		s.Node, s.Health = nodes.Node, nodes.Health
	}
	for i := range s.Shards {
		of := &s.Shards[i]
		s.Markets += of.Markets
		s.Leaving += of.Leaving
		s.Frozen += of.Frozen
		of.Health = healthOf(nodes, of)
		if worse(of.Health, s.Health) {
			s.Health = of.Health
		}
	}
}

// healthOf returns how a shard's replicas are, and fills in who leads them.
func healthOf(nodes *api.Cluster, of *api.Shard) string {
	if nodes == nil {
		return api.HealthHealthy
	}
	for i := range nodes.Shards {
		if s := &nodes.Shards[i]; s.Shard == of.Shard {
			of.Leader = s.Leader
			return s.Health
		}
	}
	return api.HealthNoLeader // it is only being founded
}

// changeShards makes a change and answers with how markets are spread then.
func (c *call) changeShards(change func(context.Context, Shards) (added exchange.ShardID, err error)) *api.Problem {
	if c.s.shards == nil {
		return api.CodeNoShards.Problem("", "")
	}
	c.recordIfPossible()
	ctx, cancel := context.WithTimeout(c.r.Context(), changeLimit)
	defer cancel()
	added, err := change(ctx, c.s.shards)
	if err != nil {
		return c.clusterProblem(err)
	}
	return c.shards(added)
}

func (c *call) addShard() *api.Problem {
	req, p := decode[api.AddShard](&c.scan, c.body)
	if p == nil {
		p = checkShard(req.Shard)
	}
	if p != nil {
		return p
	}
	return c.changeShards(func(ctx context.Context, s Shards) (exchange.ShardID, error) {
		return s.AddShard(ctx, exchange.ShardID(req.Shard), req.Points)
	})
}

func (c *call) drainShard() *api.Problem {
	id, err := api.ParseID(c.r.PathValue("shard"))
	if err != nil || id > math.MaxUint16 {
		return api.CodeShardNotFound.Problem("shard", "")
	}
	return c.changeShards(func(ctx context.Context, s Shards) (exchange.ShardID, error) {
		return 0, s.DrainShard(ctx, exchange.ShardID(id))
	})
}

func (c *call) moveMarket() *api.Problem {
	if p := c.catchUp(); p != nil { // the market may have been made a moment ago
		return p
	}
	m, p := c.market()
	if p != nil {
		return p
	}
	req, p := decode[api.MoveMarket](&c.scan, c.body)
	if p == nil {
		p = checkShard(req.Shard)
	}
	if p != nil {
		return p
	}
	return c.changeShards(func(ctx context.Context, s Shards) (exchange.ShardID, error) {
		return 0, s.MoveMarket(ctx, m.ID, exchange.ShardID(req.Shard))
	})
}

func (c *call) planShards() *api.Problem {
	req, p := decode[api.PlanShards](&c.scan, c.body)
	if p == nil {
		p = c.checkPlan(req)
	}
	if p != nil {
		return p
	}
	if c.s.shards == nil {
		return api.CodeNoShards.Problem("", "")
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), waitLimit)
	defer cancel()
	plan, err := c.s.shards.PlanShards(ctx, *req)
	if err != nil {
		return c.clusterProblem(err)
	}
	return c.answer(plan)
}

func checkShard(shard uint32) *api.Problem {
	if shard > math.MaxUint16 {
		return api.CodeInvalidField.Problem("shard", "shard must be the number of a shard, or 0.")
	}
	return nil
}

// checkPlan finds out whether a question about a change has what it takes, and nothing else.
func (c *call) checkPlan(r *api.PlanShards) *api.Problem {
	wrong := func(field string) *api.Problem {
		return api.CodeInvalidField.Problem(field, fmt.Sprintf("%s has no meaning for the change %q.", field, r.Change))
	}
	switch {
	case r.Change != api.ChangeAdd && r.Change != api.ChangeDrain && r.Change != api.ChangeMove:
		return api.CodeInvalidField.Problem("change", `change must be "add", "drain" or "move".`)
	case r.Change != api.ChangeAdd && r.Points != 0:
		return wrong("points")
	case r.Change != api.ChangeMove && r.Market != 0:
		return wrong("market")
	case r.Change == api.ChangeMove && r.Market == 0:
		return api.CodeMissingField.Problem("market", "Name the market that is to move.")
	case r.Change == api.ChangeDrain && r.Shard == 0:
		return api.CodeMissingField.Problem("shard", "Name the shard that is to be drained.")
	}
	if r.Change == api.ChangeMove {
		if _, found := c.s.reader.Market(exchange.MarketID(min(r.Market, math.MaxUint32))); !found {
			return api.RejectProblem(exchange.RejectMarketNotFound, 0, "market")
		}
	}
	return checkShard(r.Shard)
}
