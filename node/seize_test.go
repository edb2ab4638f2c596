package node_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/audit"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/placement"
)

// learner starts a further node, has node 1 take it in as a synchronous copy, and waits until it is one.
func (f *fleet) learner(ctx context.Context, n uint16) {
	f.t.Helper()
	f.members = append(f.members, node.Member{Node: n, Address: f.address()})
	f.certify(n)
	begun := make(chan *running, 1)
	config := f.config(n, f.members[n-1].Address)
	go func() { begun <- f.begin(config) }()
	must[api.Cluster](f.t)(f.nodes[1].admin.AddMember(ctx, api.AddMember{Node: n, Peers: f.members[n-1].Address, Role: api.Learner}))
	if f.nodes[n] = <-begun; f.nodes[n] == nil {
		f.t.FailNow()
	}
	for {
		_, err := f.nodes[1].admin.SetSynchronous(ctx, n, true)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			f.t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// begin is start for a node that ends by itself.
func (f *fleet) begin(config node.Config) *running {
	for {
		n, err := node.Start(config)
		if errors.Is(err, node.ErrRestart) {
			continue
		}
		if err != nil {
			f.t.Error(err)
			return nil
		}
		r := &running{Node: n}
		r.public, r.admin = dial(f.t, n.Addr(), ""), dial(f.t, n.AdminAddr(), n.AdminKey())
		f.t.Cleanup(func() { r.close(f.t) })
		return r
	}
}

// goOn starts a survivor again that has stopped because the exchange was begun anew, and gives it back once it accepts orders.
// Before, something is done to its files.
func (f *fleet) goOn(n uint16, config node.Config, edit func()) <-chan *running {
	old := f.nodes[n]
	old.closed = true
	begun := make(chan *running, 1)
	go func() {
		<-old.Failed()
		if err := old.Close(); !errors.Is(err, node.ErrRestart) {
			f.t.Error(err)
		}
		edit()
		begun <- f.begin(config)
	}()
	return begun
}

// A shard that was placed and not founded yet when a region was lost is founded by who begins home anew. One that was to have markets
// is not, until the operator drains it: what was on it is lost, and it must not look as if there had been nothing.
func TestShardsThatWereNotFoundedYet(t *testing.T) {
	ctx := bound(t)
	f := newFleet(t, 1)
	f.learner(ctx, 2)
	f.learner(ctx, 3)
	lost := []placement.Founder{{Replica: uint64(f.nodes[1].Replica().Status().Self) + 1, Address: f.members[0].Address}} // never comes
	places := placement.New(exchange.HomeShard)
	for shard := exchange.ShardID(2); shard <= 4; shard++ {
		var err error
		if places, err = places.Add(placement.Shard{ID: shard, Points: placement.Points * uint16(shard%2), Founders: lost}); err != nil {
			t.Fatal(err)
		}
	}
	f.submit(ctx, exchange.HomeShard, &exchange.SetPlacement{Data: places.Append(nil)})
	f.submit(ctx, exchange.HomeShard, &exchange.Register{Name: "ada"})
	f.submit(ctx, exchange.HomeShard, &exchange.Deposit{Account: 1, Amount: 1_000})
	f.submit(ctx, exchange.HomeShard, &exchange.SendTransfer{Account: 1, To: 4, Amount: 1_000})
	for n := uint16(2); n <= 3; n++ {
		for f.nodes[n].Shard(4) == nil {
			if ctx.Err() != nil {
				t.Fatal("the shards are not open")
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	f.nodes[1].close(t)
	must[api.Cluster](t)(f.nodes[2].admin.Seize(ctx, api.Seize{Lost: []uint16{1}, Voters: []uint16{2, 3}}))
	config := f.config(2, f.members[1].Address)
	config.AdminListen = f.address()
	admin := dial(t, config.AdminListen, f.nodes[2].AdminKey())
	unheardOf := func() {
		if err := os.RemoveAll(node.ShardDir(f.data(2), 4)); err != nil {
			t.Error(err)
		}
	}
	two, three := f.goOn(2, config, unheardOf), f.goOn(3, f.config(3, f.members[2].Address), func() {})
	founded := func(s *api.ClusterShard) bool {
		return s.Leader != 0 && len(s.Members) == 2 && s.Members[0].Role == api.Voter && s.Members[1].Role == api.Voter
	}
	until := func(what string, is func(all []api.ClusterShard) bool) {
		t.Helper()
		for {
			c, err := admin.Cluster(ctx)
			if err == nil && len(c.Shards) == 4 && is(c.Shards) {
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("the shards never are %s: %+v, %v", what, c, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	until("begun but for the one that was used", func(all []api.ClusterShard) bool {
		return founded(&all[0]) && founded(&all[1]) && all[2].Leader == 0 && founded(&all[3])
	})
	select {
	case <-two:
		t.Error("a node is ready where nobody has a shard that has markets")
	default:
	}
	must[api.Shards](t)(admin.DrainShard(ctx, 3)) // what was on it is given up
	until("all begun", func(all []api.ClusterShard) bool {
		return founded(&all[0]) && founded(&all[1]) && founded(&all[2]) && founded(&all[3])
	})
	for n, begun := range map[uint16]<-chan *running{2: two, 3: three} {
		if f.nodes[n] = <-begun; f.nodes[n] == nil {
			t.FailNow()
		}
	}
	added := must[api.Shards](t)(f.nodes[3].admin.AddShard(ctx, api.AddShard{Points: api.SharePoints}))
	if added.Added != 5 || added.Shards[4].Points != api.SharePoints { // cash was sent to 4: nobody knows what was there
		t.Errorf("a shard was added: %+v", added)
	}
}

// A survivor that has executed more than the exchange goes on with, because the last words of the lost ones reached it late, begins with
// nothing, keeps what it had for examination, and gets its vote.
func TestSurvivorThatHasStrayed(t *testing.T) {
	ctx := bound(t)
	f := newFleet(t, 1)
	f.learner(ctx, 2)
	f.learner(ctx, 3)
	must[api.Shards](t)(f.nodes[1].admin.AddShard(ctx, api.AddShard{Points: api.SharePoints}))
	shards := []exchange.ShardID{exchange.HomeShard, 2}
	trade := func(name string, on ...uint16) {
		t.Helper()
		for _, shard := range shards {
			reply := f.submit(ctx, shard, &exchange.Register{Name: name + fmt.Sprint(shard)})
			for _, n := range on {
				if err := f.nodes[n].Shard(shard).View().WaitSeq(ctx, reply.Seq); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	trade("ada", 2, 3)
	f.nodes[2].close(t)
	for _, shard := range shards {
		if err := os.CopyFS(f.path("early", fmt.Sprint(shard)), os.DirFS(node.ShardDir(f.data(2), shard))); err != nil {
			t.Fatal(err)
		}
	}
	f.restart(2)
	trade("bob", 2, 3)
	f.nodes[1].close(t)
	must[api.Cluster](t)(f.nodes[2].admin.Seize(ctx, api.Seize{Lost: []uint16{1}, Voters: []uint16{2, 3}}))
	rewind := func() { // what it decided upon is as if it had been decided earlier
		for _, shard := range shards {
			dir := node.ShardDir(f.data(2), shard)
			if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(f.path("early", fmt.Sprint(shard))))); err != nil {
				t.Error(err)
			}
		}
	}
	config := f.config(3, f.members[2].Address)
	config.Cluster.Members = f.members[:1] // it has heard of the other survivor from home only
	two, three := f.goOn(2, f.config(2, f.members[1].Address), rewind), f.goOn(3, config, func() {})
	for n, begun := range map[uint16]<-chan *running{2: two, 3: three} {
		if f.nodes[n] = <-begun; f.nodes[n] == nil {
			t.FailNow()
		}
	}
	trade("eve", 2, 3)
	f.statusOf(ctx, 2, "two voters everywhere", func(all []api.ClusterShard) bool {
		return !slices.ContainsFunc(all, func(s api.ClusterShard) bool {
			return len(s.Members) != 2 || s.Members[0].Role != api.Voter || s.Members[1].Role != api.Voter
		})
	})
	for _, shard := range shards {
		here, there := f.nodes[3].Shard(shard), f.nodes[2].Shard(shard)
		if diff := here.View().Diff(there.View()); len(diff) > 0 {
			t.Errorf("shard %d differs: %v", shard, diff)
		}
		if here.Journal().Last() != there.Journal().Last() {
			t.Errorf("the journals of shard %d end at %+v and %+v", shard, here.Journal().Last(), there.Journal().Last())
		}
		if report, err := audit.Verify(node.ShardDir(f.data(3), shard)+".strayed-1", audit.Options{}); err != nil || len(report.Damage) > 0 {
			t.Errorf("what is kept of shard %d: %+v, %v", shard, report, err)
		}
	}
}
