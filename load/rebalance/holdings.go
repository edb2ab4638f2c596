package rebalance

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// holdings is what the holders have, as the API says.
type holdings struct {
	orders    map[order]api.Order
	positions map[position]api.Position
	cash      map[api.ID][2]api.Money // free and held, by account
}

type position struct {
	account, market api.ID
	outcome         string
}

// holdings reads what the holders have, once all nodes have seen everything.
func (r *run) holdings(ctx context.Context) (*holdings, error) {
	if err := r.settle(ctx); err != nil {
		return nil, err
	}
	all := make([]*holdings, len(r.Holders))
	group, ctx := errgroup.WithContext(ctx)
	for i, t := range r.Holders {
		group.Go(func() (err error) {
			all[i], err = readHoldings(ctx, t.Account, t.Via(r.Public[i%len(r.Public)]))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("reading what the holders have: %w", err)
	}
	sum := newHoldings()
	for _, h := range all {
		sum.add(h)
	}
	return sum, nil
}

func newHoldings() *holdings {
	return &holdings{map[order]api.Order{}, map[position]api.Position{}, map[api.ID][2]api.Money{}}
}

func (h *holdings) add(other *holdings) {
	for k, v := range other.orders {
		h.orders[k] = v
	}
	for k, v := range other.positions {
		h.positions[k] = v
	}
	for k, v := range other.cash {
		h.cash[k] = v
	}
}

func readHoldings(ctx context.Context, account api.ID, c *client.Client) (*holdings, error) {
	h := newHoldings()
	a, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	h.cash[account] = [2]api.Money{a.Cash, a.Held}
	for o, err := range c.EachOrder(ctx, nil) {
		if err != nil {
			return nil, err
		}
		h.orders[idOf(o.Market, o.Order)] = o
	}
	for p, err := range c.EachPosition(ctx, nil) {
		if err != nil {
			return nil, err
		}
		p.MarkPrice, p.Value = 0, 0 // they follow the market, where the load trades
		h.positions[position{account, p.Market, p.Outcome}] = p
	}
	return h, nil
}

// compare counts what is not as it was.
func (res *Result) compare(before, after *holdings) {
	differ(res, "order", before.orders, after.orders)
	differ(res, "position", before.positions, after.positions)
	differ(res, "cash of account", before.cash, after.cash)
}

func differ[K, V comparable](res *Result, what string, before, after map[K]V) {
	for k, was := range before {
		if is, there := after[k]; !there {
			res.lost("%s %v is not there", what, k)
		} else if is != was {
			res.lost("%s %v was %+v and is %+v", what, k, was, is)
		}
	}
	for k := range after {
		if _, there := before[k]; !there {
			res.lost("%s %v was not there before", what, k)
		}
	}
}

// lost counts what is not as it was acknowledged, and keeps the first findings in words.
func (res *Result) lost(format string, args ...any) {
	res.Lost++
	res.wrong(format, args...)
}

func (res *Result) wrong(format string, args ...any) {
	if len(res.Wrong) < mostWord {
		res.Wrong = append(res.Wrong, fmt.Sprintf(format, args...))
	}
}
