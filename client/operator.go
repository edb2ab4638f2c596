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

// OperatorMarket returns one market, over the operator's API.
func (c *Client) OperatorMarket(ctx context.Context, market api.ID) (m api.MarketInfo, err error) {
	err = c.get(ctx, operatorMarketPath(market), nil, &m)
	return m, err
}

// UpdateMarket changes a market. Version is the one that the caller has seen, 0: any.
func (c *Client) UpdateMarket(ctx context.Context, market api.ID, version uint32, u api.UpdateMarket) (a api.MarketAnswer, err error) {
	err = c.Do(ctx, Request{Method: "PATCH", Path: operatorMarketPath(market), Version: version, Body: u}, &a)
	return a, err
}

// Holders returns a page of everybody's positions in a market. Query has the route's parameters, nil: none.
func (c *Client) Holders(ctx context.Context, market api.ID, query url.Values) (p api.Positions, err error) {
	err = c.get(ctx, operatorMarketPath(market)+"/positions", query, &p)
	return p, err
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
	err = c.Do(ctx, Request{Method: "POST", Path: operatorMarketPath(market) + "/" + word, Version: version, Body: body}, &a)
	return a, err
}

func operatorMarketPath(market api.ID) string { return "/api/admin/markets/" + market.String() }

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

// Approvals returns which acts need a second operator.
func (c *Client) Approvals(ctx context.Context) (a api.Approvals, err error) {
	err = c.get(ctx, "/api/admin/approvals", nil, &a)
	return a, err
}

// SetApprovals says which acts need a second operator. To weaken what holds needs one itself: then the answer has a proposal, and
// nothing has changed yet. An empty key is made up.
func (c *Client) SetApprovals(ctx context.Context, key string, s api.SetApprovals) (a api.ApprovalsAnswer, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: "/api/admin/approvals", Key: key, Body: s}, &a)
	return a, err
}

const proposalsPath = "/api/admin/proposals"

// Proposals returns the acts that wait for a second operator.
func (c *Client) Proposals(ctx context.Context) (a api.Proposals, err error) {
	err = c.get(ctx, proposalsPath, nil, &a)
	return a, err
}

// ApproveProposal approves what another operator proposed, which is done then. An empty key is made up.
func (c *Client) ApproveProposal(ctx context.Context, key string, proposal api.ID) (a api.ProposalAnswer, err error) {
	err = c.post(ctx, proposalsPath+"/"+proposal.String()+"/approve", key, nil, &a)
	return a, err
}

// RejectProposal rejects what an operator proposed, or takes back what the caller did. An empty key is made up.
func (c *Client) RejectProposal(ctx context.Context, key string, proposal api.ID) (a api.ProposalAnswer, err error) {
	err = c.post(ctx, proposalsPath+"/"+proposal.String()+"/reject", key, nil, &a)
	return a, err
}

// AccountOf returns an account.
func (c *Client) AccountOf(ctx context.Context, account api.ID) (a api.AccountInfo, err error) {
	err = c.get(ctx, accountPath(account), nil, &a)
	return a, err
}

// Findings returns a page of what the manipulation watch of the node asked has found, newest first. Query has the route's parameters,
// nil: none.
func (c *Client) Findings(ctx context.Context, query url.Values) (a api.Findings, err error) {
	err = c.get(ctx, "/api/admin/findings", query, &a)
	return a, err
}

// Accounts returns a page of accounts. Query has the route's parameters, nil: none.
func (c *Client) Accounts(ctx context.Context, query url.Values) (a api.Accounts, err error) {
	err = c.get(ctx, "/api/admin/accounts", query, &a)
	return a, err
}

// PositionsOf returns a page of an account's positions. Query has the route's parameters, nil: none.
func (c *Client) PositionsOf(ctx context.Context, account api.ID, query url.Values) (p api.Positions, err error) {
	err = c.get(ctx, accountPath(account)+"/positions", query, &p)
	return p, err
}

// KeysOf returns an account's API keys, without their secrets.
func (c *Client) KeysOf(ctx context.Context, account api.ID) (k api.Keys, err error) {
	err = c.get(ctx, accountPath(account)+"/keys", nil, &k)
	return k, err
}

// RevokeKeyOf ends an account's API key at once.
func (c *Client) RevokeKeyOf(ctx context.Context, account, key api.ID) (a api.KeyRevoked, err error) {
	err = c.Do(ctx, Request{Method: "DELETE", Path: accountPath(account) + "/keys/" + key.String()}, &a)
	return a, err
}

// TradeProofOf returns the proof that a trade, whoever's, is in the journal. Seq is the trade's.
func (c *Client) TradeProofOf(ctx context.Context, seq api.ID) (p api.Proof, err error) {
	err = c.get(ctx, "/api/admin/trades/"+seq.String()+"/proof", nil, &p)
	return p, err
}

func accountPath(account api.ID) string { return "/api/admin/accounts/" + account.String() }
