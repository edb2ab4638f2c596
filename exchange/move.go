package exchange

// A market moves to another shard in these steps, which somebody carries between the two: FreezeMarket at the source; there
// the market is written out in parts; AdoptMarket at the destination for each part, of which the last decides that the
// market is there; ReleaseMarket at the source, as often as it takes. Until the last part has been accepted the move can be
// given up: AbandonMarket at the destination, then ThawMarket at the source.

// MaxPart is the greatest length of a part's data in bytes.
const MaxPart = 61_000

// FreezeMarket stops everything in a market so that it can move to another shard. The Reply's ID is the market and its
// Version how many moves it has begun, this one included: the number of the move. A market that is frozen for a move to the
// same shard stays so, and the Reply is the same.
type FreezeMarket struct {
	Market MarketID
	To     ShardID
}

// ThawMarket gives a move up. The destination must have abandoned it.
type ThawMarket struct {
	Market MarketID
	Move   uint32
}

// AdoptMarket is a part of a market that moves here, from 0 on. Parts are taken in order: one that was taken is accepted
// without effect, one that is too early is refused. The Reply's ID is the market and its Version the part that is next.
type AdoptMarket struct {
	From   ShardID
	Market MarketID
	Move   uint32
	Part   uint32
	Last   bool
	Data   []byte
}

// AbandonMarket gives a move up at its destination: what has come is dropped, and what still comes is refused. The Reply's
// Remaining is 1 while something is left to be dropped.
type AbandonMarket struct {
	From   ShardID
	Market MarketID
	Move   uint32
}

// ReleaseMarket drops a market that has moved. The Reply's Remaining is 1 while something is left to be dropped.
type ReleaseMarket struct {
	Market MarketID
	Move   uint32
}

// CommandKind implements Command.
func (*FreezeMarket) CommandKind() CommandKind  { return KindFreezeMarket }
func (*ThawMarket) CommandKind() CommandKind    { return KindThawMarket }
func (*AdoptMarket) CommandKind() CommandKind   { return KindAdoptMarket }
func (*AbandonMarket) CommandKind() CommandKind { return KindAbandonMarket }
func (*ReleaseMarket) CommandKind() CommandKind { return KindReleaseMarket }

// MarketFrozen says that nothing happens in a market until it is thawed or gone.
type MarketFrozen struct {
	Market MarketID
	To     ShardID
	Move   uint32
}

// MarketThawed says that a market goes on where it was.
type MarketThawed struct {
	Market MarketID
	Move   uint32
}

// MarketPartAdopted says that a part of a market came from another shard. Slots are those in which its orders
// lie here; an account that the shard did not have exists from now on, without a name. After the Last one
// the market trades here.
type MarketPartAdopted struct {
	Market MarketID
	From   ShardID
	Move   uint32
	Part   uint32
	Last   bool
	Slots  []byte // of the part's orders, u32 each
	Data   []byte
}

// MarketPartDropped says that the first so many orders, by book, side and priority, of a market which has moved, or whose move was given
// up, are gone, and with the last of them the market.
type MarketPartDropped struct {
	Market MarketID
	To     ShardID // where the market is
	Move   uint32
	Orders uint32
	Last   bool
}

// EventKind implements Event.
func (*MarketFrozen) EventKind() EventKind      { return KindMarketFrozen }
func (*MarketThawed) EventKind() EventKind      { return KindMarketThawed }
func (*MarketPartAdopted) EventKind() EventKind { return KindMarketPartAdopted }
func (*MarketPartDropped) EventKind() EventKind { return KindMarketPartDropped }
