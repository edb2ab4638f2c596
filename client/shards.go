package client

import (
	"context"
	"strconv"

	"github.com/hustings/hustings/api"
)

// Shards says how the markets are spread over shards.
func (c *Client) Shards(ctx context.Context) (a api.Shards, err error) {
	err = c.get(ctx, shardsPath, nil, &a)
	return a, err
}

// AddShard adds a shard, or changes the weight of one. Markets move after it.
func (c *Client) AddShard(ctx context.Context, s api.AddShard) (a api.Shards, err error) {
	err = c.post(ctx, shardsPath, "", s, &a)
	return a, err
}

// DrainShard lets all markets leave a shard.
func (c *Client) DrainShard(ctx context.Context, shard uint32) (a api.Shards, err error) {
	err = c.post(ctx, shardsPath+"/"+strconv.FormatUint(uint64(shard), 10)+"/drain", "", nil, &a)
	return a, err
}

// MoveMarket puts a market on a shard; 0 is where its id places it.
func (c *Client) MoveMarket(ctx context.Context, market api.ID, shard uint32) (a api.Shards, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: operatorMarketPath(market) + "/shard", Body: api.MoveMarket{Shard: shard}}, &a)
	return a, err
}

// PlanShards says what a change would move.
func (c *Client) PlanShards(ctx context.Context, p api.PlanShards) (a api.ShardPlan, err error) {
	err = c.post(ctx, shardsPath+"/plan", "", p, &a)
	return a, err
}

const shardsPath = "/api/admin/shards"
