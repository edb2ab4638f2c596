// Package ledger keeps accounts and positions, and moves money between them by double entry.
//
// Money is in one of these places, and every function here takes from one what it gives to another:
//
//	world ⇄ account.Cash ⇄ account.Held        deposits, withdrawals; holds of resting orders
//	        account.Cash ⇄ book.Escrow          what opens and closes positions
//	        account.Cash → fees → house         fees, first kept by the market
//	        account.Receivable                  what an account owes the house after a void
//	        account.Cash → outbox → released    to another shard; received → account.Cash the other way
//
// Accounts and positions are one cache line each, in slabs, found by index or by one hash probe. The package knows
// nothing of orders' queues, markets' lives or time.
package ledger

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
)

// Account is a trader's account, one cache line.
type Account struct {
	Cash        exchange.Money   // free
	Held        exchange.Money   // reserved by resting orders
	Receivable  exchange.Money   // owed to the house
	CancelBelow exchange.OrderID // orders accepted before can no longer trade

	OrdersHead    uint32 // newest resting order, linked by Order.OwnerNext
	OrdersTail    uint32 // oldest
	Sweep         uint32 // next order that a mass cancel under way looks at; 0: none under way
	OpenOrders    uint32
	MaxOpenOrders uint32
	Version       uint32
	DeadMan       uint32                // slot of the dead-man's switch's timer; 0: not armed
	CancelReason  exchange.CancelReason // of CancelBelow
	Flags         AccountFlags
}

// AccountFlags are what is true of an account.
type AccountFlags uint8

// Account flags.
const (
	Registered AccountFlags = 1 << iota
	Blocked
	Sweeping // a mass cancel is queued

	tierShift = 6 // the highest two bits are how far the tier is above standard
)

// Tier returns the account's tier, never TierUnset.
func (a *Account) Tier() exchange.Tier {
	return exchange.TierStandard + exchange.Tier(a.Flags>>tierShift)
}

// SetTier sets the account's tier, which is a known one.
func (a *Account) SetTier(t exchange.Tier) {
	a.Flags = a.Flags&(1<<tierShift-1) | AccountFlags(t-exchange.TierStandard)<<tierShift
}

// Position is what an account has of one book, one cache line. Index 0 of the pairs is Yes or buying, 1 is No or selling.
type Position struct {
	Account  exchange.AccountID
	Book     uint32
	Have     [2]exchange.Quantity // contracts
	Reserved [2]exchange.Quantity // of these, what resting orders will close
	Opening  [2]exchange.Quantity // contracts that resting buys, and resting sells, may open

	Paid        exchange.Money   // paid in this book, fees included, less received
	CancelBelow exchange.OrderID // orders accepted before can no longer trade
	Next        uint32           // the book's next position
}

// Free returns how many contracts no resting order has reserved: 0 for Yes, 1 for No.
func (p *Position) Free(i exchange.Side) exchange.Quantity { return p.Have[i] - p.Reserved[i] }

// Flat reports whether the account has no contracts.
func (p *Position) Flat() bool { return p.Have[0]|p.Have[1] == 0 }

// Pool is the money side of one book.
type Pool struct {
	Escrow exchange.Money
	Have   [2]uint64 // sum of all positions' contracts: equal, and Escrow is 1.0000 for each pair
}

// Balanced reports whether Σ yes = Σ no and the escrow covers exactly the pairs.
func (p *Pool) Balanced() bool {
	return p.Have[0] == p.Have[1] && uint64(p.Escrow) == p.Have[0]*uint64(exchange.One)
}

// Totals are sums over everything, kept beside the balances so that a movement which is not balanced shows.
type Totals struct {
	Cash       exchange.Money // of all accounts
	Held       exchange.Money // of all accounts
	Escrow     exchange.Money // of all books
	MarketFees exchange.Money // fees that markets keep until they are settled
	HouseFees  exchange.Money // fees that are the house's
	Receivable exchange.Money // owed to the house
	World      exchange.Money // deposits less withdrawals
	Outbox     exchange.Money // sent to other shards, which are not known to have it
	Received   exchange.Money // everything that ever came from other shards
	Released   exchange.Money // everything that other shards are known to have got
	MovedIn    exchange.Money // everything that ever came with a market
	MovedOut   exchange.Money // everything that ever left with one
}

// Drift is by how much what the accounts, books, the house and the outbox have is more than what came in: 0.
func (t *Totals) Drift() exchange.Money {
	return t.Cash + t.Held + t.Escrow + t.MarketFees + t.HouseFees - t.Receivable + t.Outbox - t.in()
}

// in is what came in and has not left again.
func (t *Totals) in() exchange.Money {
	return t.World + t.Received - t.Released + t.MovedIn - t.MovedOut
}

// Room is how much more money may come in without a sum getting too large.
func (t *Totals) Room() exchange.Money {
	return exchange.MaxWorld - max(t.World, t.World+t.Received-t.Released, t.in())
}

// Ledger holds all accounts and positions of a shard. It is not for concurrent use.
type Ledger struct {
	Accounts  slab.Slab[Account] // slot = AccountID
	Positions slab.Slab[Position]
	Totals    Totals
	index     slab.Index // (account, book) → position
	free      uint32
}

// Account returns a registered account, or nil.
func (l *Ledger) Account(id exchange.AccountID) *Account {
	if uint32(id) >= l.Accounts.Len() || id == 0 {
		return nil
	}
	if a := l.Accounts.At(uint32(id)); a.Flags&Registered != 0 {
		return a
	}
	return nil
}

// Register makes the next account.
func (l *Ledger) Register(maxOpenOrders uint32) exchange.AccountID {
	id := l.Accounts.Add()
	*l.Accounts.At(id) = Account{Flags: Registered, MaxOpenOrders: maxOpenOrders, Version: 1}
	return exchange.AccountID(id)
}

// Admit makes the account with this id, which must not exist. Ids below it that nobody has stay free.
func (l *Ledger) Admit(id exchange.AccountID, maxOpenOrders uint32) *Account {
	if uint32(id) >= l.Accounts.Len() {
		l.Accounts.SetLen(uint32(id) + 1)
	}
	a := l.Accounts.At(uint32(id))
	*a = Account{Flags: Registered, MaxOpenOrders: maxOpenOrders, Version: 1}
	return a
}

// Position returns the slot of an account's position in a book, or 0.
func (l *Ledger) Position(account exchange.AccountID, book uint32) uint32 {
	h := positionHash(account, book)
	for slot, at := l.index.Find(h, 0); slot != 0; slot, at = l.index.Find(h, at+1) {
		if p := l.Positions.At(slot); p.Account == account && p.Book == book {
			return slot
		}
	}
	return 0
}

// TouchPosition reads the cache line where Position will begin to look, ahead of time.
func (l *Ledger) TouchPosition(account exchange.AccountID, book uint32) uint32 {
	return l.index.Touch(positionHash(account, book))
}

// MakePosition makes an account's position in a book, linked before next in the book's list.
func (l *Ledger) MakePosition(account exchange.AccountID, book, next uint32) uint32 {
	slot := l.free
	if slot != 0 {
		l.free = l.Positions.At(slot).Next
	} else {
		slot = l.Positions.Add()
	}
	*l.Positions.At(slot) = Position{Account: account, Book: book, Next: next}
	l.index.Insert(positionHash(account, book), slot)
	return slot
}

// DropPosition forgets a position whose book is settled.
func (l *Ledger) DropPosition(slot uint32) {
	p := l.Positions.At(slot)
	l.index.Remove(positionHash(p.Account, p.Book), slot)
	*p = Position{Next: l.free}
	l.free = slot
}

func positionHash(account exchange.AccountID, book uint32) uint64 {
	return slab.Hash(uint64(account)<<32 | uint64(book))
}
