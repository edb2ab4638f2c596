package api

// SetTier changes an account's tier.
type SetTier struct {
	Tier string `json:"tier"` // "standard", "premium" or "institutional"
}

// SetHalt halts the exchange or lets it go on.
type SetHalt struct {
	Reason string `json:"reason"` // 1 to 500 characters, for the journal
}

// HaltAnswer is the answer to a halt and to its end.
type HaltAnswer struct {
	Receipt
	Halted bool `json:"halted"`
}

// ExchangeInfo is how the exchange as a whole stands.
type ExchangeInfo struct {
	Halted bool `json:"halted"` // no orders are taken
	Rules  int  `json:"rules"`  // version of the rules that hold
	Seq    ID   `json:"seq,omitzero"`
}
