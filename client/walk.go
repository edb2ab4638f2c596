package client

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"strconv"

	"github.com/hustings/hustings/api"
)

// The Each methods walk through a whole list, a page at a time. Query has the parameters of the route (nil: none); a limit
// in it is the size of a page. An error ends the walk, and is yielded last.

// EachMarket walks through markets.
func (c *Client) EachMarket(ctx context.Context, query url.Values) iter.Seq2[api.MarketInfo, error] {
	return each(query, func(q url.Values) ([]api.MarketInfo, string, error) {
		p, err := c.Markets(ctx, q)
		return p.Markets, p.NextCursor, err
	})
}

// EachTrade walks through a market's trades.
func (c *Client) EachTrade(ctx context.Context, market api.ID, query url.Values) iter.Seq2[api.Trade, error] {
	return each(query, func(q url.Values) ([]api.Trade, string, error) {
		p, err := c.Trades(ctx, market, q)
		return p.Trades, p.NextCursor, err
	})
}

// EachOrder walks through the account's orders.
func (c *Client) EachOrder(ctx context.Context, query url.Values) iter.Seq2[api.Order, error] {
	return each(query, func(q url.Values) ([]api.Order, string, error) {
		p, err := c.Orders(ctx, q)
		return p.Orders, p.NextCursor, err
	})
}

// EachPosition walks through the account's positions.
func (c *Client) EachPosition(ctx context.Context, query url.Values) iter.Seq2[api.Position, error] {
	return each(query, func(q url.Values) ([]api.Position, string, error) {
		p, err := c.Positions(ctx, q)
		return p.Positions, p.NextCursor, err
	})
}

// EachFill walks through the account's fills.
func (c *Client) EachFill(ctx context.Context, query url.Values) iter.Seq2[api.Fill, error] {
	return each(query, func(q url.Values) ([]api.Fill, string, error) {
		p, err := c.Fills(ctx, q)
		return p.Fills, p.NextCursor, err
	})
}

// EachSettlement walks through the account's payouts and refunds.
func (c *Client) EachSettlement(ctx context.Context, query url.Values) iter.Seq2[api.Settlement, error] {
	return each(query, func(q url.Values) ([]api.Settlement, string, error) {
		p, err := c.Settlements(ctx, q)
		return p.Settlements, p.NextCursor, err
	})
}

// EachEntry walks through the account's statement.
func (c *Client) EachEntry(ctx context.Context, query url.Values) iter.Seq2[api.Entry, error] {
	return each(query, func(q url.Values) ([]api.Entry, string, error) {
		p, err := c.Ledger(ctx, q)
		return p.Entries, p.NextCursor, err
	})
}

// EachHolder walks through everybody's positions in a market, over the operator's API.
func (c *Client) EachHolder(ctx context.Context, market api.ID, query url.Values) iter.Seq2[api.Position, error] {
	return each(query, func(q url.Values) ([]api.Position, string, error) {
		p, err := c.Holders(ctx, market, q)
		return p.Positions, p.NextCursor, err
	})
}

// EachAccount walks through all accounts, over the operator's API.
func (c *Client) EachAccount(ctx context.Context, query url.Values) iter.Seq2[api.AccountInfo, error] {
	return each(query, func(q url.Values) ([]api.AccountInfo, string, error) {
		p, err := c.Accounts(ctx, q)
		return p.Accounts, p.NextCursor, err
	})
}

// each yields what is on page after page.
func each[T any](query url.Values, page func(url.Values) (entries []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q := maps.Clone(query)
		if q == nil {
			q = url.Values{}
		}
		if !q.Has("limit") {
			q.Set("limit", strconv.Itoa(api.MaxPage))
		}
		for {
			entries, next, err := page(q)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			q.Set("cursor", next)
		}
	}
}
