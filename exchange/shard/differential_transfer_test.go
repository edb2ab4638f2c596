package shard_test

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// transferCommand moves cash to and from shards that are not there. Most numbers are the ones that are due.
func (g *generator) transferCommand() exchange.Command {
	other := exchange.ShardID(pick(g, 1, 2, 2, 2, 3, 3, 70))
	if g.chance(2) {
		other = 0
	}
	switch n := g.IntN(100); {
	case n < 40:
		return &exchange.SendTransfer{Account: g.account(), To: other, Amount: g.amount()}
	case n < 75:
		number := g.near(g.h.shard.shard.Received(other) + 1)
		return &exchange.ReceiveTransfer{From: other, Number: number, Account: g.receiver(), Amount: g.amount()}
	}
	to, number := g.oldestUnderWay(other)
	return &exchange.ReleaseTransfer{To: to, Number: g.near(number)}
}

// fundsElsewhere is whether an order says so. Before the rules know of it that is only tried.
func (g *generator) fundsElsewhere() bool {
	return g.chance(g.traits.elsewhere) && (g.h.model.Rules >= exchange.TransferRules || g.chance(3))
}

// newMarket is an id for a market that the shard is told, or 0 where it is to find one.
func (g *generator) newMarket() exchange.MarketID {
	last := len(g.h.model.Markets)
	switch {
	case g.chance(50) || last > 40 || g.h.model.Rules < exchange.TransferRules && g.chance(80):
		return 0
	case g.chance(2):
		return exchange.MaxMarkets + 1
	case g.chance(40):
		return exchange.MarketID(last + 1 + g.IntN(3))
	}
	return exchange.MarketID(1 + g.IntN(last+1))
}

// near is mostly n, and otherwise not far from it.
func (g *generator) near(n uint64) uint64 {
	if g.chance(70) {
		return n
	}
	return n - min(n, 2) + g.Uint64N(5)
}

// receiver is an account of this shard, or one that it may not have heard of.
func (g *generator) receiver() exchange.AccountID {
	for _, a := range g.h.model.Accounts {
		if a.Receivable > 0 && g.chance(50) {
			return a.ID
		}
	}
	if g.chance(80) {
		return g.account()
	}
	return exchange.AccountID(pick(g, 9, 11, 14, int(exchange.MaxAccounts)+1, 0))
}

// oldestUnderWay is the oldest transfer to some shard.
func (g *generator) oldestUnderWay(other exchange.ShardID) (exchange.ShardID, uint64) {
	outbox := g.h.model.Outbox()
	if len(outbox) == 0 {
		return other, 1
	}
	t := outbox[g.IntN(len(outbox))]
	first := slices.IndexFunc(outbox, func(u exchange.Transfer) bool { return u.To == t.To })
	return t.To, outbox[first].Number
}
