package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/slab"
)

// Cash goes to another shard by three commands: SendTransfer here, ReceiveTransfer there, ReleaseTransfer here. Each
// pair of shards has numbers of its own in either direction, without gaps, so that a number alone says whether a step
// was done: whoever carries transfers may carry them twice, in any order, or not at all.

// neighbour is another shard, by what passed between it and this one.
type neighbour struct {
	sent     uint64 // number of the newest transfer to it
	released uint64 // number of the newest one that it is known to have
	received uint64 // number of the newest transfer from it
	oldest   uint32 // slots of the transfers to it that are under way, linked by next
	newest   uint32
}

// transit is a transfer in the outbox. Those to one shard have consecutive numbers.
type transit struct {
	amount  exchange.Money
	account exchange.AccountID // 0: the slot is free
	next    uint32             // the transfer to the same shard behind it; of a free slot, the next free one
}

// outbox holds what is known of other shards.
type outbox struct {
	neighbours slab.Slab[neighbour] // slot = ShardID
	transits   slab.Slab[transit]
	free       uint32
}

// neighbour returns what is known of a shard.
func (b *outbox) neighbour(id exchange.ShardID) neighbour {
	if id == 0 || uint32(id) >= b.neighbours.Len() {
		return neighbour{}
	}
	return *b.neighbours.At(uint32(id))
}

// meet returns the record of a shard, to be changed.
func (b *outbox) meet(id exchange.ShardID) *neighbour {
	if uint32(id) >= b.neighbours.Len() {
		b.neighbours.SetLen(uint32(id) + 1)
	}
	return b.neighbours.At(uint32(id))
}

// push adds a transfer and returns its number.
func (b *outbox) push(to exchange.ShardID, account exchange.AccountID, amount exchange.Money) uint64 {
	slot := b.free
	if slot != 0 {
		b.free = b.transits.At(slot).next
	} else {
		slot = b.transits.Add()
	}
	*b.transits.At(slot) = transit{amount: amount, account: account}
	n := b.meet(to)
	if n.newest != 0 {
		b.transits.At(n.newest).next = slot
	} else {
		n.oldest = slot
	}
	n.newest = slot
	n.sent++
	return n.sent
}

// pop takes the oldest transfer to a shard out and returns its amount.
func (b *outbox) pop(to exchange.ShardID) exchange.Money {
	n := b.meet(to)
	slot := n.oldest
	t := b.transits.At(slot)
	amount := t.amount
	if n.oldest = t.next; n.oldest == 0 {
		n.newest = 0
	}
	n.released++
	*t = transit{next: b.free}
	b.free = slot
	return amount
}

// to returns the transfers to a shard, oldest first.
func (b *outbox) to(id exchange.ShardID) (all []exchange.Transfer) {
	n := b.neighbour(id)
	for slot := n.oldest; slot != 0; {
		t := b.transits.At(slot)
		all = append(all, exchange.Transfer{To: id, Number: n.released + 1 + uint64(len(all)), Account: t.account, Amount: t.amount})
		slot = t.next
	}
	return all
}

// Outbox returns the transfers that were sent and not released, by the shard they go to and their number.
func (s *Shard) Outbox() (all []exchange.Transfer) {
	for id := uint32(1); id < s.outbox.neighbours.Len(); id++ {
		all = append(all, s.outbox.to(exchange.ShardID(id))...)
	}
	return all
}

// Received returns the number of the newest transfer from a shard that was credited.
func (s *Shard) Received(from exchange.ShardID) uint64 { return s.outbox.neighbour(from).received }

// doTransfer executes a command of a transfer.
func (s *Shard) doTransfer(cmd exchange.Command, r *exchange.Reply) exchange.Reject {
	switch c := cmd.(type) {
	case *exchange.SendTransfer:
		return s.sendTransfer(c, r)
	case *exchange.ReceiveTransfer:
		return s.receiveTransfer(c, r)
	case *exchange.ReleaseTransfer:
		return s.releaseTransfer(c, r)
	}
	return exchange.RejectMalformed
}

func (s *Shard) sendTransfer(c *exchange.SendTransfer, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	switch {
	case acct == nil:
		return exchange.RejectAccountNotFound
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount || !s.ledger.Totals.MaySend(c.Amount):
		return exchange.RejectAmountOutOfRange
	case c.Amount > acct.Cash:
		return exchange.RejectInsufficientFunds
	}
	s.ledger.Send(acct, c.Amount)
	number := s.outbox.push(c.To, c.Account, c.Amount)
	r.ID, r.Cost = number, c.Amount
	s.emit(&exchange.TransferSent{Account: c.Account, To: c.To, Number: number, Amount: c.Amount, Cash: acct.Cash})
	return exchange.Accepted
}

func (s *Shard) receiveTransfer(c *exchange.ReceiveTransfer, r *exchange.Reply) exchange.Reject {
	received := s.Received(c.From)
	r.ID = c.Number
	switch {
	case c.Number <= received:
		return exchange.Accepted
	case c.Account > exchange.MaxAccounts:
		return exchange.RejectTooManyIDs
	case c.Account == 0:
		return exchange.RejectAccountNotFound
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount || !s.ledger.Totals.MayReceive(c.Amount):
		return exchange.RejectAmountOutOfRange
	case c.Number > received+1:
		return exchange.RejectTransferOutOfOrder
	}
	acct := s.ledger.Account(c.Account)
	if acct == nil {
		acct = s.ledger.Admit(c.Account, DefaultMaxOpenOrders)
		s.names.accounts.SetLen(s.ledger.Accounts.Len())
	}
	repaid := s.ledger.Receive(acct, c.Amount)
	s.outbox.meet(c.From).received = c.Number
	r.Cost = c.Amount
	s.emit(&exchange.TransferReceived{Account: c.Account, From: c.From, Number: c.Number, Amount: c.Amount, Repaid: repaid,
		Cash: acct.Cash})
	return exchange.Accepted
}

func (s *Shard) releaseTransfer(c *exchange.ReleaseTransfer, r *exchange.Reply) exchange.Reject {
	n := s.outbox.neighbour(c.To)
	r.ID = c.Number
	switch {
	case c.Number <= n.released:
		return exchange.Accepted
	case c.Number > n.released+1 || c.Number > n.sent:
		return exchange.RejectTransferOutOfOrder
	}
	amount := s.outbox.pop(c.To)
	s.ledger.ReleaseSent(amount)
	r.Cost = amount
	s.emit(&exchange.TransferReleased{To: c.To, Number: c.Number, Amount: amount})
	return exchange.Accepted
}
