package demo

import (
	"context"
	"fmt"
	"math"
	"net/url"

	"github.com/hustings/hustings/api"
)

// What makers quote.
const (
	levels       = 4
	sizeLeast    = 10   // contracts at the best price
	stub         = 100  // contracts at the ends of the grid, which stay there for as long as the market is open
	leanAt       = 2500 // contracts of inventory at which a maker's prices have moved by leanMost steps
	leanMost     = 4.0
	learnsAtOnce = 0.35 // share of what is new to it that a maker takes in with one visit
)

// level is a place in a book and a side of it.
type level struct {
	outcome string
	side    string
	price   api.Price
}

// quote lets the next maker bring its quotes up to date, in all books of the market with one batch: what is still right
// stays where it is in the queue, and what others left at prices that are wrong by now is traded with.
func (p *pit) quote(ctx context.Context) (orders int, err error) {
	m := p.visits % makers
	p.visits++
	t := p.cast.makers[m]
	rises := make([]bool, len(p.public))
	for i, c := range p.belief.chances() {
		rises[i] = c > p.public[i]
		p.public[i] += learnsAtOnce * (c - p.public[i])
	}
	inventory, err := p.inventory(ctx, t)
	if err != nil {
		return 0, err
	}
	wanted := map[level]uint32{}
	var inOrder []level
	for i, outcome := range p.outcomes {
		inOrder = append(inOrder, p.ladder(wanted, outcome, p.public[i], rises[i], m, inventory[outcome])...)
	}
	var stale, fresh api.Batch
	for o, err := range t.EachOrder(ctx, url.Values{"market": {p.market.String()}}) {
		if err != nil {
			return 0, fmt.Errorf("orders of %s: %w", t.name, err)
		}
		l := level{o.Outcome, o.Side, o.Price}
		if size := wanted[l]; size > 0 && o.Remaining >= size/2 {
			delete(wanted, l)
			continue
		}
		stale.Cancels = append(stale.Cancels, api.BatchCancel{Market: o.Market, Order: o.Order})
	}
	for _, l := range inOrder {
		if size := wanted[l]; size > 0 {
			fresh.Orders = append(fresh.Orders, api.BatchOrder{Market: p.market, PlaceOrder: api.PlaceOrder{
				Outcome: l.outcome, Side: l.side, Price: l.price, Quantity: size, SelfTrade: api.CancelMaker,
			}})
		}
	}
	// What is new comes before what is old goes, so that there is no moment without a bid and an offer.
	if _, err := p.send(ctx, t, fresh); err != nil {
		return 0, err
	}
	stale.Cancels = stale.Cancels[:min(len(stale.Cancels), api.MaxBatch)]
	_, err = p.send(ctx, t, stale)
	return len(fresh.Orders), err
}

// ladder adds what a maker wants to have in a book, and returns it in order: first the side from which the price moves
// away, which trades with nothing. Makers differ in how close they quote. One that holds many contracts offers cheaper,
// and more of what it has. Whatever happens, its stubs at the ends of the grid remain.
func (p *pit) ladder(wanted map[level]uint32, outcome string, chance float64, rises bool, maker int, inventory int64) (inOrder []level) {
	lean := leanMost * math.Tanh(float64(inventory)/leanAt)
	center := place(chance) - lean
	half := 0.6 + 0.7*float64(maker)
	bid, ask := int(math.Floor(center-half)), int(math.Ceil(center+half))
	add := func(side string, place func(i int) int, scale float64) {
		for i := range levels {
			l := level{outcome, side, at(place(i))}
			if wanted[l] == 0 {
				inOrder = append(inOrder, l)
			}
			size := float64(sizeLeast * (i + 1) * (maker + 1))
			wanted[l] += uint32(max(1, size*scale*(0.8+0.4*p.random.Float64())))
		}
	}
	bids := func() { add(api.Buy, func(i int) int { return bid - i }, 1-0.5*lean/leanMost) }
	asks := func() { add(api.Sell, func(i int) int { return ask + i }, 1+0.5*lean/leanMost) }
	if rises {
		asks()
		bids()
	} else {
		bids()
		asks()
	}
	for _, l := range []level{{outcome, api.Buy, grid[0]}, {outcome, api.Sell, grid[len(grid)-1]}} {
		if wanted[l] == 0 {
			inOrder = append(inOrder, l)
		}
		wanted[l] += stub
	}
	return inOrder
}

// inventory is how many Yes a trader holds of each outcome, less its No.
func (p *pit) inventory(ctx context.Context, t *trader) (map[string]int64, error) {
	held := map[string]int64{}
	for h, err := range t.EachPosition(ctx, url.Values{"market": {p.market.String()}}) {
		switch {
		case err != nil:
			return nil, fmt.Errorf("positions of %s: %w", t.name, err)
		case h.Outcome == api.No && h.Contract == "":
			held[api.Yes] -= int64(h.Quantity)
		case h.Contract == api.No:
			held[h.Outcome] -= int64(h.Quantity)
		default:
			held[h.Outcome] += int64(h.Quantity)
		}
	}
	return held, nil
}
