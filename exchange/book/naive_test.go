package book

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// naive is the book as a trader would write it down: one list of all orders in the sequence of their arrival.
type naive []resting

type resting struct {
	slot     uint32
	side     exchange.Side
	price    exchange.Price
	quantity exchange.Quantity
}

// queue returns the orders at a price, first come first served.
func (n naive) queue(p exchange.Price) (slots []uint32, quantity uint64) {
	for _, o := range n {
		if o.price == p {
			slots = append(slots, o.slot)
			quantity += uint64(o.quantity)
		}
	}
	return slots, quantity
}

// best returns the highest bid or lowest ask among the prices that pass, or 0.
func (n naive) best(side exchange.Side, pass func(exchange.Price) bool) (best exchange.Price) {
	for _, o := range n {
		if o.side == side && pass(o.price) && (best == 0 || better(side, o.price, best)) {
			best = o.price
		}
	}
	return best
}

func better(side exchange.Side, p, than exchange.Price) bool {
	if side == exchange.Buy {
		return p > than
	}
	return p < than
}

func anyPrice(exchange.Price) bool { return true }

// next returns the least price above p of either side, or 0.
func (n naive) next(p exchange.Price) (next exchange.Price) {
	for _, o := range n {
		if o.price > p && (next == 0 || o.price < next) {
			next = o.price
		}
	}
	return next
}

func (n naive) wouldTrade(side exchange.Side, limit exchange.Price) bool {
	return slices.ContainsFunc(n, func(o resting) bool {
		return o.side != side && (o.price == limit || better(side, limit, o.price))
	})
}
