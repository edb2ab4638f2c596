package projection

import (
	"fmt"
	"math"

	"github.com/hustings/hustings/exchange"
)

// A Neighbour is another shard, by what passed between it and this one.
type Neighbour struct {
	ID       exchange.ShardID
	Released uint64              // number of the newest transfer to it that it is known to have
	Outbox   []exchange.Transfer // those behind it, with consecutive numbers
	Received uint64              // number of the newest transfer from it
}

// outbox holds what is known of other shards.
type outbox struct{ neighbours []Neighbour } // by ShardID

// meet returns the record of a shard.
func (b *outbox) meet(id exchange.ShardID) *Neighbour {
	for int(id) >= len(b.neighbours) {
		b.neighbours = append(b.neighbours, Neighbour{ID: exchange.ShardID(len(b.neighbours))})
	}
	return &b.neighbours[id]
}

// neighbour returns what is known of a shard.
func (b *outbox) neighbour(id exchange.ShardID) Neighbour {
	if int(id) >= len(b.neighbours) {
		return Neighbour{ID: id}
	}
	return b.neighbours[id]
}

// Outbox returns the transfers that were sent and not released, by the shard they go to and their number.
func (v *View) Outbox() (all []exchange.Transfer) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i := range v.outbox.neighbours {
		all = append(all, v.outbox.neighbours[i].Outbox...)
	}
	return all
}

// Received returns the number of the newest transfer from a shard that was credited.
func (v *View) Received(from exchange.ShardID) uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.outbox.neighbour(from).Received
}

// Sent returns the number of the newest transfer to a shard that was sent.
func (v *View) Sent(to exchange.ShardID) uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	n := v.outbox.neighbour(to)
	return n.last()
}

// last is the number of the newest transfer to the neighbour.
func (n *Neighbour) last() uint64 { return n.Released + uint64(len(n.Outbox)) }

func (v *View) transferSent(e *exchange.TransferSent) *InconsistencyError {
	a := v.accountOf(e.Account)
	if a == nil {
		return noAccount(e.Account)
	}
	n := v.outbox.meet(e.To)
	last := n.last()
	if e.Amount <= 0 || e.Number != last+1 {
		return broken("transfer %d of %v to shard %d follows transfer %d", e.Number, e.Amount, e.To, last)
	}
	n.Outbox = append(n.Outbox, exchange.Transfer{To: e.To, Number: e.Number, Account: e.Account, Amount: e.Amount})
	v.total.Outbox += e.Amount
	return v.pay(e.Account, a, -e.Amount, e.Cash)
}

func (v *View) transferReceived(e *exchange.TransferReceived) *InconsistencyError {
	n := v.outbox.meet(e.From)
	if e.Amount <= 0 || e.Amount > math.MaxInt64-v.total.Received || e.Number != n.Received+1 || e.Account == 0 || e.Account > exchange.MaxAccounts {
		return broken("transfer %d of %v from shard %d follows transfer %d", e.Number, e.Amount, e.From, n.Received)
	}
	n.Received = e.Number
	v.total.Received += e.Amount
	a := v.accountOf(e.Account)
	if a == nil {
		v.addAccount(&Account{ID: e.Account, Version: 1, MaxOpenOrders: DefaultMaxOpenOrders})
		a = v.accountOf(e.Account)
	}
	return v.credit(e.Account, a, e.Amount, e.Repaid, e.Cash)
}

func (v *View) transferReleased(e *exchange.TransferReleased) *InconsistencyError {
	n := v.outbox.meet(e.To)
	if len(n.Outbox) == 0 || e.Number != n.Released+1 || e.Amount != n.Outbox[0].Amount {
		return broken("transfer %d of %v to shard %d is not the oldest under way", e.Number, e.Amount, e.To)
	}
	n.Outbox = n.Outbox[1:]
	n.Released++
	v.total.Outbox -= e.Amount
	v.total.Released += e.Amount
	return nil
}

// SetTransferred sets everything that ever came from other shards, and that they are known to have got.
func (b *Builder) SetTransferred(received, released exchange.Money) {
	b.v.total.Received, b.v.total.Released = received, released
}

// AddNeighbour adds another shard. It keeps the slice.
func (b *Builder) AddNeighbour(n *Neighbour) error {
	if n.ID == 0 {
		return fmt.Errorf("a shard has no number")
	}
	*b.v.outbox.meet(n.ID) = *n
	for _, t := range n.Outbox {
		b.v.total.Outbox += t.Amount
	}
	return nil
}

// outbox adds up what is under way.
func (c *audit) outbox() *InconsistencyError {
	for i := range c.v.outbox.neighbours {
		n := &c.v.outbox.neighbours[i]
		for j, t := range n.Outbox {
			if t.To != n.ID || t.Number != n.Released+1+uint64(j) || t.Amount <= 0 || c.v.account(t.Account) == nil {
				return broken("behind transfer %d to shard %d stands %+v", n.Released+uint64(j), n.ID, t)
			}
			c.total.Outbox += t.Amount
		}
	}
	return nil
}

func (d *differ) neighbours() {
	for i := range max(len(d.a.outbox.neighbours), len(d.b.outbox.neighbours)) {
		id := exchange.ShardID(i)
		a, b := d.a.outbox.neighbour(id), d.b.outbox.neighbour(id)
		compare(d, "shard", id, "received", a.Received, b.Received)
		compare(d, "shard", id, "released", a.Released, b.Released)
		compare(d, "shard", id, "transfers under way", len(a.Outbox), len(b.Outbox))
		for j := range min(len(a.Outbox), len(b.Outbox)) {
			compare(d, "shard", id, "transfer", a.Outbox[j], b.Outbox[j])
		}
	}
}
