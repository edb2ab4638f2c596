package client

import (
	"context"
	"maps"
	"net/url"

	"github.com/hustings/hustings/api"
)

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
	if c.fresh {
		if query = maps.Clone(query); query == nil {
			query = url.Values{}
		}
		query.Set(api.ParamFresh, "true")
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.Do(ctx, Request{Method: "GET", Path: path}, out)
}

func (c *Client) post(ctx context.Context, path, key string, body, out any) error {
	return c.Do(ctx, Request{Method: "POST", Path: path, Key: key, Body: body}, out)
}
