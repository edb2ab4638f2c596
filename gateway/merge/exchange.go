package merge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/placement"
)

// View is the read model of a shard; a *projection.View is one.
type View interface {
	gateway.Reader
	Outbox() []exchange.Transfer
	Received(from exchange.ShardID) uint64
	Sent(to exchange.ShardID) uint64
	Holds(id exchange.MarketID) (m projection.Moving, holds bool)
	UnderWay() []exchange.MarketID
	Group(id exchange.GroupID) (g projection.Group, known bool)
	Orders(id exchange.MarketID, outcome exchange.Outcome, side exchange.Side) []projection.Order
}

// Shard is one shard as it is seen from here.
type Shard struct {
	ID exchange.ShardID
	gateway.Submitter
	View    View
	History gateway.History
}

// Exchange is all shards that are open here. It is a gateway.Submitter and a gateway.Reader, and may be used concurrently.
type Exchange struct {
	shards  atomic.Pointer[[]*Shard] // by id, home first; replaced as a whole
	opening sync.Mutex
	places  func() *placement.Map

	patience time.Duration // as the constant, but in tests
}

// New returns an exchange that has the home shard. Places says where markets belong.
func New(home Shard, places func() *placement.Map) *Exchange {
	e := &Exchange{places: places, patience: patience}
	e.shards.Store(&[]*Shard{&home})
	return e
}

// Open adds another shard, which is then there for everybody.
func (e *Exchange) Open(s Shard) {
	e.opening.Lock()
	defer e.opening.Unlock()
	all := append(slices.Clone(e.all()), &s)
	slices.SortFunc(all, func(a, b *Shard) int { return cmp.Compare(a.ID, b.ID) })
	e.shards.Store(&all)
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

func (e *Exchange) all() []*Shard { return *e.shards.Load() }

// shard returns a shard, nil if it is not open here.
func (e *Exchange) shard(id exchange.ShardID) *Shard { return find(e.all(), id) }

func find(all []*Shard, id exchange.ShardID) *Shard {
	i, found := slices.BinarySearchFunc(all, id, func(s *Shard, id exchange.ShardID) int { return cmp.Compare(s.ID, id) })
	if !found {
		return nil
	}
	return all[i]
}

func (e *Exchange) home() View { return e.all()[0].View }

// only returns the read model of the home shard where that is the only one, which answers by itself; nil otherwise.
func (e *Exchange) only() View {
	if all := e.all(); len(all) == 1 {
		return all[0].View
	}
	return nil
}

// each does something with all shards at once, and returns what went wrong.
func (e *Exchange) each(do func(*Shard) error) error {
	all := e.all()
	if len(all) == 1 {
		return do(all[0])
	}
	errs := make([]error, len(all))
	var doing sync.WaitGroup
	for i, s := range all {
		doing.Go(func() { errs[i] = do(s) })
	}
	doing.Wait()
	return errors.Join(errs...)
}

// Fresh implements gateway.Submitter. Where a shard is not open here yet, nobody can say what is not there.
func (e *Exchange) Fresh(ctx context.Context) error {
	if err := e.each(func(s *Shard) error { return s.Fresh(ctx) }); err != nil {
		return err
	}
	for until, length := time.Now().Add(e.patience), firstPause; ; {
		missing := e.missing()
		if missing == 0 {
			return nil
		}
		if !pause(ctx, &length, until) {
			return fmt.Errorf("shard %d is not open on this node yet: %w", missing, gateway.ErrNotSubmitted)
		}
		if s := e.shard(missing); s != nil {
			if err := s.Fresh(ctx); err != nil {
				return err
			}
		}
	}
}

// missing returns a shard of the placement that is not open here, or 0.
func (e *Exchange) missing() exchange.ShardID {
	all := e.all()
	for _, s := range e.places().Shards() {
		if find(all, s.ID) == nil {
			return s.ID
		}
	}
	return 0
}

var errNoShard = errors.New("a seq names a shard that there is not")

// WaitSeq implements gateway.Reader: it waits for an event of the shard that the Seq names, and for that shard where it is not open
// here yet: another node may have answered for it.
func (e *Exchange) WaitSeq(ctx context.Context, seq exchange.Seq) error {
	id, own := SplitSeq(seq)
	for until, length := time.Now().Add(e.patience), firstPause; ; {
		if s := e.shard(id); s != nil {
			return s.View.WaitSeq(ctx, own)
		}
		if !pause(ctx, &length, until) {
			return errNoShard
		}
	}
}

// Seq implements gateway.Reader. It is the home shard's, the smallest of all: whoever asks whether a Seq of another shard
// has been seen finds out that he must wait for it. There is no Seq that says of all shards what has been seen.
func (e *Exchange) Seq() exchange.Seq { return e.home().Seq() }

const (
	// patience is how long a command waits for cash, or for a market that is on its way.
	patience = 5 * time.Second

	firstPause = time.Millisecond
	mostPause  = 8 * time.Millisecond
)

// pause waits a little longer each time, and is false when there is no time left.
func pause(ctx context.Context, length *time.Duration, until time.Time) bool {
	if time.Now().Add(*length).After(until) {
		return false
	}
	timer := time.NewTimer(*length)
	defer timer.Stop()
	*length = min(2**length, mostPause)
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
