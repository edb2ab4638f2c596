package ledger

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"pgregory.net/rapid"
)

// bank is a ledger with one market of one book in which traders act at random.
type bank struct {
	*rapid.T
	Ledger
	pool Pool
	fees exchange.Money
}

const traders, theBook = 3, 1

// pick draws one of the traders.
func (b *bank) pick() (*Account, *Position) {
	id := exchange.AccountID(rapid.IntRange(1, traders).Draw(b.T, "account"))
	return b.trader(id)
}

func (b *bank) trader(id exchange.AccountID) (*Account, *Position) {
	slot := b.Position(id, theBook)
	if slot == 0 {
		slot = b.MakePosition(id, theBook, 0)
	}
	return b.Account(id), b.Positions.At(slot)
}

// part draws an amount from 0 to most.
func part[T ~int64 | ~uint32](b *bank, most T) T {
	return T(rapid.Int64Range(0, int64(max(0, most))).Draw(b.T, "part"))
}

// trade books both sides of one trade, if each has the cash for it.
func (b *bank) trade() {
	p := exchange.Price(rapid.IntRange(1, 9_999).Draw(b.T, "price"))
	q := exchange.Quantity(rapid.IntRange(1, 20).Draw(b.T, "quantity"))
	buyer, yes := b.pick()
	seller, no := b.pick()
	if buyer == seller || min(buyer.Cash, seller.Cash) < exchange.Cost(exchange.One, q) {
		return
	}
	b.Fill(buyer, yes, &b.pool, exchange.Buy, p, q, b.reserve(yes, exchange.Sell, q))
	b.Fill(seller, no, &b.pool, exchange.Sell, p, q, b.reserve(no, exchange.Buy, q))
	b.Merge(buyer, yes, &b.pool)
	b.Merge(seller, no, &b.pool)
}

// reserve sets aside what a fill of q will close.
func (b *bank) reserve(pos *Position, i exchange.Side, q exchange.Quantity) exchange.Quantity {
	closing := part(b, min(q, pos.Free(i)))
	pos.Reserved[i] += closing
	return closing
}

// settle pays all positions; what is left is fees, and they are the house's.
func (b *bank) settle() {
	value := exchange.Price(rapid.IntRange(0, 10_000).Draw(b.T, "value"))
	for id := exchange.AccountID(1); id <= traders; id++ {
		a, pos := b.trader(id)
		b.PayOut(a, pos, &b.pool, value)
	}
	b.CollectFees(&b.fees)
	b.forget()
}

// void takes back gains, then gives back losses, so that everybody has what he paid.
func (b *bank) void() {
	for _, giving := range []bool{false, true} {
		for id := exchange.AccountID(1); id <= traders; id++ {
			a, pos := b.trader(id)
			if net := pos.Paid; giving && net > 0 {
				b.Refund(a, &b.pool, &b.fees, min(net, b.fees), net)
			} else if !giving && net < 0 {
				b.TakeBack(a, &b.pool, -net)
			}
		}
	}
	for id := exchange.AccountID(1); id <= traders; id++ {
		_, pos := b.trader(id)
		b.Forfeit(pos, &b.pool)
	}
	b.forget()
}

// forget drops the positions of a market that has ended and must be empty.
func (b *bank) forget() {
	for id := exchange.AccountID(1); id <= traders; id++ {
		if _, pos := b.trader(id); !pos.Flat() {
			b.Fatalf("account %d is left with %v", id, pos.Have)
		}
		b.DropPosition(b.Position(id, theBook))
	}
	if b.pool != (Pool{}) || b.fees != 0 {
		b.Fatalf("an ended market keeps %+v and fees of %v", b.pool, b.fees)
	}
}

// check adds everything up.
func (b *bank) check() {
	sums := Totals{Outbox: b.Totals.Outbox, Received: b.Totals.Received, Released: b.Totals.Released, World: b.Totals.World, HouseFees: b.Totals.HouseFees, MarketFees: b.fees, Escrow: b.pool.Escrow}
	var have [2]uint64
	var paid exchange.Money
	for id := exchange.AccountID(1); id <= traders; id++ {
		a, pos := b.trader(id)
		if min(a.Cash, a.Held, a.Receivable) < 0 {
			b.Fatalf("account %d has less than nothing: %+v", id, a)
		}
		sums.Cash += a.Cash
		sums.Held += a.Held
		sums.Receivable += a.Receivable
		paid += pos.Paid
		for i := range have {
			have[i] += uint64(pos.Have[i])
		}
	}
	if b.Totals != sums || b.Totals.Drift() != 0 {
		b.Fatalf("totals are %+v and add up to %+v", b.Totals, sums)
	}
	if b.pool.Have != have || !b.pool.Balanced() {
		b.Fatalf("the pool is %+v, the positions have %v", b.pool, have)
	}
	if paid != b.pool.Escrow+b.fees {
		b.Fatalf("%v was paid; escrow is %v and fees %v", paid, b.pool.Escrow, b.fees)
	}
}

// Whatever happens, no money appears or vanishes, and the escrow is 1 for each pair.
func TestMoneyIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bank{T: t}
		for range traders {
			b.Deposit(b.Account(b.Register(10)), 50_0000)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			a, pos := b.pick()
			switch rapid.IntRange(0, 18).Draw(t, "act") {
			case 0:
				b.Deposit(a, 1+part(&b, exchange.Money(100_0000)))
			case 1:
				b.Withdraw(a, part(&b, a.Cash))
			case 2:
				b.Hold(a, part(&b, a.Cash))
			case 3:
				b.Release(a, part(&b, a.Held))
			case 4, 5:
				b.PayFee(a, pos, &b.fees, part(&b, min(a.Cash, 1000)))
			case 6:
				b.settle()
			case 8:
				b.Send(a, part(&b, a.Cash))
			case 9:
				b.Receive(a, 1+part(&b, exchange.Money(10_0000)))
			case 10:
				b.ReleaseSent(part(&b, b.Totals.Outbox))
			case 7:
				b.void()
			default:
				b.trade()
			}
			b.check()
		}
	})
}
