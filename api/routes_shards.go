package api

// Markets move after the answer, and the status says how far they are.
var shardRoutes = []Route{
	{Name: "getShards", Method: "GET", Path: "/api/admin/shards", Listener: Admin, Need: NeedOperator,
		Answer: Shards{}, Status: 200, Summary: "How the markets are spread over shards"},
	{Name: "addShard", Method: "POST", Path: "/api/admin/shards", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: AddShard{}, Answer: Shards{}, Status: 201, Summary: "Add a shard, or change its weight"},
	{Name: "planShards", Method: "POST", Path: "/api/admin/shards/plan", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: PlanShards{}, Answer: ShardPlan{}, Status: 200, Summary: "What a change would move; nothing is done"},
	{Name: "drainShard", Method: "POST", Path: "/api/admin/shards/{shard}/drain", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Answer: Shards{}, Status: 200, Summary: "Let all markets leave a shard"},
	{Name: "moveMarket", Method: "PUT", Path: "/api/admin/markets/{market}/shard", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: MoveMarket{}, Answer: Shards{}, Status: 200, Summary: "Put a market on a shard"},
}
