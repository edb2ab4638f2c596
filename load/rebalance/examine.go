package rebalance

import (
	"context"
	"fmt"
	"net/url"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// examine shuts the cluster down and reads in the journals of every node what became of what was acknowledged.
func (r *run) examine(ctx context.Context, res *Result) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	if err := r.settle(ctx); err != nil {
		return err
	}
	for _, n := range r.Cluster.Nodes() {
		if err := n.Shutdown(ctx); err != nil {
			return err
		}
	}
	most := 0
	for i, n := range r.Cluster.Nodes() {
		h := newHistory(exchange.AccountID(r.Sweeper.Account))
		if err := h.read(n); err != nil {
			return fmt.Errorf("examining node %d: %w", n.Number, err)
		}
		found := &Result{}
		h.compare(found, r.placed, r.gone)
		h.priority(found, r.swept(), r.held)
		if off := h.money(); off != 0 {
			found.lost("over all shards there are %v more than was paid in", off)
		}
		if i == 0 {
			freezes, moved := h.freezes(exchange.ShardID(r.From))
			res.Freezes, res.Moved, res.Swept = freezes, len(moved), found.Swept
		}
		most, res.Doubled = max(most, found.Lost), max(res.Doubled, h.doubled)
		for _, text := range found.Wrong {
			res.wrong("node %d: %s", n.Number, text)
		}
	}
	res.Lost += most
	return nil
}

func (r *run) swept() (all []exchange.MarketID) {
	for _, m := range r.sweptMarkets() {
		all = append(all, exchange.MarketID(m))
	}
	return all
}

// settle waits until every node has seen all that was acknowledged: a follower hears a moment later than clients that an
// entry is committed, and one that stops in between has lost nothing.
func (r *run) settle(ctx context.Context) error {
	for i, node := range r.Public {
		if _, err := node.Markets(ctx, url.Values{api.ParamFresh: {"true"}, "limit": {"1"}}); err != nil {
			return fmt.Errorf("waiting until node %d has seen everything: %w", i+1, err)
		}
	}
	return nil
}
