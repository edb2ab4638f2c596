package router

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// introduce tells the destination what holds for accounts that it has only heard of by a market that came: that they are
// blocked or limited. Their dead-man's switches come with the market. It is done before the source drops the market, so that whoever goes on
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
			if b.Version == 1 && a.Version > 1 {
				cmds = append(cmds, &exchange.SetLimits{Account: id, Key: randomKey(), MaxOpenOrders: a.MaxOpenOrders, Blocked: a.Blocked})
			}
		}
	}
	_, err := submitAll(ctx, m.Destination, cmds)
	return err
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
