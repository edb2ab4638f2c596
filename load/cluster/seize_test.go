package cluster

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
)

// When a region is lost for good, each shard goes on from the survivor that has most of it: here one survivor has as much of the
// home shard as the other, and lacks the last orders of shard 2.
func TestSurvivorsBeginEachShardWithMost(t *testing.T) {
	ctx := bound(t)
	dir := t.TempDir()
	binary, err := Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(Options{Nodes: 3, Shards: 2, Binary: binary, Dir: filepath.Join(dir, "cluster"), TraderDeposits: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &floor{T: t, Cluster: c, shards: 2, acked: map[string]api.ID{}}
	f.must(c.Wait(ctx))
	for n := 4; n <= 5; n++ {
		added, err := c.Add("")
		f.must(err)
		_, err = f.admin(1).AddMember(ctx, api.AddMember{Node: uint16(n), Peers: added.Peers, Role: api.Learner})
		f.must(err)
		f.must(added.Wait(ctx))
	}
	f.prepare(ctx)
	var market api.ID // one on shard 2
	until(t, "a market is on shard 2", func() bool {
		s, err := f.admin(1).MoveMarket(ctx, f.markets[0], 2)
		market = f.markets[0]
		return err == nil && s.Leaving == 0
	})
	place := func(node, n int) api.ID {
		t.Helper()
		o := api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 4_000, Quantity: 1, ClientOrderID: fmt.Sprint("order-", n)}
		if n == 0 { // more cash comes with it than it needs, which the others use
			o.Quantity = 1_000
		}
		placed, err := f.public(node, f.tokens[0]).Place(ctx, market, "", o)
		f.must(err)
		return placed.Order
	}
	first := place(1, 0)
	commit := uint64(0)
	until(t, "nothing happens at home any more", func() bool {
		time.Sleep(200 * time.Millisecond) // longer than a transfer takes to be released
		s, err := c.Status(ctx)
		if err != nil || s.Shards[0].Leader == 0 {
			return false
		}
		home, before := s.Shards[0], commit
		commit = home.Commit
		for _, m := range home.Members {
			if m.Match != commit {
				return false
			}
		}
		return commit == before
	})
	f.must(c.Kill(4))
	orders := []api.ID{first}
	for n := 1; n <= 20; n++ {
		orders = append(orders, place(1, n))
	}
	_, err = f.public(5, f.tokens[0]).Markets(ctx, map[string][]string{api.ParamFresh: {"true"}})
	f.must(err)
	leader := f.leads(ctx, 1) // last, so that nobody is elected
	f.must(errors.Join(c.Kill(leader%3+1), c.Kill((leader+1)%3+1), c.Kill(leader)))
	f.must(c.Restart(4))

	until(t, "node 4 begins the exchange anew", func() bool {
		_, err := f.admin(4).Seize(ctx, api.Seize{Lost: []uint16{1, 2, 3}, Voters: []uint16{4, 5}})
		return err == nil
	})
	until(t, "both go on with both shards", func() bool {
		s, err := c.Node(4).Status(ctx)
		well := err == nil && s.Health == api.HealthHealthy && len(s.Shards) == 2
		for _, of := range s.Shards {
			well = well && of.Generation == 1 && len(of.Members) == 2
			for _, m := range of.Members {
				well = well && m.Role == api.Voter
			}
		}
		return well
	})
	for n, order := range orders {
		if o, err := f.public(4+n%2, f.tokens[0]).Order(ctx, market, order); err != nil || o.ClientOrderID != fmt.Sprint("order-", n) {
			t.Errorf("order %d is %+v, %v", n, o, err)
		}
	}
	place(4, len(orders))
}
