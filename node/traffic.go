package node

import (
	"context"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
)

// published is a replica with what it has published, as transfers need it.
type published struct{ *replica.Replica }

func (p published) Seq() exchange.Seq { return p.View().Seq() }
func (p published) WaitSeq(ctx context.Context, seq exchange.Seq) error {
	return p.View().WaitSeq(ctx, seq)
}
func (p published) Outbox() []exchange.Transfer { return p.View().Outbox() }

// carry carries cash and markets from one shard to another, while the first is led here.
func (n *Node) carry(from, to *hosted) {
	cash := router.Carrier{From: from.id, To: to.id, Self: n.number(), Source: published{from.replica}, Departures: from.submit.to,
		Destination: to.submit.to, Log: n.log}
	n.background.Go(func() { cash.Run(n.ctx) })
	markets := router.Mover{From: from.id, To: to.id, Self: n.number(), Source: from.replica, Departures: from.submit.to,
		Arrival: to.replica, Destination: to.submit.to, Places: n.places, Log: n.log, Calm: n.calm, Moved: n.metrics.moved}
	n.background.Go(func() { markets.Run(n.ctx) })
}

// longWrite is how long the write of a log takes that is not as it should be.
const longWrite = 4 * time.Millisecond

// calm reports whether no write of a log is standing still here. All shards may share a disk.
func (n *Node) calm() bool {
	for _, h := range n.shards.all() {
		if h.replica.Syncing() > longWrite {
			return false
		}
	}
	return true
}

// sweep sends cash home that lies idle on a shard, while that is led here.
func (n *Node) sweep(h *hosted) {
	s := router.Sweeper{Shard: h.id, Self: n.number(), Source: h.replica, Departures: h.submit.to, Home: n.View(), Places: n.places, Log: n.log}
	n.background.Go(func() { s.Run(n.ctx) })
}

// herald lets home and another shard tell each other of order groups, while the other one is led here.
func (n *Node) herald(home, other *hosted) {
	h := router.Herald{Shard: other.id, Self: n.number(), Source: other.replica, Home: home.replica, ToSource: other.submit.to,
		Homewards: home.submit.to, Log: n.log}
	n.background.Go(func() { h.Run(n.ctx) })
}

// number is the number of this node: 1 if it is the whole exchange.
func (n *Node) number() uint16 {
	if n.member == nil {
		return 1
	}
	return n.member.config.Node
}
