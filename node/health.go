package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/peer"
)

// health tells the gateway how what is behind it is. It implements gateway.Health.
type health struct {
	*Node
	pace pace
}

// slowFsync is how long an fsync may take before a disk is not well.
const slowFsync = 500 * time.Millisecond

// Matching implements gateway.Health: each shard has a leader, which runs here or on a node that is connected.
func (h *health) Matching() error {
	for _, s := range h.shards.all() {
		if err := h.reaches(s); err != nil {
			return fmt.Errorf("shard %d: %w", s.id, err)
		}
	}
	return nil
}

func (h *health) reaches(s *hosted) error {
	if err := s.replica.Err(); err != nil {
		return err
	}
	leader, _ := s.replica.Leader()
	switch {
	case leader == 0:
		return errors.New("no leader is known; a majority of the members may be out of reach")
	case h.member == nil || leader.Node() == h.number():
		return nil
	case !h.member.linked(peer.Node(leader.Node())):
		return fmt.Errorf("node %d leads, and there is no link to it", leader.Node())
	}
	return nil
}

// linked reports whether there is a link to another node.
func (m *member) linked(node peer.Node) bool {
	for _, l := range m.mesh.Links() {
		if l.Node == node {
			return !l.Up.IsZero()
		}
	}
	return false
}

// Dependencies implements gateway.Health.
func (h *health) Dependencies() (all []gateway.Dependency) {
	for _, s := range h.shards.all() {
		name := fmt.Sprintf("shard %d ", s.id)
		all = append(all,
			gateway.Dependency{Name: name + "majority", Check: timed(s.replica.Fresh)},
			gateway.Dependency{Name: name + "read model", Check: timed(s.caughtUp)},
			gateway.Dependency{Name: name + "disk", Check: s.disk})
	}
	if h.member == nil {
		return all
	}
	for _, l := range h.member.mesh.Links() {
		all = append(all, gateway.Dependency{Name: fmt.Sprintf("node %d", l.Node), Check: timed(func(context.Context) error {
			if l.Up.IsZero() {
				return errors.New("no link to it")
			}
			return nil
		})})
	}
	return all
}

// timed makes a check that takes as long as what it calls.
func timed(call func(context.Context) error) func(context.Context) (time.Duration, error) {
	return func(ctx context.Context) (time.Duration, error) {
		begun := time.Now()
		err := call(ctx)
		return time.Since(begun), err
	}
}

// caughtUp waits until the read model has seen what was applied before the call.
func (h *hosted) caughtUp(ctx context.Context) error {
	_, seq := h.replica.Applied()
	return h.replica.View().WaitSeq(ctx, exchange.Seq(seq))
}

// disk tells how long the last fsync of the log took.
func (h *hosted) disk(context.Context) (time.Duration, error) {
	took := time.Duration(h.fsync.Load())
	if err := h.replica.Err(); err != nil {
		return took, err
	}
	if took > slowFsync {
		return took, fmt.Errorf("the last write of the log took longer than %v", slowFsync)
	}
	return took, nil
}

// Recent implements gateway.Health.
func (h *health) Recent() uint64 { return h.pace.recent() }

// pace is how many events there were, second by second.
type pace struct {
	mu   sync.Mutex
	seen [61]uint64 // a ring
	n    int        // taken ever
}

func (p *pace) take(events uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[p.n%len(p.seen)] = events
	p.n++
}

// recent is how many events came between the oldest and the newest number taken.
func (p *pace) recent() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n == 0 {
		return 0
	}
	oldest := max(0, p.n-len(p.seen))
	newest, before := p.seen[(p.n-1)%len(p.seen)], p.seen[oldest%len(p.seen)]
	return newest - min(newest, before)
}

// keepPace counts events every second.
func (h *health) keepPace() {
	for again := true; again; again = h.wait(time.Second) {
		var events uint64
		for _, s := range h.shards.all() {
			events += uint64(s.replica.View().Seq())
		}
		h.pace.take(events)
	}
}
