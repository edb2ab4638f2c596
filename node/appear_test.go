package node_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
)

// submit has a shard accept a command, whichever node leads it.
func (f *fleet) submit(ctx context.Context, shard exchange.ShardID, cmd exchange.Command) exchange.Reply {
	f.t.Helper()
	frame := must[[]byte](f.t)(wire.AppendCommand(nil, cmd))
	var reply [1]exchange.Reply
	for {
		err := replica.ErrNotLeader
		for _, n := range f.nodes {
			if r := n.Shard(shard); !n.closed && r != nil && r.Leading() {
				err = r.Submit(ctx, frame, 1, reply[:])
			}
		}
		if err == nil && reply[0].Code == exchange.Accepted {
			return reply[0]
		}
		if err == nil || !errors.Is(err, replica.ErrNotSubmitted) || ctx.Err() != nil {
			f.t.Fatalf("%T for shard %d: %v, %v", cmd, shard, reply[0].Code, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// found adds shards, with the same founders as there are voters at home.
func (f *fleet) found(ctx context.Context, shards ...exchange.ShardID) {
	f.t.Helper()
	var founders []placement.Founder
	for _, n := range f.nodes {
		if n.Replica().Leading() {
			if n.View().Rules() < exchange.GroupRules {
				f.submit(ctx, exchange.HomeShard, &exchange.SwitchRules{Version: exchange.GroupRules})
			}
			for _, m := range n.Replica().Status().Members {
				founders = append(founders, placement.Founder{Replica: uint64(m.Replica), Address: m.Address})
			}
		}
	}
	places := placement.New(exchange.HomeShard)
	var err error
	for _, id := range shards {
		if places, err = places.Add(placement.Shard{ID: id, Points: placement.Points, Founders: founders}); err != nil {
			f.t.Fatal(err)
		}
	}
	f.submit(ctx, exchange.HomeShard, &exchange.SetPlacement{Data: places.Append(nil)})
}

// statusOf asks a node until the shards are as wanted.
func (f *fleet) statusOf(ctx context.Context, n uint16, wanted string, is func([]api.ClusterShard) bool) api.Cluster {
	f.t.Helper()
	for {
		c, err := f.nodes[n].admin.Cluster(ctx)
		if err == nil && is(c.Shards) {
			return c
		}
		select {
		case <-ctx.Done():
			f.t.Fatalf("the shards never are %s: %+v, %v", wanted, c, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// whole reports whether n shards have three voters each that are well.
func whole(n int) func([]api.ClusterShard) bool {
	return func(all []api.ClusterShard) bool {
		for _, s := range all {
			if s.Health != api.HealthHealthy || len(s.Members) != 3 || s.From != s.Leader || s.Rules != exchange.RulesVersion {
				return false
			}
			for _, m := range s.Members {
				if m.Role != api.Voter {
					return false
				}
			}
		}
		return len(all) == n
	}
}

// two reports whether each shard is led and has two members.
func two(all []api.ClusterShard) bool {
	return !slices.ContainsFunc(all, func(s api.ClusterShard) bool { return len(s.Members) != 2 || s.Leader == 0 })
}

// Shards come into being on all nodes while these run, are led by different ones, follow what the operator changes at home, and
// are there after a restart and on a new disk.
func TestShardsAppear(t *testing.T) {
	ctx := bound(t)
	f := newFleet(t, 3)
	f.found(ctx, 2, 3)
	for n := uint16(1); n <= 3; n++ {
		f.statusOf(ctx, n, "there and well", whole(3))
	}
	f.statusOf(ctx, 1, "spread over the nodes", func(all []api.ClusterShard) bool {
		leaders := map[uint16]bool{}
		for _, s := range all {
			leaders[s.Leader] = true
		}
		return len(leaders) == 3
	})
	account := exchange.AccountID(f.submit(ctx, 1, &exchange.Register{Name: "ada"}).ID)
	f.submit(ctx, 1, &exchange.Deposit{Account: account, Amount: 5e6})
	f.submit(ctx, 1, &exchange.SendTransfer{Account: account, To: 3, Amount: 2e6})
	cash := func(n uint16) {
		t.Helper()
		for view := f.nodes[n].Shard(3).View(); ; {
			seen := view.Seq()
			if a, _ := view.Account(account); a.Cash == 2e6 {
				return
			}
			if err := view.WaitSeq(ctx, seen+1); err != nil {
				t.Fatalf("the cash does not arrive on node %d: %v", n, err)
			}
		}
	}
	cash(2)

	// What is changed at home, all follow, the leaders too.
	for n := uint16(1); n <= 3; n++ {
		must[api.Cluster](t)(f.nodes[1].admin.SetRole(ctx, n, api.Learner))
		f.statusOf(ctx, 1, "without a vote", func(all []api.ClusterShard) bool {
			for _, s := range all {
				if s.Leader == n || s.Members[n-1].Role != api.Learner {
					return false
				}
			}
			return true
		})
		for {
			if _, err := f.nodes[1].admin.SetRole(ctx, n, api.Voter); err == nil {
				break
			} else if ctx.Err() != nil {
				t.Fatal(err)
			}
		}
		f.statusOf(ctx, 1, "whole again", whole(3))
	}

	leads := f.statusOf(ctx, 1, "led", whole(3)).Shards[1].Leader
	f.nodes[leads].close(t)
	f.restart(leads)
	cash(leads)
	f.nodes[leads].close(t)
	if err := os.RemoveAll(f.data(leads)); err != nil {
		t.Fatal(err)
	}
	f.restart(leads)
	cash(leads)
	f.statusOf(ctx, leads, "whole on a new disk", whole(3))

	// A node that is removed, though it leads a shard, runs until all have let it go.
	gone := f.statusOf(ctx, 1, "led", whole(3)).Shards[2].Leader
	left := gone%3 + 1
	must[api.Cluster](t)(f.nodes[left].admin.RemoveMember(ctx, gone))
	select {
	case <-f.nodes[gone].Failed():
	case <-ctx.Done():
		t.Fatal("a node that was removed goes on")
	}
	f.statusOf(ctx, left, "without it", two)
	f.nodes[gone].closed = true
	if err := f.nodes[gone].Close(); !errors.Is(err, replica.ErrRemoved) {
		t.Errorf("the node that was removed has stopped because of %v", err)
	}
	delete(f.nodes, gone)
	for n, r := range f.nodes {
		r.close(t)
		f.verify(n)
	}
}

// A node that was removed while it was down says so when it is started, instead of waiting for ever for those who let it go.
func TestRemovedWhileDown(t *testing.T) {
	ctx := bound(t)
	f := newFleet(t, 3)
	f.found(ctx, 2)
	f.statusOf(ctx, 1, "there and well", whole(2))
	f.nodes[3].close(t)
	for {
		if _, err := f.nodes[1].admin.RemoveMember(ctx, 3); err == nil {
			break
		} else if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	f.statusOf(ctx, 1, "without it", two)
	ended := make(chan error, 1)
	go func() {
		n, err := node.Start(f.config(3, f.members[2].Address))
		if err == nil {
			err = n.Close()
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, replica.ErrRemoved) {
			t.Errorf("it ended because of %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it waits for ever")
	}
}
