package merge

import (
	"context"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
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
		return target{shard: e.route(market), order: true}, nil
	case exchange.KindCancelOrder:
		var c exchange.CancelOrder
		wire.ReadCancelOrder(frame, &c)
		return target{shard: e.route(c.Market)}, nil
	}
	cmd, err := wire.ReadCommand(frame)
	if err != nil {
		return target{}, err
	}
	of := func(m exchange.MarketID) (target, error) { return target{shard: e.route(m)}, nil }
	everywhere := func(cmd exchange.Command) (target, error) {
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.everywhere(ctx, cmd) }}, nil
	}
	switch c := cmd.(type) {
	case *exchange.AmendOrder:
		return target{shard: e.route(c.Market), order: true}, nil
	case *exchange.MassCancel:
		if c.Market != 0 {
			return of(c.Market)
		}
		return everywhere(c)
	case *exchange.ChangeGroup:
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.changeGroup(ctx, c) }}, nil
	case *exchange.SetDeadMan:
		return everywhere(c)
	case *exchange.SetLimits:
		return everywhere(c)
	case *exchange.SetHalt:
		return everywhere(c)
	case *exchange.Withdraw:
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.withdraw(ctx, c) }}, nil
	case *exchange.SetApprovals:
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.setApprovals(ctx, c) }}, nil
	case *exchange.ProposeAct:
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.proposeAct(ctx, c) }}, nil
	case *exchange.DecideAct:
		return target{act: func(ctx context.Context) (exchange.Reply, error) { return e.decideAct(ctx, c) }}, nil
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
