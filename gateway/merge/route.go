package merge

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
)

// target is where a command goes.
type target struct {
	shard exchange.ShardID
	order bool                                              // it may need cash from elsewhere
	act   func(ctx context.Context) (exchange.Reply, error) // more than one shard takes part; nil otherwise
}

func (e *Exchange) target(frame []byte) (target, error) {
	switch wire.CommandKind(frame) { // the frequent ones, without memory of their own
	case exchange.KindPlaceOrder:
		market, _, _ := wire.PlaceTarget(frame)
		return target{shard: e.places.Of(market), order: true}, nil
	case exchange.KindCancelOrder:
		var c exchange.CancelOrder
		wire.ReadCancelOrder(frame, &c)
		return target{shard: e.places.Of(c.Market)}, nil
	}
	cmd, err := wire.ReadCommand(frame)
	if err != nil {
		return target{}, err
	}
	of := func(m exchange.MarketID) (target, error) { return target{shard: e.places.Of(m)}, nil }
	everywhere := func(cmd exchange.Command) (target, error) {
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.everywhere(ctx, cmd) }}, nil
	}
	switch c := cmd.(type) {
	case *exchange.AmendOrder:
		return target{shard: e.places.Of(c.Market), order: true}, nil
	case *exchange.MassCancel:
		if c.Market != 0 {
			return of(c.Market)
		}
		return everywhere(c)
	case *exchange.SetDeadMan:
		return everywhere(c)
	case *exchange.SetLimits:
		return everywhere(c)
	case *exchange.Withdraw:
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.withdraw(ctx, c) }}, nil
	case *exchange.CreateMarket:
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.create(ctx, c) }}, nil
	case *exchange.UpdateMarket:
		return of(c.Market)
	case *exchange.SuspendMarket:
		return of(c.Market)
	case *exchange.ResumeMarket:
		return of(c.Market)
	case *exchange.CloseMarket:
		return of(c.Market)
	case *exchange.CancelMarketOrders:
		return of(c.Market)
	case *exchange.ResolveMarket:
		return of(c.Market)
	case *exchange.VoidMarket:
		return of(c.Market)
	}
	return target{shard: exchange.HomeShard}, nil
}

// everywhere has every shard carry out a command about all of an account's orders. The home shard decides, and comes first;
// another one that has not heard of the account has nothing to do. Where a shard does not answer, the command is to be
// given again: with the same key it does nothing twice.
func (e *Exchange) everywhere(ctx context.Context, cmd exchange.Command) (exchange.Reply, error) {
	reply, err := e.one(ctx, exchange.HomeShard, cmd)
	if err != nil || reply.Code != exchange.Accepted {
		return reply, err
	}
	if limits, ok := cmd.(*exchange.SetLimits); ok {
		others := *limits
		others.Version = 0 // it is the one at home that the operator has seen
		cmd = &others
	}
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		return reply, err
	}
	answers := make([]exchange.Reply, len(e.shards))
	err = e.each(func(id exchange.ShardID, _ *Shard) (err error) {
		if id != exchange.HomeShard {
			answers[id-exchange.HomeShard], err = e.send(ctx, id, frame)
		}
		return err
	})
	if err != nil {
		return reply, fmt.Errorf("not all shards have answered: %s", err.Error()) // which must not say that nothing was done
	}
	for _, a := range answers[1:] {
		switch a.Code {
		case exchange.Accepted:
			reply.Remaining += a.Remaining
		case exchange.RejectAccountNotFound, exchange.RejectGroupNotFound:
		default:
			return a, nil
		}
	}
	return reply, nil
}

// create opens a market. Its key decides the shard, so that the same request never opens two; its id is the next one that
// belongs there.
func (e *Exchange) create(ctx context.Context, c *exchange.CreateMarket) (exchange.Reply, error) {
	e.creating.Lock()
	defer e.creating.Unlock()
	if err := e.Fresh(ctx); err != nil {
		return exchange.Reply{}, fmt.Errorf("looking for the greatest id of a market: %w: %w", err, gateway.ErrNotSubmitted)
	}
	cmd := *c
	cmd.ID = e.greatest() + 1
	shard := e.places.Of(cmd.ID)
	if c.Key != (exchange.Key{}) {
		shard = e.places.Of(exchange.MarketID(binary.LittleEndian.Uint32(c.Key[:])))
		for e.places.Of(cmd.ID) != shard {
			cmd.ID++
		}
	}
	reply, err := e.one(ctx, shard, &cmd)
	if err == nil && reply.Code == exchange.RejectKeyReused {
		reply, err = e.createdBefore(ctx, shard, &cmd, reply)
	}
	reply.Seq = joined(shard, reply.Seq)
	return reply, err
}

// greatest is the greatest id of any market.
func (e *Exchange) greatest() (id exchange.MarketID) {
	for i := range e.shards {
		page := e.shards[i].View.Markets(projection.MarketFilter{Sort: projection.SortNewest, Limit: 1})
		for j := range page.Markets {
			id = max(id, page.Markets[j].ID)
		}
	}
	return id
}

// createdBefore finds the market that the same request has opened: asked for with its id, the request is the same, and the
// shard gives the first answer again.
func (e *Exchange) createdBefore(ctx context.Context, shard exchange.ShardID, cmd *exchange.CreateMarket, refused exchange.Reply) (exchange.Reply, error) {
	view := e.shard(shard).View
	f := projection.MarketFilter{Text: cmd.Spec.Question, Limit: projection.MaxPage}
	for {
		page := view.Markets(f)
		for i := range page.Markets {
			again := *cmd
			again.ID = page.Markets[i].ID
			if reply, err := e.one(ctx, shard, &again); err != nil || reply.Code != exchange.RejectKeyReused {
				return reply, err
			}
		}
		if !page.More {
			return refused, nil
		}
		f.After = page.Next
	}
}
