package api

// The answer to each change is how the cluster is after it.
var clusterRoutes = []Route{
	{Name: "getCluster", Method: "GET", Path: "/api/admin/cluster", Listener: Admin, Need: NeedOperator,
		Answer: Cluster{}, Status: 200, Summary: "How the exchange's nodes are"},
	{Name: "addMember", Method: "POST", Path: "/api/admin/cluster/members", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: AddMember{}, Answer: Cluster{}, Status: 201, Summary: "Make a node a member"},
	{Name: "setRole", Method: "PUT", Path: "/api/admin/cluster/members/{node}", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: SetRole{}, Answer: Cluster{}, Status: 200, Summary: "Give a member its vote, or take it away"},
	{Name: "setSynchronous", Method: "PUT", Path: "/api/admin/cluster/members/{node}/synchronous", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: SetSynchronous{}, Answer: Cluster{}, Status: 200, Summary: "Wait for a member before every answer, or do so no more"},
	{Name: "seize", Method: "POST", Path: "/api/admin/cluster/seize", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: Seize{}, Answer: Cluster{}, Status: 200, Summary: "Go on without voters that are lost for good"},
	{Name: "switchRules", Method: "POST", Path: "/api/admin/cluster/rules", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: SwitchRules{}, Answer: Cluster{}, Status: 200, Summary: "Switch a later version of the rules on"},
	{Name: "removeMember", Method: "DELETE", Path: "/api/admin/cluster/members/{node}", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Answer: Cluster{}, Status: 200, Summary: "End a node's membership"},
	{Name: "handOver", Method: "POST", Path: "/api/admin/cluster/leader", Listener: Admin, Need: NeedOperator,
		Key: KeyOptional, Request: HandOver{}, Answer: Cluster{}, Status: 200, Summary: "Let another node lead"},
}
