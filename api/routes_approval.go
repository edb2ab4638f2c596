package api

// approvalRoutes are about acts that need a second operator.
var approvalRoutes = []Route{
	{Name: "getApprovals", Method: "GET", Path: "/api/admin/approvals", Listener: Admin, Need: NeedOperator,
		Answer: Approvals{}, Status: 200, Summary: "Which acts need a second operator"},
	{Name: "setApprovals", Method: "PUT", Path: "/api/admin/approvals", Listener: Admin, Need: NeedOperator, Key: KeyOptional, Proposed: true,
		Request: SetApprovals{}, Answer: ApprovalsAnswer{}, Status: 200, Summary: "Say which acts need a second operator"},
	{Name: "listProposals", Method: "GET", Path: "/api/admin/proposals", Listener: Admin, Need: NeedOperator,
		Answer: Proposals{}, Status: 200, Summary: "The acts that wait for a second operator"},
	{Name: "approveProposal", Method: "POST", Path: "/api/admin/proposals/{proposal}/approve", Listener: Admin, Need: NeedOperator, Key: KeyOptional,
		Answer: ProposalAnswer{}, Status: 200, Summary: "Approve what another operator proposed, which is done then"},
	{Name: "rejectProposal", Method: "POST", Path: "/api/admin/proposals/{proposal}/reject", Listener: Admin, Need: NeedOperator, Key: KeyOptional,
		Answer: ProposalAnswer{}, Status: 200, Summary: "Reject what an operator proposed, or take your own proposal back"},
}
