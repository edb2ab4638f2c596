package api

// CreateGroup makes an order group: all its orders are cancelled when its fills within the window pass the limit.
type CreateGroup struct {
	Limit         uint32 `json:"limit"`          // contracts
	WindowSeconds int64  `json:"window_seconds"` // 1 to 3,600
}

// GroupAnswer is the answer to an act on a group.
type GroupAnswer struct {
	Receipt
	Group ID `json:"group"`
}

// Group is an order group as it stands.
type Group struct {
	Group         ID     `json:"group"`
	Limit         uint32 `json:"limit"`
	WindowSeconds int64  `json:"window_seconds"`
	Status        string `json:"status"` // "open" or "triggered"
}

// Groups is all groups of an account that are not deleted.
type Groups struct {
	Groups []Group `json:"groups"`
	Seq    ID      `json:"seq,omitzero"`
}

// DeadMansSwitch cancels all orders of the account unless it is sent again within the time.
type DeadMansSwitch struct {
	TimeoutSeconds int64 `json:"timeout_seconds"` // 1 to 86,400; 0 disarms
}

// DeadMansSwitchAnswer says when the orders will be cancelled.
type DeadMansSwitchAnswer struct {
	Receipt
	Deadline Time `json:"deadline,omitzero"` // left out when disarmed
}
