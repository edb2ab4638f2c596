package api

// Roles of a member.
const (
	Voter   = "voter"   // counts for the quorum, can lead
	Learner = "learner" // has everything that the others have, and no vote
)

// Words for how a member, a shard or a whole cluster is.
const (
	HealthOK          = "ok"          // of a member: it has what the leader has, or nearly
	HealthLagging     = "lagging"     // of a member: it is far behind the leader
	HealthUnreachable = "unreachable" // of a member: nothing has been heard of it for a while
	HealthHealthy     = "healthy"     // every member is ok
	HealthDegraded    = "degraded"    // some member is not ok, and orders are accepted all the same
	HealthWaiting     = "waiting"     // orders are taken, and not answered before a synchronous copy is there again
	HealthNoLeader    = "no_leader"   // no orders are accepted: no majority of the voters is there
)

// States of the comparison of state hashes.
const (
	CheckSame      = "same"      // every member that has answered has the same
	CheckDifferent = "different" // a member has another one, and has stopped itself
)

// Cluster is how the nodes of an exchange are, as one of them sees it.
type Cluster struct {
	Node    uint16         `json:"node"`            // the one that answers
	Region  string         `json:"region,omitzero"` // of that node
	Version string         `json:"version"`         // of that node's program
	Health  string         `json:"health"`          // "healthy", "degraded", "waiting" or "no_leader": of the worst shard
	Shards  []ClusterShard `json:"shards"`
	Links   []ClusterLink  `json:"links"` // that node's connections to others
}

// ClusterShard is a shard and its replicas. Only a leader knows how far the others are, so a node asks it before it
// answers; where it cannot, From is not Leader and members have neither match nor lag.
type ClusterShard struct {
	Shard   uint32 `json:"shard"`
	Leader  uint16 `json:"leader"` // its node, 0: none
	From    uint16 `json:"from"`   // the node that knew all this
	Term    uint64 `json:"term"`
	Commit  uint64 `json:"commit"`  // index of the last entry that a quorum has on disk
	Applied uint64 `json:"applied"` // index of the last entry that has taken effect at From
	Seq     ID     `json:"seq,omitzero"`
	Rules   uint32 `json:"rules"` // version of the rules that the log has switched on
	// RulesKnown is the greatest version that every member knows, 0 while one of them has not said.
	RulesKnown uint32 `json:"rules_known"`
	// Generation is how often a survivor of lost voters has begun the shard's group anew.
	Generation uint8           `json:"generation,omitzero"`
	Health     string          `json:"health"`
	Members    []ClusterMember `json:"members"` // by node
	Check      *StateCheck     `json:"check,omitzero"`
}

// ClusterMember is one replica of a shard.
type ClusterMember struct {
	Node          uint16 `json:"node"`
	Replica       ID     `json:"replica"`             // its identity in the log; a node that lost its disk gets a new one
	Peers         string `json:"peers"`               // address at which other nodes connect
	Region        string `json:"region,omitzero"`     // where it stands
	Role          string `json:"role"`                // "voter" or "learner"
	Wanted        string `json:"wanted,omitzero"`     // "voter" for a learner that gets its vote when it has caught up
	Synchronous   bool   `json:"synchronous"`         // nothing is answered before it has it on disk
	AwaitedMS     int64  `json:"awaited_ms,omitzero"` // how long the oldest answer has waited for it
	Leader        bool   `json:"leader"`
	Self          bool   `json:"self"`             // it is the node that answers
	Version       string `json:"version,omitzero"` // of its program; left out where it has not been heard of
	Match         uint64 `json:"match,omitzero"`   // index of the last entry that it is known to have on disk
	Lag           uint64 `json:"lag"`              // entries from there to the leader's last
	Snapshot      bool   `json:"snapshot"`         // it is being sent a snapshot
	Connected     bool   `json:"connected"`        // From has a connection to it
	LastContactMS int64  `json:"last_contact_ms"`  // since From has heard of it; -1: never
	Health        string `json:"health"`           // "ok", "lagging" or "unreachable"
}

// StateCheck is the newest comparison of the hashes of all members' states at one seq.
type StateCheck struct {
	Seq       ID       `json:"seq"`
	Hash      string   `json:"hash"`               // in hexadecimal digits
	Result    string   `json:"result"`             // "same" or "different"
	Nodes     []uint16 `json:"nodes"`              // those compared
	Differing []uint16 `json:"differing,omitzero"` // those of them that have another hash than most
}

// ClusterLink is a node's connection to another one.
type ClusterLink struct {
	Node       uint16 `json:"node"`
	Peers      string `json:"peers"` // its address
	Up         bool   `json:"up"`
	Since      Time   `json:"since,omitzero"` // of being up
	QueueBytes int64  `json:"queue_bytes"`    // waiting to be sent
	Dropped    uint64 `json:"dropped"`        // messages that were not sent since this node started
}

// AddMember makes a node a member of every shard. One that is to be a voter is a learner until it has caught up, and gets
// its vote by itself then. If the node was a member with another disk, it takes that one's place.
type AddMember struct {
	Node  uint16 `json:"node"`
	Peers string `json:"peers"` // address at which other nodes connect
	Role  string `json:"role"`  // "voter" or "learner"
}

// SetRole gives a member its vote or takes it away.
type SetRole struct {
	Role string `json:"role"` // "voter" or "learner"
}

// SetSynchronous makes a member that has caught up a synchronous copy, before which nothing is answered, or one that
// follows as it can.
type SetSynchronous struct {
	Synchronous bool `json:"synchronous"`
}

// Seize lets the node that is asked begin every shard's group anew, with what it has and without members that are lost
// for good. The other survivors follow it. Lost are nodes; Voters those survivors that get a vote when they have caught up,
// beside the ones that had one.
type Seize struct {
	Lost   []uint16 `json:"lost"`
	Voters []uint16 `json:"voters,omitzero"`
}

// SwitchRules brings in a version of the rules that every member knows.
type SwitchRules struct {
	Version uint32 `json:"version,omitzero"` // 0: the greatest that all know
}

// HandOver makes another node the leader of every shard, without a gap in which nobody leads.
type HandOver struct {
	Node uint16 `json:"node"`
}
