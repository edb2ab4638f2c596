package placement

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A Move takes a market from one shard to another.
type Move struct {
	Market   exchange.MarketID
	From, To exchange.ShardID
}

// Plan returns what has to move for all markets to be where a Map says that they belong, by market. Where says on which
// shard a market is, or 0 of one that there is not.
func Plan(m *Map, where func(exchange.MarketID) exchange.ShardID, markets []exchange.MarketID) (moves []Move) {
	for _, id := range markets {
		if from, to := where(id), m.Of(id); from != to && from != 0 {
			moves = append(moves, Move{id, from, to})
		}
	}
	slices.SortFunc(moves, func(a, b Move) int { return cmp.Compare(a.Market, b.Market) })
	return moves
}

// Balance returns which leader a node should hand over to which other node, so that nodes lead as many shards as each other,
// give or take one; 0 and 0 where it should keep what it leads. Leaders are the nodes that lead shards, as far as they are
// known, and nodes those that may lead. Of several nodes that lead too many, the one that leads most begins, so that not
// all turn to the same. The leader of the home shard stays: it is where its operator put it.
func Balance(leaders map[exchange.ShardID]uint16, nodes []uint16, self uint16) (shard exchange.ShardID, to uint16) {
	led := map[uint16]int{}
	for id, node := range leaders {
		led[node]++
		if node == self && id != exchange.HomeShard {
			shard = max(shard, id)
		}
	}
	least := self
	for _, n := range nodes {
		if led[n] > led[self] || led[n] == led[self] && n < self {
			return 0, 0
		}
		if led[n] < led[least] || led[n] == led[least] && n < least {
			least = n
		}
	}
	if shard == 0 || led[self] < led[least]+2 {
		return 0, 0
	}
	return shard, least
}
