package model

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Order is an order that arrives or rests. Quantity = Filled + Closing + Opening always: what is taken out without a
// trade is taken off Quantity too.
type Order struct {
	ID          exchange.OrderID
	Account     exchange.AccountID
	Market      exchange.MarketID
	Outcome     exchange.Outcome
	Side        exchange.Side
	Price       exchange.Price
	TimeInForce exchange.TimeInForce
	SelfTrade   exchange.SelfTrade
	Flags       exchange.OrderFlags
	MaxCost     exchange.Money
	ExpireAt    exchange.Time
	Group       exchange.GroupID
	ClientID    string
	Version     uint32

	Quantity int64 // filled and open contracts
	Filled   int64
	Closing  int64 // open contracts that close a position; fills use these first
	Opening  int64 // open contracts that open one

	Resting bool   // it stands in its book; otherwise it holds nothing
	Arrived uint64 // place among all arrivals in a book
	Hold    exchange.Money
	Fee     FeeAccount

	Doomed []exchange.CancelReason // why it can no longer trade and awaits its removal, the first reason first
}

// Open is how many contracts are neither filled nor cancelled.
func (o *Order) Open() int64 { return o.Closing + o.Opening }

func (o *Order) has(f exchange.OrderFlags) bool { return o.Flags&f != 0 }

// mayRest reports whether what does not trade at once stays in the book.
func (o *Order) mayRest() bool {
	return o.TimeInForce == exchange.GoodTillCancelled || o.TimeInForce == exchange.GoodTillTime
}

// accepts reports whether the order may trade at a price.
func (o *Order) accepts(p exchange.Price) bool {
	if o.Side == exchange.Buy {
		return p <= o.Price
	}
	return p >= o.Price
}

// Book is the order book of one outcome. Both sides are in priority order.
type Book struct {
	Sides     [2][]*Order
	Last      exchange.Price // of the last trade; 0: none yet
	Positions map[exchange.AccountID]*Position
	Known     []exchange.AccountID // who ever had an order accepted in it, in that order
}

// know notes that an order of an account was accepted.
func (b *Book) know(id exchange.AccountID) {
	if !slices.Contains(b.Known, id) {
		b.Known = append(slices.Clone(b.Known), id)
	}
}

// opposite returns the orders that an order of this side meets.
func (b *Book) opposite(s exchange.Side) []*Order { return b.Sides[s.Opposite()] }

// rest puts an order behind all that have a better or the same price, and takes its hold.
func (e *Engine) rest(o *Order) exchange.OrderRested {
	at := e.placeOf(o)
	b := at.book
	side := b.Sides[o.Side]
	i := 0
	for i < len(side) && (side[i].Price == o.Price || !o.accepts(side[i].Price)) {
		i++
	}
	b.Sides[o.Side] = slices.Insert(side, i, o)
	o.Resting = true
	e.arrivals++
	o.Arrived = e.arrivals
	at.setHold(o)
	return exchange.OrderRested{Market: o.Market, Outcome: o.Outcome, Order: o.ID, Account: o.Account,
		Resting: exchange.Quantity(o.Open()), Hold: o.Hold, Cash: at.account.Cash}
}

func (b *Book) remove(o *Order) {
	b.Sides[o.Side] = slices.DeleteFunc(b.Sides[o.Side], func(x *Order) bool { return x == o })
	o.Resting = false
}

// position returns what an account has in the book, made when it is first asked for.
func (b *Book) position(id exchange.AccountID) *Position {
	if b.Positions[id] == nil {
		b.Positions[id] = &Position{}
	}
	return b.Positions[id]
}

// AllOrders returns every order that rests anywhere, sorted by id and market.
func (e *Engine) AllOrders() []*Order {
	var all []*Order
	e.eachOrder(func(o *Order) { all = append(all, o) })
	slices.SortFunc(all, func(a, b *Order) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Market, b.Market)) })
	return all
}

func (e *Engine) eachOrder(do func(*Order)) {
	for _, m := range e.Markets {
		for _, b := range m.Books {
			for _, side := range b.Sides {
				for _, o := range side {
					do(o)
				}
			}
		}
	}
}

// order finds a resting order of a market, or nil.
func (e *Engine) order(market exchange.MarketID, id exchange.OrderID) (found *Order) {
	e.eachOrder(func(o *Order) {
		if o.Market == market && o.ID == id {
			found = o
		}
	})
	return found
}

func sortedKeys[K ~uint32, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// copy returns an engine with copies of everything that trading can change.
func (e *Engine) copy() *Engine {
	c := *e
	c.Accounts = copies(e.Accounts)
	c.Groups = copies(e.Groups)
	for _, g := range c.Groups {
		g.Fills = slices.Clone(g.Fills)
	}
	c.Markets = copies(e.Markets)
	for _, m := range c.Markets {
		m.Books = copies(m.Books)
		for _, b := range m.Books {
			b.Sides = [2][]*Order{copies(b.Sides[0]), copies(b.Sides[1])}
			b.Positions = maps.Clone(b.Positions)
			for id, p := range b.Positions {
				q := *p
				b.Positions[id] = &q
			}
		}
	}
	c.events = slices.Clone(e.events)
	return &c
}

func copies[T any](list []*T) []*T {
	out := make([]*T, len(list))
	for i, p := range list {
		v := *p
		out[i] = &v
	}
	return out
}
