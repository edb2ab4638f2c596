package exchange

// The rules of the exchange have versions. A shard begins with FirstRules, and a SwitchRules in its log brings in a later
// version on every replica at the same place, so that programs of different versions can share a log until then.
const (
	FirstRules    = 1
	TransferRules = 2 // cash moves between shards
	MoveRules     = 3 // markets move between shards
	GuardRules    = 4 // tiers and addresses of credentials, sessions that end, a halt of the whole exchange
	GroupRules    = 4 // order groups on several shards
	ApprovalRules = 5 // acts that need a second operator
	RulesVersion  = 5 // the greatest version that this program knows
)
