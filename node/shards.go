package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
)

// spread shows and changes how markets are spread over shards, for the gateway. A change is a new placement in the log of
// the home shard, and nothing else: the loops of all nodes do what follows from it.
type spread struct {
	shards      *table
	home        *hosted
	switchRules func(ctx context.Context, version uint32) error
	founders    func() []placement.Founder // of a shard that is added now
}

// spread returns what shows and changes how markets are spread. The home shard must be open.
func (n *Node) spread() spread {
	s := spread{shards: &n.shards, home: n.shards.of(exchange.HomeShard)}
	if n.member == nil {
		alone := s
		s.switchRules = func(ctx context.Context, version uint32) error {
			if known := cmp.Or(n.config.Replica.Rules, exchange.RulesVersion); int(version) > known {
				return rulesUnknown("This program knows rules up to %d, not %d: upgrade it first. Nothing was switched.", known, version)
			}
			return alone.switchAlone(ctx, version)
		}
		s.founders = func() []placement.Founder { return nil }
		return s
	}
	s.switchRules, s.founders = operator{n.member, s.home.submit}.SwitchRules, s.voters
	return s
}

// switchAlone switches rules on where nobody else has to know them.
func (s spread) switchAlone(ctx context.Context, version uint32) error {
	reply, err := s.submit(ctx, &exchange.SwitchRules{Version: version})
	switch {
	case err != nil:
		return err
	case reply.Code != exchange.Accepted && reply.Code != exchange.RejectVersionMismatch: // somebody was faster
		return fmt.Errorf("switching to rules %d: %v", version, reply.Code)
	}
	return s.home.replica.View().WaitSeq(ctx, reply.Seq)
}

// voters are the replicas of the home shard that have a vote, with which another shard begins.
func (s spread) voters() (all []placement.Founder) {
	for _, o := range membersOf(s.home.replica) {
		if o.Role == replica.Voter {
			all = append(all, placement.Founder{Replica: uint64(o.Replica), Address: o.Address})
		}
	}
	return all
}

// places returns where markets belong, as it was decided last.
func (s spread) places(ctx context.Context) (m *placement.Map, version uint64, err error) {
	if err := s.home.submit.Fresh(ctx); err != nil {
		return nil, 0, err
	}
	return placesOf(s.home)
}

// placesOf reads the placement that a home shard has; without one, everything belongs to that shard.
func placesOf(home *hosted) (m *placement.Map, version uint64, err error) {
	version, data := home.replica.View().Placement()
	if version == 0 {
		return placement.New(exchange.HomeShard), 0, nil
	}
	if m, err = placement.Read(data); err != nil {
		return nil, 0, fmt.Errorf("reading version %d of the placement: %w", version, err)
	}
	return m, version, nil
}

// change replaces the placement by what next makes of it, and does so again if somebody else has changed it meanwhile. Where
// next returns what it was given, nothing is changed.
func (s spread) change(ctx context.Context, next func(*placement.Map) (*placement.Map, error)) error {
	for {
		now, version, err := s.places(ctx)
		if err != nil {
			return err
		}
		then, err := next(now)
		if err != nil {
			return placementRefusal(err)
		}
		if then == now {
			return nil
		}
		if err := s.set(ctx, version, then); err != nil && !errors.Is(err, errOtherPlacement) {
			return err
		}
	}
}

var errOtherPlacement = errors.New("somebody else has changed the placement")

// set replaces a version of the placement.
func (s spread) set(ctx context.Context, version uint64, m *placement.Map) error {
	data := m.Append(nil)
	if len(data) > exchange.MaxPart {
		return &gateway.Refusal{Code: api.CodeTooManyPut}
	}
	reply, err := s.submit(ctx, &exchange.SetPlacement{Version: version, Data: data})
	switch {
	case err != nil:
		return err
	case reply.Code == exchange.RejectVersionMismatch:
		return errOtherPlacement
	case reply.Code != exchange.Accepted:
		return fmt.Errorf("changing the placement: %v", reply.Code)
	}
	return s.home.replica.View().WaitSeq(ctx, reply.Seq)
}

func (s spread) submit(ctx context.Context, cmd exchange.Command) (reply exchange.Reply, err error) {
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		return reply, err
	}
	var replies [1]exchange.Reply
	err = s.home.submit.Submit(ctx, frame, 1, replies[:])
	return replies[0], err
}

// placementRefusal tells why a placement cannot be.
func placementRefusal(err error) error {
	switch {
	case errors.Is(err, placement.ErrNoShard):
		return &gateway.Refusal{Code: api.CodeShardNotFound}
	case errors.Is(err, placement.ErrLastShard):
		return &gateway.Refusal{Code: api.CodeLastShard}
	}
	return err
}

// AddShard implements gateway.Shards. The rules come first: without them no placement is known. The shard has no points
// before it takes commands, so that nothing belongs to what does not work.
func (s spread) AddShard(ctx context.Context, id exchange.ShardID, points uint16) (exchange.ShardID, error) {
	if uint16(s.home.replica.View().Rules()) < exchange.GroupRules {
		if err := s.switchRules(ctx, exchange.GroupRules); err != nil {
			return 0, err
		}
	}
	err := s.change(ctx, func(m *placement.Map) (*placement.Map, error) {
		var err error
		if id, err = s.numbered(m, id); err != nil {
			return nil, err
		}
		if _, found := find(m, id); found {
			return m, nil
		}
		return m.Add(placement.Shard{ID: id, Founders: s.founders()})
	})
	if err != nil {
		return 0, err
	}
	if err := s.awaitReady(ctx, id); err != nil {
		return 0, err
	}
	return id, s.change(ctx, func(m *placement.Map) (*placement.Map, error) {
		if of, _ := find(m, id); of.Points == points {
			return m, nil
		}
		return m.Weigh(id, points)
	})
}

// numbered returns the shard that is meant where somebody wants to add one.
func (s spread) numbered(m *placement.Map, id exchange.ShardID) (exchange.ShardID, error) {
	all := m.Shards()
	last := all[len(all)-1]
	switch {
	case id == 0 && last.ID != exchange.HomeShard && last.Points == 0 && put(m, last.ID) == 0 && !s.used(last.ID):
		return last.ID, nil // somebody has begun to add it
	case last.ID >= gateway.MaxShards && (id == 0 || id > last.ID):
		return 0, &gateway.Refusal{Code: api.CodeTooManyShards}
	case id == 0:
		return last.ID + 1, nil
	case id > last.ID+1:
		return 0, &gateway.Refusal{Code: api.CodeShardOutOfOrder, Detail: fmt.Sprintf("The next shard is %d.", last.ID+1)}
	}
	return id, nil
}

// used reports whether a market was ever on a shard, or cash was sent there: one that was lost and has begun with nothing does not know.
func (s spread) used(id exchange.ShardID) (is bool) {
	for _, h := range s.shards.all() {
		if h.id != id && h.replica.View().Sent(id) > 0 {
			return true
		}
	}
	if h := s.shards.of(id); h != nil {
		h.replica.View().Here(0, func(exchange.MarketID, projection.Moving) bool {
			is = true
			return false
		})
	}
	return is
}

func find(m *placement.Map, id exchange.ShardID) (placement.Shard, bool) {
	for _, of := range m.Shards() {
		if of.ID == id {
			return of, true
		}
	}
	return placement.Shard{}, false
}

// put counts the markets that were put on a shard.
func put(m *placement.Map, id exchange.ShardID) (n uint64) {
	for _, e := range m.Exceptions() {
		if e.Shard == id {
			n++
		}
	}
	return n
}

// ready reports whether a shard takes commands under the rules that hold at home.
func (s spread) ready(id exchange.ShardID) bool {
	h := s.shards.of(id)
	return h != nil && h.replica.View().Rules() >= s.home.replica.View().Rules()
}

func (s spread) awaitReady(ctx context.Context, id exchange.ShardID) error {
	for !s.ready(id) {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("shard %d is being founded: %w", id, ctx.Err())
		}
	}
	return nil
}

// DrainShard implements gateway.Shards.
func (s spread) DrainShard(ctx context.Context, id exchange.ShardID) error {
	return s.change(ctx, func(m *placement.Map) (*placement.Map, error) {
		if of, found := find(m, id); found && of.Points == 0 && put(m, id) == 0 {
			return m, nil
		}
		return m.Drain(id)
	})
}

// MoveMarket implements gateway.Shards.
func (s spread) MoveMarket(ctx context.Context, market exchange.MarketID, id exchange.ShardID) error {
	return s.change(ctx, func(m *placement.Map) (*placement.Map, error) {
		then, err := m.Put(market, id)
		if err != nil {
			return nil, err
		}
		if on, over := s.where(market); over && on != then.Of(market) {
			return nil, &gateway.Refusal{Code: api.CodeMarketStays, Detail: fmt.Sprintf("Market %d has ended, or is halted, and stays on shard %d.", market, on)}
		}
		if then.Of(market) == m.Of(market) {
			return m, nil
		}
		return then, nil
	})
}
