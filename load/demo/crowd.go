package demo

import (
	"context"
	"fmt"
	"math"

	"github.com/hustings/hustings/api"
)

const (
	restMost = 24   // orders of the crowd that rest in a market
	edge     = 1.5  // steps by which a price must be wrong for the informed to trade
	sweep    = 150  // contracts that the informed take at once, at most
	takes    = 0.55 // share of the crowd's orders that take what is there
	flock    = 0.15 // by how much more often the crowd buys what has become dearer
)

// wander lets one of the crowd trade, for reasons of its own.
func (p *pit) wander(ctx context.Context) (int, error) {
	t := p.cast.crowd[p.random.IntN(crowd)]
	i := p.random.IntN(len(p.outcomes))
	o := api.PlaceOrder{Outcome: p.outcomes[i], Side: api.Sell, Quantity: p.size()}
	rising := p.belief.chances()[i] > p.public[i]
	buys := 0.5 - flock/2
	if rising {
		buys += flock
	}
	if p.random.Float64() < buys {
		o.Side = api.Buy
	}
	here := int(math.Round(place(p.public[i])))
	if p.random.Float64() < takes {
		o.Price = at(here + p.away(o.Side, 5))
		return 1, p.take(ctx, t, o)
	}
	o.Price = at(here - p.away(o.Side, 1+p.random.IntN(6)))
	return 1, p.rest(ctx, t, o)
}

// away is a number of steps in the direction in which an order of a side trades sooner.
func (p *pit) away(side string, steps int) int {
	if side == api.Buy {
		return steps
	}
	return -steps
}

func (p *pit) batch(o api.PlaceOrder) api.Batch {
	return api.Batch{Orders: []api.BatchOrder{{Market: p.market, PlaceOrder: o}}}
}

// take trades with what is there. Nobody in their right mind takes all of it: at most half.
func (p *pit) take(ctx context.Context, t *trader, o api.PlaceOrder) error {
	book, err := t.OrderBook(ctx, p.market, api.BookLevels, 0)
	if err != nil {
		return fmt.Errorf("the book of market %s: %w", p.market, err)
	}
	var there uint64
	for i := range book.Books {
		if b := &book.Books[i]; b.Outcome == o.Outcome {
			there = depth(b, o.Side)
		}
	}
	if there < 2 {
		return nil
	}
	o.TimeInForce, o.Quantity = api.IOC, min(o.Quantity, uint32(there/2))
	_, err = p.send(ctx, t, p.batch(o))
	return err
}

// depth is what an order of a side could trade with.
func depth(b *api.Book, side string) (contracts uint64) {
	opposite := b.Asks
	if side == api.Sell {
		opposite = b.Bids
	}
	for _, l := range opposite {
		contracts += l.Quantity
	}
	return contracts
}

// rest places an order that may rest, and cancels the oldest of the crowd's if there are too many.
func (p *pit) rest(ctx context.Context, t *trader, o api.PlaceOrder) error {
	if len(p.resting) >= restMost {
		oldest, owner := p.resting[0], p.owners[0]
		p.resting, p.owners = p.resting[1:], p.owners[1:]
		if _, err := p.send(ctx, owner, api.Batch{Cancels: []api.BatchCancel{oldest}}); err != nil {
			return err
		}
	}
	placed, err := p.send(ctx, t, p.batch(o))
	if err != nil {
		return err
	}
	if a := placed[0]; a != nil && a.Remaining > 0 {
		p.resting = append(p.resting, api.BatchCancel{Market: p.market, Order: a.Order})
		p.owners = append(p.owners, t)
	}
	return nil
}

// size is how many contracts one of the crowd wants: few mostly, many now and then.
func (p *pit) size() uint32 {
	return uint32(min(150, max(1, math.Exp(2.2+0.9*p.random.NormFloat64()))))
}

// exploit lets somebody trade who knows more than the makers do, until the price is nearly right. Without an advantage
// it is the crowd's turn.
func (p *pit) exploit(ctx context.Context) (int, error) {
	best, gap := 0, 0.0
	for i, c := range p.belief.chances()[:len(p.outcomes)] {
		if d := place(c) - place(p.public[i]); math.Abs(d) > math.Abs(gap) {
			best, gap = i, d
		}
	}
	if math.Abs(gap) < edge {
		return p.wander(ctx)
	}
	t := p.cast.informed[p.random.IntN(informed)]
	o := api.PlaceOrder{Outcome: p.outcomes[best], Side: api.Buy, Quantity: uint32(min(sweep, 20+15*math.Abs(gap)))}
	if gap < 0 {
		o.Side = api.Sell
	}
	o.Price = at(int(math.Round(place(p.belief.chances()[best]))) - p.away(o.Side, 1))
	_, err := p.send(ctx, t, p.batch(o))
	return 1, err
}
