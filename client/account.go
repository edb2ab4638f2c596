package client

import (
	"context"
	"net/url"

	"github.com/hustings/hustings/api"
)

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

// Positions returns a page of the account's positions. Query has the route's parameters, nil: none.
func (c *Client) Positions(ctx context.Context, query url.Values) (p api.Positions, err error) {
	err = c.get(ctx, "/api/positions", query, &p)
	return p, err
}

// Settlements returns a page of the account's payouts and refunds. Query has the route's parameters, nil: none.
func (c *Client) Settlements(ctx context.Context, query url.Values) (s api.Settlements, err error) {
	err = c.get(ctx, "/api/settlements", query, &s)
	return s, err
}

// Ledger returns a page of the account's statement. Query has the route's parameters, nil: none.
func (c *Client) Ledger(ctx context.Context, query url.Values) (l api.Ledger, err error) {
	err = c.get(ctx, "/api/ledger", query, &l)
	return l, err
}

// TradeProof returns the proof that one of the account's trades is in the journal. Seq is the trade's.
func (c *Client) TradeProof(ctx context.Context, seq api.ID) (p api.Proof, err error) {
	err = c.get(ctx, "/api/trades/"+seq.String()+"/proof", nil, &p)
	return p, err
}
