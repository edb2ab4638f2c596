package shards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
	"github.com/hustings/hustings/vfs"
)

// site is one shard, on the only node that there is.
type site struct {
	*replica.Replica
	markets []exchange.MarketID
}

func (s *site) Seq() exchange.Seq { return s.View().Seq() }
func (s *site) WaitSeq(ctx context.Context, seq exchange.Seq) error {
	return s.View().WaitSeq(ctx, seq)
}
func (s *site) Outbox() []exchange.Transfer { return s.View().Outbox() }

// submit has commands accepted.
func (s *site) submit(ctx context.Context, cmds ...exchange.Command) error {
	var frames []byte
	for _, cmd := range cmds {
		var err error
		if frames, err = wire.AppendCommand(frames, cmd); err != nil {
			return err
		}
	}
	replies := make([]exchange.Reply, len(cmds))
	if err := s.Submit(ctx, frames, len(cmds), replies); err != nil {
		return err
	}
	for i, r := range replies {
		if r.Code != exchange.Accepted {
			return fmt.Errorf("%T is refused: %v", cmds[i], r.Code)
		}
	}
	return s.WaitSeq(ctx, replies[len(replies)-1].Seq)
}

// sites is the whole exchange.
type sites struct {
	all     []*site // shard 1 first
	deposit exchange.Money
	stop    context.CancelFunc
	carried sync.WaitGroup
}

const (
	perShard = 1e13 // cash of an account on each shard
	group    = 100  // commands in one submission while everything is being set up
)

// openSites begins an exchange with accounts that have cash on every shard, and markets where placement puts them: as many
// on each, so that shards and not luck are compared.
func openSites(ctx context.Context, o Options, shards int) (e *sites, err error) {
	e = &sites{stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	for id := range shards {
		r, err := replica.Open(replica.Config{FS: vfs.NewMem(), Dir: "shard", Shard: exchange.ShardID(id + 1), Log: quiet,
			ReserveKeys: 1 << 17, ReserveOrders: 1 << 15, SnapshotEvery: 1 << 40})
		if err != nil {
			return e, err
		}
		s := &site{Replica: r}
		e.all = append(e.all, s)
		if err := r.Ready(ctx); err != nil {
			return e, err
		}
		if err := s.submit(ctx, &exchange.SwitchRules{Version: exchange.TransferRules}); err != nil {
			return e, err
		}
	}
	e.carry(quiet)
	if err := e.makeMarkets(ctx, o.Markets); err != nil {
		return e, err
	}
	return e, e.makeAccounts(ctx, o.Workers*accountsEach)
}

func (e *sites) carry(log *slog.Logger) {
	var ctx context.Context
	ctx, e.stop = context.WithCancel(context.Background())
	for i, from := range e.all {
		for j, to := range e.all {
			if i != j {
				c := router.Carrier{From: exchange.ShardID(i + 1), To: exchange.ShardID(j + 1), Self: 1, Source: from, Departures: from,
					Destination: to, Log: log}
				e.carried.Go(func() { c.Run(ctx) })
			}
		}
	}
}

func (e *sites) makeMarkets(ctx context.Context, each int) error {
	where := placement.New(exchange.ShardID(len(e.all)))
	missing := each * len(e.all)
	for id := exchange.MarketID(1); missing > 0; id++ {
		s := e.all[where.Of(id)-1]
		if len(s.markets) == each {
			continue
		}
		s.markets = append(s.markets, id)
		missing--
		err := s.submit(ctx, &exchange.CreateMarket{ID: id, Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?",
			Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition, TakerFee: 700}})
		if err != nil {
			return err
		}
	}
	return nil
}

// makeAccounts registers accounts at home and sends cash of each to the other shards.
func (e *sites) makeAccounts(ctx context.Context, n int) error {
	home := e.all[0]
	deposit := exchange.Money(perShard * len(e.all))
	var cmds []exchange.Command
	flush := func() error {
		if len(cmds) == 0 {
			return nil
		}
		err := home.submit(ctx, cmds...)
		cmds = cmds[:0]
		return err
	}
	for id := exchange.AccountID(1); id <= exchange.AccountID(n); id++ {
		cmds = append(cmds, &exchange.Register{Name: fmt.Sprint("trader", id)})
		for rest := deposit; rest > 0; rest -= min(rest, exchange.MaxAmount) {
			cmds = append(cmds, &exchange.Deposit{Account: id, Amount: min(rest, exchange.MaxAmount)})
		}
		e.deposit += deposit
		for to := 2; to <= len(e.all); to++ {
			cmds = append(cmds, &exchange.SendTransfer{Account: id, To: exchange.ShardID(to), Amount: perShard})
		}
		if len(cmds) >= group {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	for {
		seen := home.Seq() // before the look: what happens after it ends the wait
		if len(home.Outbox()) == 0 {
			return e.fresh(ctx)
		}
		if err := home.WaitSeq(ctx, seen+1); err != nil {
			return fmt.Errorf("waiting for cash to arrive: %w", err)
		}
	}
}

// fresh waits until every read model has seen all that was acknowledged before: home may know that cash was received earlier than
// the read model of the shard that received it.
func (e *sites) fresh(ctx context.Context) error {
	for _, s := range e.all {
		if err := s.Fresh(ctx); err != nil {
			return err
		}
	}
	return nil
}

// check adds up everything there is, and has every read model check itself. Read models must be fresh.
func (e *sites) check() error {
	var there, received, released exchange.Money
	for i, s := range e.all {
		if err := s.View().Check(); err != nil {
			return fmt.Errorf("shard %d: %w", i+1, err)
		}
		t := s.View().Totals()
		there += t.Cash + t.Held + t.Escrow + t.MarketFees + t.HouseFees - t.Receivables + t.Outbox
		received, released = received+t.Received, released+t.Released
	}
	if there != e.deposit || received != released {
		return fmt.Errorf("of %v there are %v; %v were received and %v released", e.deposit, there, received, released)
	}
	return nil
}

func (e *sites) close() error {
	e.stop()
	e.carried.Wait()
	var errs []error
	for _, s := range e.all {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
