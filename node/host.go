package node

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"

	"golang.org/x/sync/errgroup"
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
		if h != nil {
			n.shards.add(h) // those that were opened are to be closed
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
	rc := n.config.Replica
	rc.Shard, rc.Dir, rc.Observe, rc.Signer, rc.Log = id, ShardDir(n.config.Dir, id), n.metrics.observe(id), signer, n.log
	if id != exchange.HomeShard {
		rc.Log = n.log.With("shard", id)
	}
	rc.ReserveKeys, rc.ReserveOrders = max(rc.ReserveKeys, 1<<17), max(rc.ReserveOrders, 1<<15)
	if m := n.member; m != nil {
		rc.Group = replica.Group{Self: m.self(), First: m.identity.Load().members(id), Transport: transport{m, id},
			Heartbeat: m.config.Heartbeat, Election: m.config.Election}
		if id == exchange.HomeShard {
			rc.Changed = m.connect
		}
	}
	r, err := replica.Open(rc)
	if err != nil {
		return nil, err
	}
	h := &hosted{id: id, replica: r, submit: submitter{r, r}, history: history{r.Journal(), verifier}}
	if m := n.member; m != nil {
		h.submit.to = router.New(m.config.Node, r, transport{m, id}, patience, n.metrics.retries.Inc)
	}
	n.metrics.describe(id, r)
	n.watching.Go(func() { n.watch(r) })
	return h, nil
}

// watch lets the node fail when a replica does.
func (n *Node) watch(r *replica.Replica) {
	select {
	case <-r.Failed():
		n.failOnce.Do(func() { close(n.failed) })
	case <-n.closing:
	}
}
