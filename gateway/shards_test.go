package gateway

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// spread is shards that do nothing but remember what they were asked to do.
type spread struct {
	status api.Shards
	err    error
	did    string
}

func (s *spread) Shards(context.Context) (api.Shards, error) { return s.status, s.err }

func (s *spread) do(format string, args ...any) error {
	if s.err == nil {
		s.did = fmt.Sprintf(format, args...)
	}
	return s.err
}

func (s *spread) AddShard(_ context.Context, id exchange.ShardID, points uint16) (exchange.ShardID, error) {
	return id + 1, s.do("add %d with %d points", id, points)
}

func (s *spread) DrainShard(_ context.Context, id exchange.ShardID) error {
	return s.do("drain %d", id)
}

func (s *spread) MoveMarket(_ context.Context, market exchange.MarketID, id exchange.ShardID) error {
	return s.do("move %d to %d", market, id)
}

func (s *spread) PlanShards(_ context.Context, c api.PlanShards) (api.ShardPlan, error) {
	return api.ShardPlan{Change: c.Change, Moves: []api.ShardMoves{}}, s.do("plan %+v", c)
}

func twoShards() api.Shards {
	return api.Shards{Epoch: 4, Shards: []api.Shard{
		{Shard: 1, Ready: true, Points: 512, Markets: 70, Leaving: 20, Frozen: 2, Ended: 5},
		{Shard: 2, Ready: true, Points: 512, Put: 1, Markets: 30, Arriving: 20},
	}}
}

func TestShardsAreSummedUpAndJudged(t *testing.T) {
	nodes := &nodes{status: three()}
	nodes.status.Shards[0].Members[0].Connected = false // a degraded first shard; the second is only being founded
	s := newSite(t, func(c *Config) { c.Cluster, c.Shards = nodes, &spread{status: twoShards()} })
	got := want[api.Shards](t, 200, s.admin("GET", "/shards", ""))
	wanted := twoShards()
	wanted.Node, wanted.Health, wanted.Markets, wanted.Leaving, wanted.Frozen = 2, api.HealthNoLeader, 100, 20, 2
	wanted.Shards[0].Leader, wanted.Shards[0].Health, wanted.Shards[1].Health = 1, api.HealthDegraded, api.HealthNoLeader
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
	// One node is the whole exchange.
	s = newSite(t, func(c *Config) { c.Shards = &spread{status: twoShards()} })
	got = want[api.Shards](t, 200, s.admin("GET", "/shards", ""))
	if got.Health != api.HealthHealthy || got.Shards[1].Health != api.HealthHealthy || got.Markets != 100 || got.Node != 0 {
		t.Errorf("%+v", got)
	}
}

func TestShardChanges(t *testing.T) {
	k := &spread{status: twoShards()}
	s := newSite(t, func(c *Config) { c.Shards = k })
	for range 7 {
		s.market("")
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		added              uint32
		did                string
	}{
		{"POST", "/shards", `{"points":512}`, 201, 1, "add 0 with 512 points"},
		{"POST", "/shards", `{"shard":65534,"points":0}`, 201, 65535, "add 65534 with 0 points"},
		{"POST", "/shards/2/drain", ``, 200, 0, "drain 2"},
		{"PUT", "/markets/1/shard", `{"shard":2}`, 200, 0, "move 1 to 2"},
		{"PUT", "/markets/7/shard", `{"shard":0}`, 200, 0, "move 7 to 0"},
	} {
		got := want[api.Shards](t, c.status, s.admin(c.method, c.path, c.body))
		if k.did != c.did || got.Added != c.added || got.Markets != 100 {
			t.Errorf("%s %s: did %q, answered %+v", c.method, c.path, k.did, got)
		}
	}
	for body, did := range map[string]string{
		`{"change":"add","points":512}`:            "plan {Change:add Shard:0 Points:512 Market:0}",
		`{"change":"add","shard":3}`:               "plan {Change:add Shard:3 Points:0 Market:0}",
		`{"change":"drain","shard":2}`:             "plan {Change:drain Shard:2 Points:0 Market:0}",
		`{"change":"move","market":"6"}`:           "plan {Change:move Shard:0 Points:0 Market:6}",
		`{"change":"move","market":"6","shard":2}`: "plan {Change:move Shard:2 Points:0 Market:6}",
	} {
		if want[api.ShardPlan](t, 200, s.admin("POST", "/shards/plan", body)); k.did != did {
			t.Errorf("%s: did %q", body, k.did)
		}
	}
}

func TestShardsRefuseWhatCannotBe(t *testing.T) {
	k := &spread{status: twoShards()}
	s := newSite(t, func(c *Config) { c.Shards = k })
	s.market("")
	for _, c := range []struct {
		method, path, body string
		status             int
		code, field        string
	}{
		{"POST", "/shards", `{"shard":3}`, 400, "missing_field", "points"},
		{"POST", "/shards", `{"shard":65536,"points":1}`, 400, "invalid_field", "shard"},
		{"POST", "/shards", `{"points":65536}`, 400, "invalid_field", "points"},
		{"POST", "/shards/0/drain", ``, 404, "shard_not_found", "shard"},
		{"POST", "/shards/65536/drain", ``, 404, "shard_not_found", "shard"},
		{"PUT", "/markets/0/shard", `{"shard":2}`, 404, "market_not_found", "market"},
		{"PUT", "/markets/2/shard", `{"shard":2}`, 404, "market_not_found", "market"},
		{"PUT", "/markets/1/shard", `{}`, 400, "missing_field", "shard"},
		{"PUT", "/markets/1/shard", `{"shard":65536}`, 400, "invalid_field", "shard"},
		{"POST", "/shards/plan", `{"change":"split"}`, 400, "invalid_field", "change"},
		{"POST", "/shards/plan", `{"change":"add","market":"1"}`, 400, "invalid_field", "market"},
		{"POST", "/shards/plan", `{"change":"drain","shard":1,"points":1}`, 400, "invalid_field", "points"},
		{"POST", "/shards/plan", `{"change":"drain"}`, 400, "missing_field", "shard"},
		{"POST", "/shards/plan", `{"change":"move","shard":1}`, 400, "missing_field", "market"},
		{"POST", "/shards/plan", `{"change":"move","market":"2","shard":1}`, 404, "market_not_found", "market"},
		{"POST", "/shards/plan", `{"change":"move","market":"4294967297"}`, 404, "market_not_found", "market"},
	} {
		refused(t, s.admin(c.method, c.path, c.body), c.status, c.code, c.field)
	}
	if k.did != "" {
		t.Errorf("did %q", k.did)
	}
	k.err = &Refusal{Code: api.CodeLastShard}
	refused(t, s.admin("POST", "/shards/1/drain", ""), 409, "last_shard", "")
	k.err = errors.New("the network is down")
	refused(t, s.admin("POST", "/shards", `{"points":1}`), 503, "unavailable", "")
	refused(t, s.admin("GET", "/shards", ""), 503, "unavailable", "")
	refused(t, newSite(t).admin("GET", "/shards", ""), 404, "no_shards", "")
}
