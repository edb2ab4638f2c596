package api

// Shards is how the markets of an exchange are spread over its shards, as one of its nodes sees it.
type Shards struct {
	Node    uint16  `json:"node,omitzero"`  // the one that answers; left out where it is the whole exchange
	Added   uint32  `json:"added,omitzero"` // the shard that a request to add one was about
	Epoch   uint64  `json:"epoch"`          // counts the changes of what belongs where; 0 before the first
	Health  string  `json:"health"`         // "healthy", "degraded", "waiting" or "no_leader": of the worst shard
	Markets uint64  `json:"markets"`
	Leaving uint64  `json:"leaving"` // of them, those that are going to another shard
	Frozen  uint64  `json:"frozen"`  // of those, the ones that are on their way at this moment, in which orders wait
	Shards  []Shard `json:"shards"`  // by number
}

// Shard is one shard and its markets. A market is on one shard at any time: it leaves one until it has arrived at another.
type Shard struct {
	Shard    uint32 `json:"shard"`
	Leader   uint16 `json:"leader,omitzero"` // its node
	Health   string `json:"health"`          // as that of Shards
	Ready    bool   `json:"ready"`           // it has begun, and markets may come
	Points   uint16 `json:"points"`          // what its share of the markets is in proportion to; 0: it has only those put there
	Put      uint64 `json:"put"`             // markets that were put there, wherever their ids would place them
	Markets  uint64 `json:"markets"`
	Arriving uint64 `json:"arriving"` // markets of others that are coming here
	Leaving  uint64 `json:"leaving"`  // of its markets, those that are going to another shard
	Frozen   uint64 `json:"frozen"`   // of those, the ones that are on their way at this moment
	Ended    uint64 `json:"ended"`    // of its markets, those that never move any more: settled, voided, being voided or halted
}

// Drained reports whether nothing is left of a shard but its past.
func (s *Shard) Drained() bool {
	return s.Ready && s.Points == 0 && s.Put == 0 && s.Markets == s.Ended && s.Arriving == 0
}

// AddShard makes a shard, or gives one that there is another weight.
type AddShard struct {
	Shard  uint32 `json:"shard,omitzero"` // 0: the next
	Points uint16 `json:"points"`         // 512 for a share like that of others, 0 for none but markets that are put there
}

// SharePoints are the points of a shard that takes its part of the markets.
const SharePoints = 512

// MoveMarket puts a market on a shard.
type MoveMarket struct {
	Shard uint32 `json:"shard"` // 0: where its id places it
}

// Changes that may be planned.
const (
	ChangeAdd   = "add"
	ChangeDrain = "drain"
	ChangeMove  = "move"
)

// PlanShards asks what a change would move.
type PlanShards struct {
	Change string `json:"change"`          // "add", "drain" or "move"
	Shard  uint32 `json:"shard,omitzero"`  // as in the request for the change
	Points uint16 `json:"points,omitzero"` // of one to be added
	Market ID     `json:"market,omitzero"` // to be moved
}

// ShardPlan is what a change would move, beside what is moving already. Nothing is done.
type ShardPlan struct {
	Epoch   uint64       `json:"epoch"` // what the plan was made from
	Change  string       `json:"change"`
	Shard   uint32       `json:"shard"`   // that the change is about
	Points  uint16       `json:"points"`  // that it would have
	Markets uint64       `json:"markets"` // all
	Moving  uint64       `json:"moving"`  // of them, those that would move
	Staying uint64       `json:"staying"` // those that would belong elsewhere and never move any more
	Moves   []ShardMoves `json:"moves"`   // by from, then by to
}

// ShardMoves is how many markets go from one shard to another.
type ShardMoves struct {
	From    uint32 `json:"from"`
	To      uint32 `json:"to"`
	Markets uint64 `json:"markets"`
}
