package model

import (
	"maps"
	"math"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Neighbour is another shard.
type Neighbour struct {
	Sent     []exchange.Transfer // everything ever sent to it, by number from 1
	Released int                 // how many of these it is known to have
	Received uint64              // how many came from it
}

// neighbour finds or makes the record of another shard.
func (e *Engine) neighbour(id exchange.ShardID) *Neighbour {
	if e.Neighbours[id] == nil {
		e.Neighbours[id] = &Neighbour{}
	}
	return e.Neighbours[id]
}

// Outbox lists what was sent and not released, by shard and number.
func (e *Engine) Outbox() []exchange.Transfer {
	var all []exchange.Transfer
	for _, id := range slices.Sorted(maps.Keys(e.Neighbours)) {
		n := e.Neighbours[id]
		all = append(all, n.Sent[n.Released:]...)
	}
	return all
}

func (e *Engine) underWay() (sum exchange.Money) {
	for _, t := range e.Outbox() {
		sum += t.Amount
	}
	return sum
}

// room is how much more money may come in.
func (e *Engine) room() exchange.Money {
	return exchange.MaxWorld - max(e.World, e.World+e.Received-e.Released, e.World+e.Received-e.Released+e.MovedIn-e.MovedOut)
}

// knows reports whether a command means something under the rules that hold, and names what it has to.
func (e *Engine) knows(cmd exchange.Command) bool {
	switch c := cmd.(type) {
	case *exchange.PlaceOrder:
		if c.Side > exchange.Sell || c.TimeInForce > exchange.FillOrKill || c.SelfTrade > exchange.AllowSelfTrade || c.Flags >= 2*exchange.NoTerms {
			return false
		}
		return e.Rules >= 2 || !c.FundsElsewhere
	case *exchange.AmendOrder:
		return e.Rules >= 2 || !c.FundsElsewhere
	case *exchange.CreateMarket:
		return e.Rules >= 2 || c.ID == 0
	case *exchange.FreezeMarket:
		return e.Rules >= 3 && c.To > 0
	case *exchange.AdoptMarket:
		return e.Rules >= 3 && c.From > 0 && c.Move > 0 && len(c.Data) <= exchange.MaxPart
	case *exchange.AbandonMarket:
		return e.Rules >= 3 && c.From > 0 && c.Move > 0
	case *exchange.SetGroup:
		return e.Rules >= 4 && c.Group > 0 && c.Version > 0 && c.Cancelled <= c.Version && (!c.Deleted || c.Triggered)
	case *exchange.CountGroup:
		return e.Rules >= 4 && c.From > 0 && c.Filled <= exchange.MaxGroupFilled
	case *exchange.ThawMarket, *exchange.ReleaseMarket:
		return e.Rules >= 3
	case *exchange.SetPlacement:
		return e.Rules >= 3 && len(c.Data) <= exchange.MaxPart
	case *exchange.CreateCredential:
		if e.Rules < 4 {
			return c.Tier == 0 && c.Scheme == 0 && c.Addresses == ""
		}
		return c.Tier <= 3 && c.Scheme <= 1
	case *exchange.SetTier, *exchange.EndSessions, *exchange.SetHalt, *exchange.RecordAct:
		return e.Rules >= 4
	case *exchange.SetApprovals, *exchange.DecideAct:
		return e.Rules >= 5
	case *exchange.ProposeAct:
		return e.Rules >= 5 && proposable(c.Act) != nil
	case *exchange.SendTransfer:
		return e.Rules >= 2 && c.To > 0
	case *exchange.ReceiveTransfer:
		return e.Rules >= 2 && c.From > 0 && c.Number > 0
	case *exchange.ReleaseTransfer:
		return e.Rules >= 2 && c.To > 0 && c.Number > 0
	}
	return true
}

func (e *Engine) sendTransfer(c *exchange.SendTransfer) exchange.Reply {
	a := e.account(c.Account)
	switch {
	case a == nil:
		return refuse(exchange.RejectAccountNotFound)
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount || e.Released+e.underWay() > math.MaxInt64-c.Amount:
		return refuse(exchange.RejectAmountOutOfRange)
	case c.Amount > a.Cash:
		return refuse(exchange.RejectInsufficientFunds)
	}
	n := e.neighbour(c.To)
	t := exchange.Transfer{To: c.To, Number: uint64(len(n.Sent) + 1), Account: a.ID, Amount: c.Amount}
	n.Sent = append(n.Sent, t)
	a.Cash -= t.Amount
	e.emit(&exchange.TransferSent{Account: a.ID, To: t.To, Number: t.Number, Amount: t.Amount, Cash: a.Cash})
	return exchange.Reply{ID: t.Number, Cost: t.Amount}
}

// receiveTransfer credits each number once, in order.
func (e *Engine) receiveTransfer(c *exchange.ReceiveTransfer) exchange.Reply {
	n := e.neighbour(c.From)
	switch {
	case c.Number <= n.Received:
		return exchange.Reply{ID: c.Number}
	case c.Account > exchange.MaxAccounts:
		return refuse(exchange.RejectTooManyIDs)
	case c.Account == 0:
		return refuse(exchange.RejectAccountNotFound)
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount || c.Amount > e.room() || c.Amount > math.MaxInt64-e.Received:
		return refuse(exchange.RejectAmountOutOfRange)
	case c.Number != n.Received+1:
		return refuse(exchange.RejectTransferOutOfOrder)
	}
	a := e.admitAccount(c.Account)
	n.Received++
	e.Received += c.Amount
	repaid := a.credit(c.Amount)
	e.emit(&exchange.TransferReceived{Account: a.ID, From: c.From, Number: c.Number, Amount: c.Amount, Repaid: repaid, Cash: a.Cash})
	return exchange.Reply{ID: c.Number, Cost: c.Amount}
}

// admitAccount finds an account, or makes it. Ids below it that nobody has here get a place in the list.
func (e *Engine) admitAccount(id exchange.AccountID) *Account {
	if e.account(id) == nil {
		for len(e.Accounts) < int(id) {
			e.Accounts = append(e.Accounts, &Account{Absent: true})
		}
		e.Accounts[id-1] = &Account{ID: id, Version: 1, MaxOpenOrders: DefaultOpenOrders, Tier: exchange.TierStandard}
	}
	return e.account(id)
}

// releaseTransfer forgets each number once, in order.
func (e *Engine) releaseTransfer(c *exchange.ReleaseTransfer) exchange.Reply {
	n := e.neighbour(c.To)
	switch {
	case c.Number <= uint64(n.Released):
		return exchange.Reply{ID: c.Number}
	case c.Number != uint64(n.Released)+1 || n.Released == len(n.Sent):
		return refuse(exchange.RejectTransferOutOfOrder)
	}
	amount := n.Sent[n.Released].Amount
	n.Released++
	e.Released += amount
	e.emit(&exchange.TransferReleased{To: c.To, Number: c.Number, Amount: amount})
	return exchange.Reply{ID: c.Number, Cost: amount}
}

// refuseOrder refuses an order, unless more funds may be elsewhere and only they are missing, or the account itself.
func refuseOrder(fundsElsewhere bool, code exchange.Reject, id exchange.AccountID, missing exchange.Money) exchange.Reply {
	switch {
	case fundsElsewhere && code == exchange.RejectInsufficientFunds:
		return exchange.Reply{Code: exchange.RejectFundsElsewhere, Cost: missing}
	case fundsElsewhere && code == exchange.RejectAccountNotFound && id != 0:
		return refuse(exchange.RejectFundsElsewhere)
	}
	return refuse(code)
}

// missing is the cash that an order lacks which was refused for that.
func (e *Engine) missing(o *Order) exchange.Money {
	at := e.placeOf(o)
	return at.needed(o) - at.account.Cash
}
