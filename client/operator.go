package client

import (
	"context"
	"net/url"

	"github.com/hustings/hustings/api"
)

// The calls of the operator go to the admin listener, with the admin key as the token.

// CreateMarket opens a market. An empty key is made up.
func (c *Client) CreateMarket(ctx context.Context, key string, m api.CreateMarket) (a api.MarketAnswer, err error) {
	err = c.post(ctx, "/api/admin/markets", key, m, &a)
	return a, err
}

// SuspendMarket stops trading in a market. Version is the one that the caller has seen, 0: any.
func (c *Client) SuspendMarket(ctx context.Context, market api.ID, version uint32) (api.MarketAnswer, error) {
	return c.marketAct(ctx, market, version, "suspend", nil)
}

// ResumeMarket lets a suspended market trade.
func (c *Client) ResumeMarket(ctx context.Context, market api.ID, version uint32) (api.MarketAnswer, error) {
	return c.marketAct(ctx, market, version, "resume", nil)
}

// CloseMarket ends trading for good.
func (c *Client) CloseMarket(ctx context.Context, market api.ID, version uint32) (api.MarketAnswer, error) {
	return c.marketAct(ctx, market, version, "close", nil)
}

// ResolveMarket says what each outcome pays.
func (c *Client) ResolveMarket(ctx context.Context, market api.ID, version uint32, r api.ResolveMarket) (api.MarketAnswer, error) {
	return c.marketAct(ctx, market, version, "resolve", r)
}

// VoidMarket gives everybody back what they paid.
func (c *Client) VoidMarket(ctx context.Context, market api.ID, version uint32, v api.VoidMarket) (api.MarketAnswer, error) {
	return c.marketAct(ctx, market, version, "void", v)
}

// CancelMarketOrders cancels all orders that rest in a market.
func (c *Client) CancelMarketOrders(ctx context.Context, market api.ID, version uint32) (api.MarketAnswer, error) {
	return c.marketAct(ctx, market, version, "cancel-orders", nil)
}

func (c *Client) marketAct(ctx context.Context, market api.ID, version uint32, word string, body any) (a api.MarketAnswer, err error) {
	path := "/api/admin/markets/" + market.String() + "/" + word
	err = c.Do(ctx, Request{Method: "POST", Path: path, Version: version, Body: body}, &a)
	return a, err
}

// CreateAccount makes an account that acts through keys only.
func (c *Client) CreateAccount(ctx context.Context, name string) (a api.RegisterAnswer, err error) {
	err = c.post(ctx, "/api/admin/accounts", "", api.CreateAccount{Name: name}, &a)
	return a, err
}

// CreateKeyFor makes an API key for an account. An empty key is made up.
func (c *Client) CreateKeyFor(ctx context.Context, account api.ID, key string, k api.CreateKey) (a api.KeyAnswer, err error) {
	err = c.post(ctx, accountPath(account)+"/keys", key, k, &a)
	return a, err
}

// DepositTo pays money in to an account. An empty key is made up.
func (c *Client) DepositTo(ctx context.Context, account api.ID, key string, t api.Transfer) (a api.TransferAnswer, err error) {
	err = c.post(ctx, accountPath(account)+"/deposits", key, t, &a)
	return a, err
}

// WithdrawFrom pays money out of an account. An empty key is made up.
func (c *Client) WithdrawFrom(ctx context.Context, account api.ID, key string, t api.Transfer) (a api.TransferAnswer, err error) {
	err = c.post(ctx, accountPath(account)+"/withdrawals", key, t, &a)
	return a, err
}

// SetLimits says what an account may do. Version is the one that the caller has seen, 0: any.
func (c *Client) SetLimits(ctx context.Context, account api.ID, version uint32, l api.SetLimits) (a api.AccountAnswer, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: accountPath(account) + "/limits", Version: version, Body: l}, &a)
	return a, err
}

// SetTier gives an account a tier. Version is the one that the caller has seen, 0: any.
func (c *Client) SetTier(ctx context.Context, account api.ID, version uint32, tier string) (a api.AccountAnswer, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: accountPath(account) + "/tier", Version: version, Body: api.SetTier{Tier: tier}}, &a)
	return a, err
}

const exchangePath = "/api/admin/exchange"

// Exchange returns how the exchange as a whole stands.
func (c *Client) Exchange(ctx context.Context) (a api.ExchangeInfo, err error) {
	err = c.get(ctx, exchangePath, nil, &a)
	return a, err
}

// HaltExchange has the exchange take no orders. An empty key is made up.
func (c *Client) HaltExchange(ctx context.Context, key, reason string) (a api.HaltAnswer, err error) {
	err = c.post(ctx, exchangePath+"/halt", key, api.SetHalt{Reason: reason}, &a)
	return a, err
}

// ResumeExchange has the exchange take orders again. An empty key is made up.
func (c *Client) ResumeExchange(ctx context.Context, key, reason string) (a api.HaltAnswer, err error) {
	err = c.post(ctx, exchangePath+"/resume", key, api.SetHalt{Reason: reason}, &a)
	return a, err
}

// AccountOf returns an account.
func (c *Client) AccountOf(ctx context.Context, account api.ID) (a api.AccountInfo, err error) {
	err = c.get(ctx, accountPath(account), nil, &a)
	return a, err
}

// Findings lists what the manipulation watch of the node asked has found, newest first. Empty strings and 0 ask for all.
func (c *Client) Findings(ctx context.Context, kind string, market api.ID, cursor string) (a api.Findings, err error) {
	query := url.Values{}
	for name, value := range map[string]string{"kind": kind, "cursor": cursor} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if market != 0 {
		query.Set("market", market.String())
	}
	err = c.get(ctx, "/api/admin/findings", query, &a)
	return a, err
}

func accountPath(account api.ID) string { return "/api/admin/accounts/" + account.String() }
