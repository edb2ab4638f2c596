package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

const (
	// home is the shard that faults call that of the leader.
	home = 1
	// shardsFirst is how many shards there are to begin with, and shardsMost how many there may be: one that was added stays.
	shardsFirst, shardsMost = 2, 4
)

// shards are those that there are. Markets move between them all the time, but are not put on one that is drained.
type shards struct {
	mu      sync.RWMutex // held for reading while a market is put on one
	all     int
	drained []int
}

func (s *shards) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all
}

// used are those that take markets.
func (s *shards) used() (all []int) {
	for shard := 1; shard <= s.all; shard++ {
		if !slices.Contains(s.drained, shard) {
			all = append(all, shard)
		}
	}
	return all
}

// takes notes that there is a shard, and that it takes markets.
func (s *shards) takes(shard int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = max(s.all, shard)
	s.drained = slices.DeleteFunc(s.drained, func(d int) bool { return d == shard })
}

// leaves notes that a shard takes no markets any more. Nobody is putting one on it by then.
func (s *shards) leaves(shard int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drained = append(s.drained, shard)
}

// next returns the shard to be added: a further one, or one that is drained, to have its share again; 0 where there is neither.
func (s *shards) next() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case s.all < shardsMost:
		return s.all + 1
	case len(s.drained) > 0:
		return s.drained[0]
	}
	return 0
}

// last draws a shard but home that takes markets; 0 where there is none.
func (s *shards) last(random *rand.Rand) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if others := s.used()[1:]; len(others) > 0 {
		return others[random.IntN(len(others))]
	}
	return 0
}

// addShard has the operator add a shard, by any node, until it takes its share of the markets.
func (r *run) addShard(ctx context.Context, shard int) error {
	err := r.operate(ctx, client.Request{Method: http.MethodPost, Path: "/api/admin/shards",
		Body: api.AddShard{Shard: uint32(shard), Points: api.SharePoints}}, nil)
	if err == nil {
		r.shards.takes(shard)
	}
	return err
}

// drainShard has the operator let all markets leave a shard.
func (r *run) drainShard(ctx context.Context, shard int) error {
	r.shards.leaves(shard)
	return r.operate(ctx, client.Request{Method: http.MethodPost, Path: fmt.Sprintf("/api/admin/shards/%d/drain", shard)}, nil)
}

// waitDrained waits until nothing is left of a shard but its past.
func (r *run) waitDrained(ctx context.Context, shard int) error {
	ctx, cancel := context.WithTimeout(ctx, healing)
	defer cancel()
	for node := 0; ; node = (node + 1) % nodes {
		var status api.Shards
		err := r.operator[node].Do(ctx, client.Request{Method: http.MethodGet, Path: "/api/admin/shards"}, &status)
		if err == nil && slices.ContainsFunc(status.Shards, func(s api.Shard) bool { return int(s.Shard) == shard && s.Drained() }) {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("shard %d is not drained after %v: %+v, %w", shard, healing, status, errors.Join(err, ctx.Err()))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// addWithin adds a shard while something else happens to the nodes.
func (s *scene) addWithin() error {
	next := s.shards.next()
	if next == 0 {
		next = s.shards.last(s.random)
		if err := errors.Join(s.drainShard(s, next), s.waitDrained(s, next)); err != nil {
			return err
		}
	}
	return s.within(func() error { return s.addShard(s, next) })
}

// drainWithin drains a shard while something else happens to the nodes.
func (s *scene) drainWithin() error {
	last := s.shards.last(s.random)
	if last == 0 {
		last = s.shards.next()
		if err := s.addShard(s, last); err != nil {
			return err
		}
	}
	if err := s.within(func() error { return s.drainShard(s, last) }); err != nil {
		return err
	}
	return s.waitDrained(s, last)
}

// within lets something else happen, and mends it, while the operator changes something.
func (s *scene) within(change func() error) error {
	done := make(chan error, 1)
	go func() { done <- change() }()
	err := errors.Join(s.sleep(between(s.random, time.Millisecond, 300*time.Millisecond)), s.another(), s.mend())
	return errors.Join(err, <-done)
}

// another is one of the other faults that the change of shards has to bear.
func (s *scene) another() error {
	switch s.random.IntN(6) {
	case 0:
		return s.kill(s.leader)
	case 1:
		return s.kill(s.follower())
	case 2:
		return s.kill(s.members...)
	case 3:
		return s.cutPower()
	case 4:
		return s.pause(s.leader)
	default:
		return s.cut(both(s.leader.Number, s.others(s.leader)...))
	}
}
