package api

// Finding is something that the manipulation watch wants a person to look at. It accuses nobody.
type Finding struct {
	Kind     string `json:"kind"`    // one of FindingKinds
	Markets  []ID   `json:"markets"` // of the evidence, ascending
	Accounts []ID   `json:"accounts"`
	From     Time   `json:"from"`
	To       Time   `json:"to"`
	Score    uint32 `json:"score"`    // per cent of the limit: 100 is just there
	Observed ID     `json:"observed"` // contracts a minute, messages for each trade, or times within an hour, as the kind says
	Limit    ID     `json:"limit"`    // what it was compared with
	Evidence []ID   `json:"evidence"` // Seqs of the events that led to it, in their order, each naming its shard; a few of them if there are many
}

// Findings is a page of findings.
type Findings struct {
	Findings []Finding `json:"findings"`
	Page
}

var watchRoutes = []Route{
	{Name: "listFindings", Method: "GET", Path: "/api/admin/findings", Listener: Admin, Need: NeedOperator,
		Query: paged(Param{"kind", "only those of this kind: volume_surge, order_to_trade, layering, wash_pair, self_trade, wash_ring"},
			Param{"market", "only those with evidence of this market"}),
		Answer: Findings{}, Status: 200, Summary: "What the manipulation watch of the node asked has found, newest first"},
}
