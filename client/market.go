package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/hustings/hustings/api"
)

// Markets returns a page of markets. Query has the route's parameters, nil: none.
func (c *Client) Markets(ctx context.Context, query url.Values) (m api.Markets, err error) {
	err = c.get(ctx, "/api/markets", query, &m)
	return m, err
}

// Market returns one market, as it was at seq or later (0: now).
func (c *Client) Market(ctx context.Context, market, seq api.ID) (m api.MarketInfo, err error) {
	err = c.get(ctx, "/api/markets/"+market.String(), atLeast(seq), &m)
	return m, err
}

// OrderBook returns up to depth levels on each side of a market's books, as they were at seq or later (0: now).
func (c *Client) OrderBook(ctx context.Context, market api.ID, depth int, seq api.ID) (b api.OrderBook, err error) {
	query := atLeast(seq)
	query.Set("depth", strconv.Itoa(depth))
	err = c.get(ctx, "/api/markets/"+market.String()+"/orderbook", query, &b)
	return b, err
}

// Trades returns a page of a market's trades. Query has the route's parameters, nil: none.
func (c *Client) Trades(ctx context.Context, market api.ID, query url.Values) (t api.Trades, err error) {
	err = c.get(ctx, "/api/markets/"+market.String()+"/trades", query, &t)
	return t, err
}

// MarketAt returns price and book as they were, with up to depth levels on each side. It folds the market's whole past: be patient.
func (c *Client) MarketAt(ctx context.Context, market api.ID, at api.Time, depth int) (m api.MarketAt, err error) {
	query := url.Values{"time": {at.String()}, "depth": {strconv.Itoa(depth)}}
	err = c.get(ctx, "/api/markets/"+market.String()+"/at", query, &m)
	return m, err
}

// Checkpoint returns the newest signed checkpoint of the journal.
func (c *Client) Checkpoint(ctx context.Context) (p api.Checkpoint, err error) {
	err = c.get(ctx, "/api/checkpoint", nil, &p)
	return p, err
}
