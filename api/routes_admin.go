package api

var adminMarketRoutes = []Route{
	{Name: "createMarket", Method: "POST", Path: "/api/admin/markets", Listener: Admin, Need: NeedOperator, Key: KeyRequired,
		Request: CreateMarket{}, Answer: MarketAnswer{}, Status: 201, Summary: "Open a new market"},
	{Name: "adminGetMarket", Method: "GET", Path: "/api/admin/markets/{market}", Listener: Admin, Need: NeedOperator, ETag: true,
		Answer: MarketInfo{}, Status: 200, Summary: "One market"},
	{Name: "updateMarket", Method: "PATCH", Path: "/api/admin/markets/{market}", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, IfMatch: true, Request: UpdateMarket{}, Answer: MarketAnswer{}, Status: 200,
		Summary: "Change a market's question, rules or close time"},
	marketAct("suspendMarket", "suspend", nil, "Accept cancels only"),
	marketAct("resumeMarket", "resume", nil, "Let a suspended market trade"),
	marketAct("closeMarket", "close", nil, "End trading for good"),
	proposed(marketAct("resolveMarket", "resolve", ResolveMarket{}, "Say what each outcome pays")),
	proposed(marketAct("voidMarket", "void", VoidMarket{}, "Give everybody back what they paid")),
	marketAct("cancelMarketOrders", "cancel-orders", nil, "Cancel all orders that rest in a market"),
	{Name: "listMarketPositions", Method: "GET", Path: "/api/admin/markets/{market}/positions", Listener: Admin,
		Need: NeedOperator, Query: paged(Param{"at", "at a past instant, RFC 3339"}),
		Answer: Positions{}, Status: 200, Summary: "Everybody's positions in a market, by account"},
	{Name: "adminTradeProof", Method: "GET", Path: "/api/admin/trades/{seq}/proof", Listener: Admin, Need: NeedOperator,
		Answer: Proof{}, Status: 200, Summary: "Proof that a trade is in the journal"},
}

func marketAct(name, word string, request any, summary string) Route {
	return Route{Name: name, Method: "POST", Path: "/api/admin/markets/{market}/" + word, Listener: Admin,
		Need: NeedOperator, Key: KeyOptional, IfMatch: true, Request: request, Answer: MarketAnswer{}, Status: 200,
		Summary: summary}
}

// proposed is a route of something that may need a second operator.
func proposed(r Route) Route {
	r.Proposed = true
	return r
}

var adminAccountRoutes = []Route{
	{Name: "listAccounts", Method: "GET", Path: "/api/admin/accounts", Listener: Admin, Need: NeedOperator,
		Query:  paged(Param{"name", "only the account of this name"}),
		Answer: Accounts{}, Status: 200, Summary: "List accounts, by id"},
	{Name: "createAccount", Method: "POST", Path: "/api/admin/accounts", Listener: Admin, Need: NeedOperator, Key: KeyOptional,
		Request: CreateAccount{}, Answer: RegisterAnswer{}, Status: 201,
		Summary: "Make an account without a password, which acts through keys only"},
	{Name: "adminGetAccount", Method: "GET", Path: "/api/admin/accounts/{account}", Listener: Admin, Need: NeedOperator,
		ETag: true, Answer: AccountInfo{}, Status: 200, Summary: "One account"},
	{Name: "adminListPositions", Method: "GET", Path: "/api/admin/accounts/{account}/positions", Listener: Admin,
		Need: NeedOperator, Query: paged(Param{"market", "only this market"}, Param{"at", "at a past instant, RFC 3339; needs market"}),
		Answer: Positions{}, Status: 200, Summary: "An account's positions"},
	{Name: "adminCreateKey", Method: "POST", Path: "/api/admin/accounts/{account}/keys", Listener: Admin,
		Need: NeedOperator, Key: KeyRequired, Request: CreateKey{}, Answer: KeyAnswer{}, Status: 201,
		Summary: "Make an API key for an account"},
	{Name: "adminListKeys", Method: "GET", Path: "/api/admin/accounts/{account}/keys", Listener: Admin,
		Need: NeedOperator, Answer: Keys{}, Status: 200, Summary: "List an account's API keys"},
	{Name: "adminRevokeKey", Method: "DELETE", Path: "/api/admin/accounts/{account}/keys/{key}", Listener: Admin,
		Need: NeedOperator, Key: KeyOptional, Answer: KeyRevoked{}, Status: 200, Summary: "Revoke an account's API key"},
	{Name: "adminDeposit", Method: "POST", Path: "/api/admin/accounts/{account}/deposits", Listener: Admin,
		Need: NeedOperator, Key: KeyRequired, Request: Transfer{}, Answer: TransferAnswer{}, Status: 201,
		Summary: "Pay money in to an account"},
	{Name: "adminWithdraw", Method: "POST", Path: "/api/admin/accounts/{account}/withdrawals", Listener: Admin,
		Need: NeedOperator, Key: KeyRequired, Proposed: true, Request: Transfer{}, Answer: TransferAnswer{}, Status: 201,
		Summary: "Pay money out of an account"},
	{Name: "setLimits", Method: "PUT", Path: "/api/admin/accounts/{account}/limits", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, IfMatch: true, Request: SetLimits{}, Answer: AccountAnswer{}, Status: 200,
		Summary: "Set an account's greatest number of open orders, block or unblock it"},
}
