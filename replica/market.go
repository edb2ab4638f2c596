package replica

import (
	"context"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// marketCopy asks the applier for all parts of a market.
type marketCopy struct {
	id    exchange.MarketID
	size  int           // of a part; 0: as great as it may be
	parts chan [][]byte // has room for one
}

// WriteMarket writes a frozen market out, to be adopted by another shard: all of its parts, those of the state machine and
// behind them those of the read model. They are the same on every replica, but for what goes on outside the market meanwhile: how
// many orders the shard has accepted, when dead-man's switches are due, and whose orders one has doomed. There are none if the market is not frozen in
// what this replica has applied.
func (r *Replica) WriteMarket(ctx context.Context, id exchange.MarketID) ([][]byte, error) {
	c := &marketCopy{id: id, parts: make(chan [][]byte, 1)}
	to := r.applier.copies
	for {
		select {
		case to <- c:
			to = nil // it is written, and nobody is asked again
		case parts := <-c.parts:
			return parts, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-r.failed:
			return nil, r.err
		case <-r.stop:
			return nil, ErrStopping
		}
	}
}

// copyMarket writes a market as it is between two entries. The read model adds its part when it has come to the same place.
func (a *applier) copyMarket(c *marketCopy) {
	parts := a.shard.WriteMarket(c.id, c.size)
	if parts == nil {
		c.parts <- nil
		return
	}
	p := a.r.publisher
	p.send(publication{then: func(ok bool) {
		var past [][]byte
		if ok && !p.broken && p.view.Moving(c.id).Stage == projection.StageFrozen { // or an earlier run has left later events
			past = p.view.WritePast(c.id, c.size)
		}
		if past == nil {
			parts = nil
		}
		c.parts <- append(parts, past...)
	}})
}
