package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Commands are executed in windows. Ahead of each window a word is read of every cache line that its commands are going
// to need. The reads do not depend on each other, so their misses overlap, where command by command they would come
// one after the other. It goes in rounds, because what a line leads to is known only once the line is there. A shard
// whose orders fit in the processor's cache needs the first round only.
const (
	window      = 128
	largeOrders = 1 << 14
)

// ahead is what the rounds know of a command of the window.
type ahead struct {
	order    uint32 // a cancel's
	position uint32
	account  uint32
	book     uint32 // a placement's, or that of a cancel's order
	price    exchange.Price
	cancel   bool
}

// touch reads ahead what the first commands of frames need, up to a window of them.
func (s *Shard) touch(frames []byte) {
	large := s.orders.Len() > largeOrders
	n := 0
	var sum uint64
	for n < window && len(frames) > 0 {
		frame, rest, err := wire.Next(frames)
		if err != nil {
			break
		}
		frames = rest
		account, key, ok := wire.CommandHead(frame)
		if !ok {
			break
		}
		sum += uint64(s.keys.Touch(&key))
		a := &s.ahead[n]
		n++
		*a = ahead{}
		if account != 0 && uint32(account) < s.ledger.Accounts.Len() {
			a.account = uint32(account)
			sum += uint64(s.ledger.Accounts.At(a.account).OpenOrders)
		}
		if wire.CommandKind(frame) == exchange.KindCancelOrder {
			if slot := wire.CancelTarget(frame).Slot(); slot < s.orders.Len() && slot > 0 {
				a.order, a.cancel = slot, true
				sum += uint64(s.orders.At(slot).Price)
			}
		} else if large && wire.CommandKind(frame) == exchange.KindPlaceOrder && a.account != 0 {
			sum += s.touchPlacement(frame, a)
		}
	}
	if large {
		sum += s.touchNext(s.ahead[:n]) + s.touchLevels(s.ahead[:n])
	}
	s.touched = sum
}

// touchPlacement reads where the account's position will be looked for.
func (s *Shard) touchPlacement(frame []byte, a *ahead) uint64 {
	market, outcome, price := wire.PlaceTarget(frame)
	m := s.market(market)
	if m == nil || uint8(outcome) >= m.Count || price > exchange.MaxPrice {
		a.account = 0
		return 0
	}
	a.book, a.price = m.Books+uint32(outcome), price
	return uint64(s.ledger.TouchPosition(exchange.AccountID(a.account), a.book))
}

// touchNext is the second round: what the first round's lines lead to.
func (s *Shard) touchNext(window []ahead) (sum uint64) {
	for i := range window {
		a := &window[i]
		if a.cancel {
			o := s.orders.At(a.order)
			a.position, a.price = o.Position, o.Price
			before, behind := o.Neighbours()
			for _, slot := range [...]uint32{before, behind, o.OwnerNext, o.OwnerPrev} {
				sum += s.touchOrder(slot)
			}
		} else if a.book != 0 {
			a.position = s.ledger.Position(exchange.AccountID(a.account), a.book)
			sum += s.touchOrder(s.ledger.Accounts.At(a.account).OrdersHead)
		}
		if a.position != 0 {
			sum += uint64(s.ledger.Positions.At(a.position).Book)
		}
	}
	return sum
}

// touchLevels is the third round: the price levels, and the orders at their ends.
func (s *Shard) touchLevels(window []ahead) (sum uint64) {
	for i := range window {
		a := &window[i]
		if a.cancel && a.position != 0 {
			a.book = s.ledger.Positions.At(a.position).Book
		}
		if a.book != 0 {
			a.order = s.books.At(a.book).Last(a.price)
		}
	}
	for i := range window {
		if a := &window[i]; a.book != 0 && !a.cancel {
			sum += s.touchOrder(a.order)
		}
	}
	return sum
}

func (s *Shard) touchOrder(slot uint32) uint64 {
	if slot == 0 {
		return 0
	}
	return uint64(s.orders.At(slot).Price)
}
