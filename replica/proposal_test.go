package replica

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
)

// The entry at an index need not be the one that was proposed for it here.
func TestDisplacedProposalIsLost(t *testing.T) {
	answered := make(chan error, 1)
	s := &submission{count: 1, replies: make([]exchange.Reply, 1), done: answered}
	s.state.Store(taken)
	var p pending
	p.add(&proposal{index: 7, term: 2, subs: []*submission{s}})
	if got := p.take(7, 3); got != nil {
		t.Error("an entry of term 3 is taken for a proposal of term 2")
	}
	select {
	case err := <-answered:
		if !errors.Is(err, ErrLost) {
			t.Errorf("it is answered %v", err)
		}
	default:
		t.Error("it is not answered")
	}
}

// What a deposed leader wrote and nobody else has is still on its disk, and does not count after a restart.
func TestDisplacedEntriesAreNotReplayed(t *testing.T) {
	g := newTrio(t, nil)
	g.found(2)
	old := g.leader()
	id := old.config.Group.Self
	g.isolate(id, true)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := old.Submit(ctx, encode(t, order(1, 1)), 1, make([]exchange.Reply, 1)); err == nil {
		t.Fatal("a leader without a quorum has acknowledged an order")
	}
	for n := range 3 {
		g.submit(order(0, n))
	}
	g.isolate(id, false)
	g.submit(order(0, 3))
	g.agree()
	g.kill(id)
	g.start(id, g.members)
	g.submit(order(0, 4))
	g.agree()
}
