package router

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// introduce tells the destination what holds for accounts that it has only heard of by a market that came: that they are
// blocked or limited, and their dead-man's switches. It is done before the source drops the market, so that whoever goes on
// with a move does it too.
func (m *Mover) introduce(ctx context.Context, ending []exchange.Command) error {
	source, there := m.Source.View(), m.Arrival.View()
	told := map[exchange.AccountID]bool{}
	var cmds []exchange.Command
	for _, cmd := range ending {
		c, ok := cmd.(*exchange.ReleaseMarket)
		if !ok || source.Moving(c.Market).Stage != projection.StageFrozen {
			continue
		}
		for _, id := range partakers(source, c.Market) {
			a, known := source.Account(id)
			b, exists := there.Account(id)
			if !known || !exists || told[id] {
				continue
			}
			told[id] = true
			cmds = append(cmds, introductions(&a, &b, source.Now())...)
		}
	}
	_, err := submitAll(ctx, m.Destination, cmds)
	return err
}

// introductions are what a shard has to be told of an account that it knows as there, and another shard as here.
func introductions(here, there *projection.Account, now exchange.Time) (cmds []exchange.Command) {
	if there.Version == 1 && here.Version > 1 {
		cmds = append(cmds, &exchange.SetLimits{Account: here.ID, Key: randomKey(), MaxOpenOrders: here.MaxOpenOrders, Blocked: here.Blocked})
	}
	if here.DeadMan != 0 && there.DeadMan == 0 {
		rest := max(exchange.Duration(here.DeadMan-now), exchange.Duration(time.Second))
		cmds = append(cmds, &exchange.SetDeadMan{Account: here.ID, Key: randomKey(), Timeout: rest})
	}
	return cmds
}

// partakers are the accounts with positions or orders in a market, each once.
func partakers(view *projection.View, id exchange.MarketID) (all []exchange.AccountID) {
	x, _ := view.Market(id)
	for _, p := range view.Holders(id) {
		all = append(all, p.Account)
	}
	for i := range x.Books {
		for side := range exchange.Side(2) {
			for _, o := range view.Orders(id, exchange.Outcome(i), side) {
				all = append(all, o.Account)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func randomKey() (key exchange.Key) {
	_, _ = rand.Read(key[:]) // it never fails
	return key
}
