package api

// SetApprovals says which acts of an operator need a second one.
type SetApprovals struct {
	Reversals   bool  `json:"reversals"`   // resolving a resolved market again with other values, and voiding one
	Withdrawals Money `json:"withdrawals"` // withdrawals of more than this, the traders' own too, which are refused then; 0: none
}

// ApprovalsAnswer is the answer to a change of which acts need a second operator, as was asked for.
type ApprovalsAnswer struct {
	Receipt
	Reversals   bool  `json:"reversals"`
	Withdrawals Money `json:"withdrawals"`
	Proposal    ID    `json:"proposal,omitzero"` // waits for another operator: nothing has changed yet
}

// Approvals are which acts of an operator need a second one.
type Approvals struct {
	Reversals   bool  `json:"reversals"`
	Withdrawals Money `json:"withdrawals"` // of more than this; 0: none
	Seq         ID    `json:"seq,omitzero"`
}

// Proposals are the acts that wait for a second operator, those that lapse first before the others.
type Proposals struct {
	Proposals []Proposal `json:"proposals"`
	Seq       ID         `json:"seq,omitzero"`
}

// Proposal is an act that waits for a second operator. It has what its route was given.
type Proposal struct {
	Proposal   ID            `json:"proposal"`
	Operator   ID            `json:"operator,omitzero"` // whose key proposed it; left out for the admin key
	Key        ID            `json:"key,omitzero"`
	ProposedAt Time          `json:"proposed_at"`
	LapsesAt   Time          `json:"lapses_at"`
	Act        string        `json:"act"`              // "resolveMarket", "voidMarket", "adminWithdraw" or "setApprovals"
	Market     ID            `json:"market,omitzero"`  // of the first two
	Version    uint32        `json:"version,omitzero"` // of the market as it was: it must not have changed when this is approved
	Values     []Price       `json:"values,omitzero"`
	Source     string        `json:"source,omitzero"`
	Evidence   string        `json:"evidence,omitzero"`
	Reason     string        `json:"reason,omitzero"`
	Account    ID            `json:"account,omitzero"` // from which money is paid out
	Amount     Money         `json:"amount,omitzero"`
	Reference  string        `json:"reference,omitzero"`
	Approvals  *SetApprovals `json:"approvals,omitzero"`
}

// ProposalAnswer is the answer to who approves or rejects a proposal. What was approved is done.
type ProposalAnswer struct {
	Receipt
	Proposal ID `json:"proposal"`
}
