package sim

import (
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// conserved checks that money is constant over all shards, and that each transfer was credited once, as it was sent.
func (w *world) conserved() error {
	var cash, world exchange.Money
	for _, g := range w.groups {
		m := g.oracle.model
		world += m.World
		cash += m.World + m.Received - m.Released + m.MovedIn - m.MovedOut // what the model has checked to be there
		for _, t := range m.Outbox() {
			if to := w.group(t.To); to != nil && to.oracle.model.Neighbours[g.shard] != nil && to.oracle.model.Neighbours[g.shard].Received >= t.Number {
				cash -= t.Amount // it is counted there
			}
		}
	}
	for _, m := range w.copies() {
		cash -= m.Escrow + m.Fees
		for _, b := range m.Books {
			for _, o := range slices.Concat(b.Sides[0], b.Sides[1]) {
				cash -= o.Hold
			}
		}
	}
	if cash != world {
		return fmt.Errorf("the shards have %v together, and %v came in", cash, world)
	}
	return nil
}

// credited checks a transfer that a shard has credited against what was sent to it.
func (w *world) credited(to *group, c *exchange.ReceiveTransfer) error {
	from := w.group(c.From)
	if from == nil || from.oracle.model.Neighbours[to.shard] == nil {
		return fmt.Errorf("shard %d was credited transfer %d of shard %d, which has sent nothing", to.shard, c.Number, c.From)
	}
	sent := from.oracle.model.Neighbours[to.shard].Sent
	if c.Number == 0 || c.Number > uint64(len(sent)) {
		return fmt.Errorf("shard %d was credited transfer %d of shard %d, which has sent %d", to.shard, c.Number, c.From, len(sent))
	}
	if t := sent[c.Number-1]; t.Account != c.Account || t.Amount != c.Amount || t.To != to.shard {
		return fmt.Errorf("shard %d was credited %+v, sent was %+v", to.shard, *c, t)
	}
	return nil
}
