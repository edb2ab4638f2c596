package history

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// one is the price of a Yes and a No together, in ticks.
const one = 10_000

type (
	// Place buys contracts at a limit, good till cancelled. No two orders of a market have one name.
	Place struct {
		Name     string
		Yes      bool   // or No
		Price    uint16 // of what is bought, 1 to 9,999 ticks
		Quantity uint32
	}
	// Cancel takes an order out of the book.
	Cancel struct{ Name string }
	// ReadOrder asks for an order that was placed.
	ReadOrder struct{ Name string }
	// ReadBook asks for the depth.
	ReadBook struct{}

	// Placed is the answer to Place.
	Placed struct {
		Filled, Left uint32
		Cost         int64 // of what was filled
	}
	// Order is the answer to ReadOrder.
	Order struct {
		Left      uint32
		Cancelled bool
	}
	// Depth is the answer to ReadBook: bids for Yes and for No, each as "quantity@price ", best first.
	Depth struct{ Yes, No string }
)

// book is the orders of a market in the order in which they were placed, those that are done included. A book never
// changes: what is done to it makes another one.
type book []resting

type resting struct {
	name      string
	yes       bool
	price     uint16
	left      uint32
	cancelled bool
}

func (r *resting) open() bool { return r.left > 0 && !r.cancelled }

var seed = maphash.MakeSeed()

var marketModel = porcupine.Model{
	Init: func() any { return book(nil) },
	Step: func(state, input, output any) (bool, any) {
		b := state.(book)
		switch input := input.(type) {
		case Place:
			after, answer := b.place(input)
			return fits(output, answer), after
		case Cancel:
			i := b.find(input.Name)
			if i < 0 || !b[i].open() {
				return fits(output, Refused{}), b
			}
			after := slices.Clone(b)
			after[i].cancelled = true
			return fits(output, Done{}), after
		case ReadOrder:
			i := b.find(input.Name)
			if i < 0 {
				return fits(output, Refused{}), b
			}
			return fits(output, Order{b[i].left, b[i].cancelled}), b
		case ReadBook:
			return fits(output, Depth{b.depth(true), b.depth(false)}), b
		default:
			panic(fmt.Sprintf("nobody asks %T of a market", input))
		}
	},
	Equal: func(a, b any) bool { return slices.Equal(a.(book), b.(book)) },
	Hash: func(state any) uint64 {
		var h maphash.Hash
		h.SetSeed(seed)
		for _, r := range state.(book) {
			maphash.WriteComparable(&h, r)
		}
		return h.Sum64()
	},
	DescribeOperation: describe,
	DescribeState: func(state any) string {
		b := state.(book)
		return fmt.Sprintf("yes %s no %s", b.depth(true), b.depth(false))
	},
}

func (b book) find(name string) int {
	return slices.IndexFunc(b, func(r resting) bool { return r.name == name })
}

// place matches an order with those of the other side, best price first, then the oldest, each at its own price.
func (b book) place(p Place) (book, Placed) {
	after := append(slices.Clone(b), resting{name: p.Name, yes: p.Yes, price: p.Price, left: p.Quantity})
	taker := &after[len(b)]
	var answer Placed
	for taker.left > 0 {
		best := after.best(!p.Yes)
		if best < 0 || after[best].price+p.Price < one {
			break
		}
		maker := &after[best]
		n := min(taker.left, maker.left)
		taker.left -= n
		maker.left -= n
		answer.Filled += n
		answer.Cost += int64(n) * int64(one-maker.price)
	}
	answer.Left = taker.left
	return after, answer
}

// best returns the open order of a side that is first in turn, or -1.
func (b book) best(yes bool) int {
	best := -1
	for i := range b {
		if b[i].yes == yes && b[i].open() && (best < 0 || b[i].price > b[best].price) {
			best = i
		}
	}
	return best
}

// depth adds up the open orders of a side.
func (b book) depth(yes bool) string {
	quantity := map[uint16]uint64{}
	for i := range b {
		if b[i].yes == yes && b[i].open() {
			quantity[b[i].price] += uint64(b[i].left)
		}
	}
	var levels []uint16
	for price := range quantity {
		levels = append(levels, price)
	}
	slices.SortFunc(levels, func(a, b uint16) int { return int(b) - int(a) })
	var text strings.Builder
	for _, price := range levels {
		text.WriteString(Level(quantity[price], price))
	}
	return text.String()
}

// Level writes one level of a Depth.
func Level(quantity uint64, price uint16) string { return fmt.Sprintf("%d@%d ", quantity, price) }
