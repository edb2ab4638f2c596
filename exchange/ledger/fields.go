package ledger

import "github.com/hustings/hustings/exchange/wire/codec"

// Fields walks over an account's fields for a snapshot.
func (a *Account) Fields(c *codec.Codec) {
	codec.U64(c, &a.Cash)
	codec.U64(c, &a.Held)
	codec.U64(c, &a.Receivable)
	codec.U64(c, &a.CancelBelow)
	codec.U32(c, &a.OrdersHead)
	codec.U32(c, &a.OrdersTail)
	codec.U32(c, &a.Sweep)
	codec.U32(c, &a.OpenOrders)
	codec.U32(c, &a.MaxOpenOrders)
	codec.U32(c, &a.Version)
	codec.U32(c, &a.DeadMan)
	codec.U8(c, &a.CancelReason)
	codec.U8(c, &a.Flags)
}

// Fields walks over a position's fields for a snapshot.
func (p *Position) Fields(c *codec.Codec) {
	codec.U32(c, &p.Account)
	codec.U32(c, &p.Book)
	for i := range 2 {
		codec.U32(c, &p.Have[i])
		codec.U32(c, &p.Reserved[i])
		codec.U32(c, &p.Opening[i])
	}
	codec.U64(c, &p.Paid)
	codec.U64(c, &p.CancelBelow)
	codec.U32(c, &p.Next)
}

// Fields walks over a pool's fields for a snapshot.
func (p *Pool) Fields(c *codec.Codec) {
	codec.U64(c, &p.Escrow)
	codec.U64(c, &p.Have[0])
	codec.U64(c, &p.Have[1])
}

// Fields walks over what the ledger keeps beside accounts and positions.
func (l *Ledger) Fields(c *codec.Codec) {
	t := &l.Totals
	codec.U64(c, &t.Cash)
	codec.U64(c, &t.Held)
	codec.U64(c, &t.Escrow)
	codec.U64(c, &t.MarketFees)
	codec.U64(c, &t.HouseFees)
	codec.U64(c, &t.Receivable)
	codec.U64(c, &t.World)
	codec.U64(c, &t.Outbox)
	codec.U64(c, &t.Received)
	codec.U64(c, &t.Released)
	codec.U64(c, &t.MovedIn)
	codec.U64(c, &t.MovedOut)
	codec.U32(c, &l.free)
}

// Restore makes the positions that were read from a snapshot findable.
func (l *Ledger) Restore() {
	l.index.Reserve(int(l.Positions.Len()))
	for slot := uint32(1); slot < l.Positions.Len(); slot++ {
		if p := l.Positions.At(slot); p.Account != 0 {
			l.index.Insert(positionHash(p.Account, p.Book), slot)
		}
	}
}
