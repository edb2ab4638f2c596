package watch

import "github.com/hustings/hustings/exchange"

// orders are those that were placed last, in a ring: they come in the order of their numbers, so neighbours share cache lines.
type orders []order

// order is what the cancel of an order does not say.
type order struct {
	id     exchange.OrderID
	placed exchange.Time
	rested uint32 // contracts that rest
	side   exchange.Side
}

// newOrders has room for so many, rounded up to a power of two.
func newOrders(room int) orders {
	n := 1
	for n < room {
		n *= 2
	}
	return make(orders, n)
}

func (o orders) place(id exchange.OrderID) *order { return &o[id.Number()&uint64(len(o)-1)] }

func (o orders) add(of order) { *o.place(of.id) = of }

// find returns an order, or nil if it is not remembered.
func (o orders) find(id exchange.OrderID) *order {
	if at := o.place(id); at.id == id {
		return at
	}
	return nil
}
