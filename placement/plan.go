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

// Plan returns what must move for a Map to become another one, of the markets that there are, by market.
func Plan(from, to *Map, markets []exchange.MarketID) (moves []Move) {
	for _, id := range markets {
		if a, b := from.Of(id), to.Of(id); a != b {
			moves = append(moves, Move{id, a, b})
		}
	}
	slices.SortFunc(moves, func(a, b Move) int { return cmp.Compare(a.Market, b.Market) })
	return moves
}

// Pending is m with markets still where their moves take them from. Each is put in its place when it has moved.
func (m *Map) Pending(moves []Move) *Map {
	n := m.next()
	for _, move := range moves {
		n.put(move.Market, move.From)
	}
	return n
}

// Leader returns the node that should lead a shard: each node leads as many as the others, give or take one. Nodes are
// those that may lead, in ascending order; it returns 0 where there are none.
func Leader(id exchange.ShardID, nodes []uint16) uint16 {
	if id == 0 || len(nodes) == 0 {
		return 0
	}
	return nodes[int(id-1)%len(nodes)]
}
