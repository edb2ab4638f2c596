package api

// exchangeRoutes are about everything at once.
var exchangeRoutes = []Route{
	{Name: "getExchange", Method: "GET", Path: "/api/admin/exchange", Listener: Admin, Need: NeedOperator,
		Answer: ExchangeInfo{}, Status: 200, Summary: "Whether orders are taken, and which rules hold"},
	{Name: "haltExchange", Method: "POST", Path: "/api/admin/exchange/halt", Listener: Admin, Need: NeedOperator, Key: KeyOptional,
		Request: SetHalt{}, Answer: HaltAnswer{}, Status: 200, Summary: "Take no orders in any market; cancels, payments and reads go on"},
	{Name: "resumeExchange", Method: "POST", Path: "/api/admin/exchange/resume", Listener: Admin, Need: NeedOperator, Key: KeyOptional,
		Request: SetHalt{}, Answer: HaltAnswer{}, Status: 200, Summary: "Take orders again"},
	{Name: "setTier", Method: "PUT", Path: "/api/admin/accounts/{account}/tier", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, IfMatch: true, Request: SetTier{}, Answer: AccountAnswer{}, Status: 200, Summary: "Give an account a tier"},
}
