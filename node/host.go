package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
)

// hostAll opens the home shard and all others that this node has files of, all at once.
func (n *Node) hostAll() error {
	ids, err := ShardsIn(n.fsys, n.config.Dir)
	if err != nil {
		return err
	}
	if len(ids) == 0 || ids[0] != exchange.HomeShard {
		ids = append([]exchange.ShardID{exchange.HomeShard}, ids...)
	}
	opened := make([]*hosted, len(ids))
	var group errgroup.Group
	for i, id := range ids {
		group.Go(func() (err error) {
			opened[i], err = n.host(id)
			return err
		})
	}
	err = group.Wait()
	for _, h := range opened {
		if h != nil { // also where another one failed: it is to be closed
			n.shards.add(h)
		}
	}
	return err
}

// host opens the replica of a shard here. Nothing reaches it yet.
func (n *Node) host(id exchange.ShardID) (*hosted, error) {
	signer, verifier, err := n.keys.pair.of(id)
	if err != nil {
		return nil, err
	}
	rc, fsync := n.config.Replica, new(atomic.Int64)
	rc.Shard, rc.Dir, rc.Observe, rc.Signer, rc.Log = id, ShardDir(n.config.Dir, id), n.metrics.observe(id, fsync), signer, n.log
	if id != exchange.HomeShard {
		rc.Log = n.log.With("shard", id)
	}
	rc.Trace = traceStages(n.tracer)
	rc.Beside = len(n.shards.all()) > 0
	rc.ReserveKeys, rc.ReserveOrders = max(rc.ReserveKeys, 1<<17), max(rc.ReserveOrders, 1<<15)
	m := n.member
	if m != nil {
		rc.Group = replica.Group{Self: m.self(), First: m.identity.Load().members(id), Transport: transport{m, id},
			Heartbeat: m.config.Heartbeat, Election: m.config.Election}
		rc.Changed = func(members replica.Members) { m.changed(id, members) }
	}
	r, err := replica.Open(rc)
	if err != nil {
		return nil, err
	}
	h := &hosted{id: id, replica: r, submit: newSubmitter(id, r, n.tracer), history: history{r.Journal(), verifier}, fsync: fsync}
	if m != nil {
		m.opened(id, membersOf(r))
		h.submit.to = router.New(m.config.Node, here{r, n.failed}, transport{m, id}, patience, n.metrics.retries.Inc)
	}
	n.background.Go(func() { n.watch(h) })
	n.background.Go(func() { n.countLeaders(h) })
	return h, nil
}

// watch lets the node fail when a replica does. One that was removed from its group must wait for the others on its node:
// their groups may need them until they are removed too.
func (n *Node) watch(h *hosted) {
	select {
	case <-h.replica.Failed():
	case <-n.ctx.Done():
		return
	}
	if errors.Is(h.replica.Err(), replica.ErrRemoved) {
		for _, other := range n.shards.all() {
			if other.replica.Err() == nil && len(membersOf(other.replica)) > 0 {
				return
			}
		}
	}
	n.failOnce.Do(func() { close(n.failed) })
}

// keepHosting opens the shards that come into being while the node runs.
func (n *Node) keepHosting() {
	pause := newShard
	for known := (*placement.Map)(nil); n.wait(pause); {
		now := n.places()
		if now == known {
			continue
		}
		if err := n.hostNew(now); errors.Is(err, ErrRestart) {
			return
		} else if err != nil {
			n.log.Error("a new shard was not opened here", "error", err)
			pause = time.Second
			continue
		}
		known, pause = now, newShard
	}
}

// newShard is how soon a node looks whether there is a new shard.
const newShard = 20 * time.Millisecond

// wait waits, and is false when the node closes.
func (n *Node) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-n.ctx.Done():
		return false
	}
}

// hostNew opens those shards of a placement that are not open here.
func (n *Node) hostNew(places *placement.Map) error {
	n.hosting.Lock()
	defer n.hosting.Unlock()
	for _, s := range places.Shards() {
		if n.ctx.Err() != nil {
			return nil
		}
		left := n.member != nil && s.Points == 0 && put(places, s.ID) == 0 && n.member.inherits(s)
		if open := n.shards.of(s.ID); open != nil {
			if left && open.replica.Status().Last == 0 && !n.member.foundsAlone(s.ID) {
				return n.foundAgain(s)
			}
			continue
		}
		if n.member != nil {
			if err := n.member.foundShard(s, left); err != nil {
				return fmt.Errorf("founding shard %d: %w", s.ID, err)
			}
		}
		h, err := n.host(s.ID)
		if err != nil {
			return fmt.Errorf("opening shard %d: %w", s.ID, err)
		}
		others := n.shards.all()
		n.shards.add(h)
		n.begin(h, others)
		n.log.Info("a shard has come into being", "shard", s.ID)
	}
	return nil
}

// foundShard notes with whom a shard is founded, if this node is among the founders, so that it remains so. One that is left to this node
// it founds alone.
func (m *member) foundShard(s placement.Shard, left bool) error {
	if left {
		s.Founders = []placement.Founder{{Replica: uint64(m.self()), Address: m.identity.Load().Seized[0].Members[0].Address}}
	}
	f := founding{Shard: s.ID}
	founds := false
	for _, one := range s.Founders {
		id := replica.ID(one.Replica)
		f.First = append(f.First, founder{id.Node(), incarnation(id), one.Address})
		founds = founds || id == m.self()
	}
	if noted := len(m.identity.Load().members(s.ID)) > 0; !founds || noted && !left || m.foundsAlone(s.ID) {
		return nil
	}
	next, err := m.rewrite(func(i *identity) {
		others := slices.DeleteFunc(slices.Clone(i.Shards), func(old founding) bool { return old.Shard == s.ID })
		i.Shards = append(others, f)
	})
	if err != nil {
		return err
	}
	now := *m.identity.Load() // what else the next start changes does not hold yet
	now.Shards = next.Shards
	m.identity.Store(&now)
	return nil
}

// foundsAlone reports whether it is noted that this node alone founds a shard.
func (m *member) foundsAlone(shard exchange.ShardID) bool {
	noted := m.identity.Load().members(shard)
	return len(noted) == 1 && noted[0].Replica == m.self()
}

// begin starts what a shard needs beside its replica, and what goes on between it and others.
func (n *Node) begin(h *hosted, others []*hosted) {
	if h.id != exchange.HomeShard {
		n.background.Go(func() { n.showSoon(h) })
		n.sweep(h)
		n.background.Go(func() { n.follow(h) })
	}
	for _, other := range others {
		n.carry(h, other)
		n.carry(other, h)
		if h.id == exchange.HomeShard {
			n.herald(h, other)
		} else if other.id == exchange.HomeShard {
			n.herald(other, h)
		}
	}
}

// ready waits until all shards accept orders and everything that was acknowledged can be read.
func (n *Node) ready() error {
	ctx, cancel := context.WithCancel(n.ctx)
	defer cancel()
	if n.member == nil {
		ctx, cancel = context.WithTimeout(n.ctx, 10*time.Second)
		defer cancel()
	}
	go func() {
		select {
		case <-n.failed:
			cancel()
		case <-ctx.Done():
		}
	}()
	home := n.shards.all()[:1]
	for done := 0; ; {
		if err := n.await(ctx, home); err != nil {
			return err
		}
		if err := n.beginRules(ctx); err != nil {
			return errors.Join(err, n.whyFailed())
		}
		if err := n.hostNew(n.places()); err != nil { // the home shard may have been told of more
			return err
		}
		all := n.shards.all()
		if done == len(all) {
			close(n.started)
			return nil
		}
		if err := n.await(ctx, all); err != nil {
			return err
		}
		done = len(all)
	}
}

// await waits until some shards accept orders, and shows them to the gateway.
func (n *Node) await(ctx context.Context, some []*hosted) error {
	for _, h := range some {
		if err := h.replica.Ready(ctx); err != nil {
			return errors.Join(fmt.Errorf("waiting for the log of shard %d to accept orders: %w", h.id, err), n.whyFailed())
		}
		n.show(h)
	}
	return nil
}

// whyFailed returns the errors that have stopped replicas.
func (n *Node) whyFailed() error {
	var errs []error
	for _, h := range n.shards.all() {
		errs = append(errs, h.replica.Err())
	}
	return errors.Join(errs...)
}
