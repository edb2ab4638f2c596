package shard_test

import (
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A fold rebuilds the state from events alone. Every Cash that an event states is compared with what the events before
// it add up to, so an event that does not say all that it moved is found.
type fold struct {
	state  state
	orders map[namedOrder]*foldedOrder // open ones
	fault  error                       // the first thing that did not add up
}

type foldedOrder struct {
	orderState
	market  exchange.MarketID
	outcome exchange.Outcome
	side    exchange.Side
	resting bool
}

func newFold() *fold {
	return &fold{state: state{Rules: exchange.FirstRules}, orders: map[namedOrder]*foldedOrder{}}
}

func (f *fold) account(id exchange.AccountID) *accountState { return &f.state.Accounts[id-1] }
func (f *fold) market(id exchange.MarketID) *marketState    { return &f.state.Markets[id-1] }

func (f *fold) order(market exchange.MarketID, id exchange.OrderID) *foldedOrder {
	return f.orders[namedOrder{market, id.Number()}]
}

func (f *fold) fail(format string, args ...any) {
	if f.fault == nil {
		f.fault = fmt.Errorf(format, args...)
	}
}

// cash compares what an event says that an account has with what it has to have.
func (f *fold) cash(event exchange.Event, id exchange.AccountID, want exchange.Money) {
	if got := f.account(id).Cash; got != want {
		f.fail("%T says that account %d has %v, events add up to %v: %+v", event, id, want, got, event)
	}
}

func (f *fold) positions(m exchange.MarketID, o exchange.Outcome) *[]positionState {
	return &f.market(m).Books[o].Positions
}

// position finds or makes an account's position; positions are sorted by account.
func (f *fold) position(m exchange.MarketID, o exchange.Outcome, id exchange.AccountID) *positionState {
	all := f.positions(m, o)
	i, ok := slices.BinarySearchFunc(*all, id, func(p positionState, id exchange.AccountID) int {
		return int(p.Account) - int(id)
	})
	if !ok {
		*all = slices.Insert(*all, i, positionState{Account: id})
	}
	return &(*all)[i]
}

// move moves money between an account and the escrow of a market.
func (f *fold) move(m exchange.MarketID, o exchange.Outcome, id exchange.AccountID, toAccount exchange.Money) {
	f.account(id).Cash += toAccount
	f.market(m).Escrow -= toAccount
	f.position(m, o, id).Paid -= toAccount
}

func (f *fold) merge(m exchange.MarketID, o exchange.Outcome, id exchange.AccountID, pairs exchange.Quantity) {
	p := f.position(m, o, id)
	p.Yes -= int64(pairs)
	p.No -= int64(pairs)
	f.move(m, o, id, exchange.Cost(exchange.One, pairs))
}

// reserve sets contracts aside that an order closes, or gives them back.
func (f *fold) reserve(o *foldedOrder, n int64) {
	p := f.position(o.market, o.outcome, o.Account)
	if o.side == exchange.Sell {
		p.ReservedYes += n
	} else {
		p.ReservedNo += n
	}
}

// hold sets what an order holds; the difference comes from cash.
func (f *fold) hold(o *foldedOrder, amount exchange.Money) {
	f.account(o.Account).Cash += o.Hold - amount
	o.Hold = amount
}

// rest puts an order into its book, behind those of the same price.
func (f *fold) rest(o *foldedOrder) {
	o.resting = true
	side := f.side(o)
	i := 0
	for i < len(*side) && !better(o, (*side)[i].Price) {
		i++
	}
	*side = slices.Insert(*side, i, o.orderState)
}

func better(o *foldedOrder, than exchange.Price) bool {
	if o.side == exchange.Buy {
		return o.Price > than
	}
	return o.Price < than
}

func (f *fold) side(o *foldedOrder) *[]orderState {
	book := &f.market(o.market).Books[o.outcome]
	if o.side == exchange.Buy {
		return &book.Bids
	}
	return &book.Asks
}

// keep writes a changed order back into its book, or takes it out when nothing of it is open.
func (f *fold) keep(o *foldedOrder) {
	if o.resting {
		side := f.side(o)
		i := slices.IndexFunc(*side, func(s orderState) bool { return s.Number == o.Number })
		if o.Open > 0 {
			(*side)[i] = o.orderState
		} else {
			*side = slices.Delete(*side, i, i+1)
		}
	}
	if o.Open == 0 {
		delete(f.orders, namedOrder{o.market, o.Number})
	}
}

// leave takes an order out of its book that is going to arrive anew.
func (f *fold) leave(o *foldedOrder) {
	side := f.side(o)
	*side = slices.DeleteFunc(*side, func(s orderState) bool { return s.Number == o.Number })
	o.resting = false
}

// settled returns the state without what no longer matters.
func (f *fold) settled() state {
	s := f.state
	s.Accounts = slices.Clone(s.Accounts)
	s.Markets = slices.Clone(s.Markets)
	s.Outbox = slices.Clone(s.Outbox)
	for i := range s.Markets {
		m := &s.Markets[i]
		m.Books = slices.Clone(m.Books)
		for j := range m.Books {
			b := &m.Books[j]
			over := m.State == exchange.StateSettled || m.State == exchange.StateVoided
			b.Positions = slices.DeleteFunc(slices.Clone(b.Positions), func(p positionState) bool {
				return over || p == positionState{Account: p.Account}
			})
		}
	}
	s.normalise()
	return s
}

// normalise makes empty lists equal to none, and adds up the orders.
func (s *state) normalise() {
	for i := range s.Markets {
		for j := range s.Markets[i].Books {
			b := &s.Markets[i].Books[j]
			if len(b.Bids) == 0 {
				b.Bids = nil
			}
			if len(b.Asks) == 0 {
				b.Asks = nil
			}
			if len(b.Positions) == 0 {
				b.Positions = nil
			}
		}
	}
	if len(s.Outbox) == 0 {
		s.Outbox = nil
	}
	if len(s.Proposals) == 0 {
		s.Proposals = nil
	}
	s.addOrders()
}
