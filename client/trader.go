package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/hustings/hustings/api"
)

// Register makes an account. It needs no token.
func (c *Client) Register(ctx context.Context, name, password string) (a api.RegisterAnswer, err error) {
	err = c.post(ctx, "/api/register", "", api.Register{Name: name, Password: password}, &a)
	return a, err
}

// Login returns a session; use its Secret with As. It needs no token.
func (c *Client) Login(ctx context.Context, name, password string) (a api.KeyAnswer, err error) {
	err = c.post(ctx, "/api/login", "", api.Login{Name: name, Password: password}, &a)
	return a, err
}

// CreateKey makes an API key. Its Secret is in this answer only.
func (c *Client) CreateKey(ctx context.Context, key string, k api.CreateKey) (a api.KeyAnswer, err error) {
	err = c.post(ctx, "/api/keys", key, k, &a)
	return a, err
}

// Deposit pays money in. An empty key is made up.
func (c *Client) Deposit(ctx context.Context, key string, t api.Transfer) (a api.TransferAnswer, err error) {
	err = c.post(ctx, "/api/deposits", key, t, &a)
	return a, err
}

// Withdraw pays money out. An empty key is made up.
func (c *Client) Withdraw(ctx context.Context, key string, t api.Transfer) (a api.TransferAnswer, err error) {
	err = c.post(ctx, "/api/withdrawals", key, t, &a)
	return a, err
}

// Place places an order. An empty key is made up, unless the order has a ClientOrderID, which then is the key.
func (c *Client) Place(ctx context.Context, market api.ID, key string, o api.PlaceOrder) (a api.OrderAnswer, err error) {
	r := Request{Method: "POST", Path: ordersPath(market), Key: key, InBody: key == "" && o.ClientOrderID != "", Body: o}
	err = c.Do(ctx, r, &a)
	return a, err
}

// Amend changes an order. Version is the one that the caller has seen, 0: any. An empty key is made up.
func (c *Client) Amend(ctx context.Context, market, order api.ID, key string, version uint32, change api.AmendOrder) (a api.AmendAnswer, err error) {
	err = c.Do(ctx, Request{Method: "PATCH", Path: orderPath(market, order), Key: key, Version: version, Body: change}, &a)
	return a, err
}

// Cancel cancels an order.
func (c *Client) Cancel(ctx context.Context, market, order api.ID) (a api.CancelAnswer, err error) {
	err = c.Do(ctx, Request{Method: "DELETE", Path: orderPath(market, order)}, &a)
	return a, err
}

// CancelAll cancels all orders of the account, or (market not 0) those of one market.
func (c *Client) CancelAll(ctx context.Context, market api.ID) (a api.MassCancelAnswer, err error) {
	path := "/api/orders"
	if market != 0 {
		path += "?market=" + market.String()
	}
	err = c.Do(ctx, Request{Method: "DELETE", Path: path}, &a)
	return a, err
}

// Batch cancels and places up to 100 orders. An empty key is made up.
func (c *Client) Batch(ctx context.Context, key string, b api.Batch) (a api.BatchAnswer, err error) {
	err = c.post(ctx, "/api/orders/batch", key, b, &a)
	return a, err
}

// Order returns one of the account's orders.
func (c *Client) Order(ctx context.Context, market, order api.ID) (o api.Order, err error) {
	err = c.get(ctx, orderPath(market, order), nil, &o)
	return o, err
}

// Orders returns a page of the account's orders. Query has the route's parameters, nil: none.
func (c *Client) Orders(ctx context.Context, query url.Values) (o api.Orders, err error) {
	err = c.get(ctx, "/api/orders", query, &o)
	return o, err
}

// Account returns the account.
func (c *Client) Account(ctx context.Context) (a api.AccountInfo, err error) {
	err = c.get(ctx, "/api/account", nil, &a)
	return a, err
}

// Portfolio returns the account's cash and positions, as they were at seq or later (0: now).
func (c *Client) Portfolio(ctx context.Context, seq api.ID) (p api.Portfolio, err error) {
	err = c.get(ctx, "/api/portfolio", atLeast(seq), &p)
	return p, err
}

// Fills returns a page of the account's fills. Query has the route's parameters, nil: none.
func (c *Client) Fills(ctx context.Context, query url.Values) (f api.Fills, err error) {
	err = c.get(ctx, "/api/fills", query, &f)
	return f, err
}

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

func ordersPath(market api.ID) string { return "/api/markets/" + market.String() + "/orders" }

func orderPath(market, order api.ID) string { return ordersPath(market) + "/" + order.String() }

func atLeast(seq api.ID) url.Values {
	query := url.Values{}
	if seq != 0 {
		query.Set(api.ParamSeq, seq.String())
	}
	return query
}

func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.Do(ctx, Request{Method: "GET", Path: path}, out)
}

func (c *Client) post(ctx context.Context, path, key string, body, out any) error {
	return c.Do(ctx, Request{Method: "POST", Path: path, Key: key, Body: body}, out)
}
