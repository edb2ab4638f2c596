package merge

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
)

// everywhere has every shard carry out a command about all of an account's orders. The home shard decides, and comes first;
// another one that has not heard of the account has nothing to do. Where a shard does not answer, the command is to be
// given again: with the same key it does nothing twice.
func (e *Exchange) everywhere(ctx context.Context, cmd exchange.Command) (exchange.Reply, error) {
	before := e.arrivals()
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		return exchange.Reply{}, fmt.Errorf("%w: %w", err, gateway.ErrNotSubmitted)
	}
	reply, err := e.steadfast(ctx, exchange.HomeShard, frame)
	if err != nil || reply.Code != exchange.Accepted || len(before) == 1 {
		return reply, err
	}
	if limits, ok := cmd.(*exchange.SetLimits); ok {
		others := *limits
		others.Version = 0 // it is the one at home that the operator has seen
		cmd = &others
		if frame, err = wire.AppendCommand(nil, cmd); err != nil {
			return reply, err
		}
	}
	var mu sync.Mutex
	answers := map[exchange.ShardID]exchange.Reply{exchange.HomeShard: reply}
	err = e.each(func(s *Shard) error {
		if s.ID == exchange.HomeShard {
			return nil
		}
		r, err := e.steadfast(ctx, s.ID, frame)
		mu.Lock()
		defer mu.Unlock()
		answers[s.ID] = r
		return err
	})
	if err == nil {
		for id, a := range answers {
			switch {
			case id == exchange.HomeShard || a.Code == exchange.RejectAccountNotFound || a.Code == exchange.RejectGroupNotFound:
			case a.Code == exchange.Accepted:
				reply.Remaining += a.Remaining
			default:
				return a, nil
			}
		}
		err = e.pursue(ctx, cmd, before, &reply)
	}
	if err != nil {
		return reply, fmt.Errorf("not all shards have answered: %s", err.Error()) // which must not say that nothing was done
	}
	return reply, nil
}

// arrivals changes for each shard when a market comes there.
func (e *Exchange) arrivals() map[exchange.ShardID]exchange.Money {
	all := map[exchange.ShardID]exchange.Money{}
	for _, s := range e.all() {
		all[s.ID] = s.View.Totals().MovedIn
	}
	return all
}

// pursue cancels orders in markets that went from a shard that had not carried out the command yet to one that had. Its keys
// follow from that of the command.
func (e *Exchange) pursue(ctx context.Context, cmd exchange.Command, before map[exchange.ShardID]exchange.Money, reply *exchange.Reply) error {
	group, ofGroup := cmd.(*exchange.MassCancel)
	ofGroup = ofGroup && group.Group != 0
	account, key, cancels := cancelsAll(cmd)
	if !cancels && !ofGroup {
		return nil
	}
	if err := e.Fresh(ctx); err != nil {
		return err
	}
	for _, s := range e.all() {
		if since, known := before[s.ID]; known && s.View.Totals().MovedIn == since {
			continue
		}
		if ofGroup {
			if err := e.pursueGroup(ctx, group, s); err != nil {
				return err
			}
			continue
		}
		for market, orders := range e.cameTo(s, account) {
			again := exchange.MassCancel{Account: account, Market: market}
			if key != (exchange.Key{}) {
				again.Key = key
				binary.LittleEndian.PutUint32(again.Key[:], binary.LittleEndian.Uint32(key[:])^uint32(market))
			}
			frame, err := wire.AppendCommand(nil, &again)
			if err != nil {
				return err
			}
			var replies [1]exchange.Reply
			if err := e.Submit(ctx, frame, 1, replies[:]); err != nil {
				return err
			}
			reply.Remaining += orders
		}
	}
	return nil
}

// cancelsAll reports whether a command cancels all orders of an account.
func cancelsAll(cmd exchange.Command) (exchange.AccountID, exchange.Key, bool) {
	switch c := cmd.(type) {
	case *exchange.MassCancel:
		return c.Account, c.Key, c.Group == 0
	case *exchange.SetLimits:
		return c.Account, c.Key, c.Blocked
	}
	return 0, exchange.Key{}, false
}

// cameTo returns the markets that ever came to a shard and in which an account has orders, with how many.
func (e *Exchange) cameTo(s *Shard, account exchange.AccountID) map[exchange.MarketID]exchange.Quantity {
	all := map[exchange.MarketID]exchange.Quantity{}
	for _, o := range ordersIn(s.View, account, 0) {
		if moving, _ := s.View.Holds(o.Market); moving.Move > 0 && moving.Stage != projection.StageDropping {
			all[o.Market]++
		}
	}
	return all
}
