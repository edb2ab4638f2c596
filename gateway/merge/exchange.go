package merge

import (
	"context"
	"errors"
	"math"
	"sync"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/placement"
)

// View is the read model of a shard; a *projection.View is one.
type View interface {
	gateway.Reader
	Outbox() []exchange.Transfer
	Received(from exchange.ShardID) uint64
}

// Shard is one shard as it is seen from here.
type Shard struct {
	gateway.Submitter
	View View
}

// Exchange is all shards. It is a gateway.Submitter and a gateway.Reader, and may be used concurrently.
type Exchange struct {
	shards   []Shard // shard 1 first
	places   *placement.Map
	creating sync.Mutex // one market at a time gets its id
}

// New returns the exchange of shards 1, 2, … with markets where places says.
func New(shards []Shard, places *placement.Map) *Exchange {
	return &Exchange{shards: shards, places: places}
}

const seqBits = 48

// JoinSeq returns a Seq that names its shard.
func JoinSeq(shard exchange.ShardID, seq exchange.Seq) exchange.Seq {
	return exchange.Seq(shard-exchange.HomeShard)<<seqBits | seq
}

// SplitSeq is the inverse of JoinSeq.
func SplitSeq(seq exchange.Seq) (exchange.ShardID, exchange.Seq) {
	return exchange.HomeShard + exchange.ShardID(seq>>seqBits), seq & (1<<seqBits - 1)
}

func (e *Exchange) shard(id exchange.ShardID) *Shard { return &e.shards[id-exchange.HomeShard] }

func (e *Exchange) home() View { return e.shards[0].View }

// of returns the read model that has a market.
func (e *Exchange) of(market exchange.MarketID) View { return e.shard(e.places.Of(market)).View }

// each does something with all shards at once, and returns what went wrong.
func (e *Exchange) each(do func(exchange.ShardID, *Shard) error) error {
	errs := make([]error, len(e.shards))
	var all sync.WaitGroup
	for i := range e.shards {
		all.Go(func() { errs[i] = do(exchange.HomeShard+exchange.ShardID(i), &e.shards[i]) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// Fresh implements gateway.Submitter.
func (e *Exchange) Fresh(ctx context.Context) error {
	return e.each(func(_ exchange.ShardID, s *Shard) error { return s.Fresh(ctx) })
}

var errNoShard = errors.New("a seq names a shard that there is not")

// WaitSeq implements gateway.Reader: it waits for an event of the shard that the Seq names.
func (e *Exchange) WaitSeq(ctx context.Context, seq exchange.Seq) error {
	shard, own := SplitSeq(seq)
	if int(shard) > len(e.shards) || seq>>seqBits >= math.MaxUint16 {
		return errNoShard
	}
	return e.shard(shard).View.WaitSeq(ctx, own)
}

// Seq implements gateway.Reader. It is the home shard's, the smallest of all: whoever asks whether a Seq of another shard
// has been seen finds out that he must wait for it.
func (e *Exchange) Seq() exchange.Seq { return e.home().Seq() }
