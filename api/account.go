package api

// Words of permissions.
const (
	PermissionRead  = "read"
	PermissionTrade = "trade"
	PermissionAdmin = "admin" // of an operator: the admin listener, and nothing else
)

// Words of tiers.
const (
	TierStandard      = "standard"
	TierPremium       = "premium"
	TierInstitutional = "institutional"
)

// SchemeEd25519 is the word of keys that sign.
const SchemeEd25519 = "ed25519"

// Register makes an account.
type Register struct {
	Name     string `json:"name"`     // 3 to 32 of a–z, 0–9, '_', '-', '.'
	Password string `json:"password"` // 8 to 128 characters
}

// RegisterAnswer names the account that was made.
type RegisterAnswer struct {
	Receipt
	Account ID     `json:"account"`
	Name    string `json:"name"`
}

// Login asks for a session token.
type Login struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// SetPassword replaces the password.
type SetPassword struct {
	Current string `json:"current"`
	New     string `json:"new"` // 8 to 128 characters
}

// CreateKey asks for an API key.
type CreateKey struct {
	Label       string   `json:"label,omitzero"`       // up to 100 characters
	Permissions []string `json:"permissions,omitzero"` // "read", "trade"; default both. "admin" only with the admin key
	ExpiresAt   Time     `json:"expires_at,omitzero"`  // default: in 365 days
	Tier        string   `json:"tier,omitzero"`        // at most the account's; default: the account's, whatever it is
	Addresses   []string `json:"addresses,omitzero"`   // IP addresses and ranges from which it may be used, up to 32; default: any
	PublicKey   string   `json:"public_key,omitzero"`  // of a key that signs: Ed25519, base64url without padding
}

// KeyAnswer carries the secret of a new API key or session, which is shown only here.
type KeyAnswer struct {
	Receipt
	Account     ID       `json:"account"`
	Key         ID       `json:"key"`
	Secret      string   `json:"secret,omitzero"` // "pm_…", for the header Authorization: Bearer; left out of a key that signs
	Permissions []string `json:"permissions"`
	ExpiresAt   Time     `json:"expires_at"`
}

// Key is an API key without its secret.
type Key struct {
	Key         ID       `json:"key"`
	Label       string   `json:"label,omitzero"`
	Permissions []string `json:"permissions"`
	CreatedAt   Time     `json:"created_at"`
	ExpiresAt   Time     `json:"expires_at"`
	Tier        string   `json:"tier,omitzero"`      // left out: the account's
	Scheme      string   `json:"scheme,omitzero"`    // "ed25519" of a key that signs
	Addresses   []string `json:"addresses,omitzero"` // left out: any
}

// Keys is all API keys of an account that are neither revoked nor expired. Sessions are not among them.
type Keys struct {
	Keys []Key `json:"keys"`
	Seq  ID    `json:"seq,omitzero"`
}

// KeyRevoked is the answer to revoking a key.
type KeyRevoked struct {
	Receipt
	Key ID `json:"key"`
}

// Transfer pays money in or out.
type Transfer struct {
	Amount    Money  `json:"amount"`             // above 0
	Reference string `json:"reference,omitzero"` // up to 200 characters
}

// TransferAnswer is the answer to a deposit or withdrawal.
type TransferAnswer struct {
	Receipt
	Account   ID     `json:"account"`
	Amount    Money  `json:"amount"`
	Reference string `json:"reference,omitzero"`
	Proposal  ID     `json:"proposal,omitzero"` // waits for another operator: nothing is paid yet
}

// AccountInfo is an account as it stands.
type AccountInfo struct {
	Account       ID     `json:"account"`
	Name          string `json:"name"`
	Cash          Money  `json:"cash"` // free to trade with and to withdraw
	Held          Money  `json:"held"` // behind open orders
	OpenOrders    uint32 `json:"open_orders"`
	MaxOpenOrders uint32 `json:"max_open_orders,omitzero"` // left out: the exchange's own limit
	Blocked       bool   `json:"blocked,omitzero"`
	Owed          Money  `json:"owed,omitzero"`                // to the house, after a voided market
	DeadManAt     Time   `json:"dead_mans_switch_at,omitzero"` // when all orders will be cancelled
	Tier          string `json:"tier,omitzero"`                // left out: "standard"
	Version       uint32 `json:"version"`
	Seq           ID     `json:"seq,omitzero"`
}

// Accounts is a page of accounts, by id.
type Accounts struct {
	Accounts []AccountInfo `json:"accounts"`
	Page
}

// Portfolio is what an account is worth. Prices are those of the last trades or, once resolved, what contracts pay.
type Portfolio struct {
	Account    ID     `json:"account"`
	Cash       Money  `json:"cash"`
	Held       Money  `json:"held"`
	Value      Money  `json:"value"`      // of its contracts
	Equity     Money  `json:"equity"`     // cash + held + value − owed
	Unrealised Money  `json:"unrealised"` // value less what these contracts cost, without fees
	Realised   Money  `json:"realised"`   // profit of everything that was closed, fees deducted
	Owed       Money  `json:"owed,omitzero"`
	OpenOrders uint32 `json:"open_orders"`
	// Positions are the first 200; GET /api/positions lists them all.
	Positions []Position `json:"positions"`
	Seq       ID         `json:"seq,omitzero"`
}

// Position is what an account holds of one contract.
type Position struct {
	Account   ID     `json:"account,omitzero"` // only where several accounts are listed
	Market    ID     `json:"market"`
	Outcome   string `json:"outcome"`
	Contract  string `json:"contract,omitzero"` // categorical markets only
	Quantity  uint32 `json:"quantity"`
	Reserved  uint32 `json:"reserved,omitzero"` // offered by orders that would close them
	Cost      Money  `json:"cost"`              // when they were opened, without fees
	MarkPrice Price  `json:"mark_price"`        // of the last trade or, once resolved, what the contract pays
	Value     Money  `json:"value"`             // quantity × mark price
}

// Positions is a page of positions.
type Positions struct {
	Positions []Position `json:"positions"`
	Time      Time       `json:"time,omitzero"` // where a past instant was asked for
	Page
}

// Fill is one order's half of a trade.
type Fill struct {
	Seq      ID     `json:"seq"` // of the trade
	Time     Time   `json:"time"`
	Order    ID     `json:"order"`
	Market   ID     `json:"market"`
	Outcome  string `json:"outcome"`
	Contract string `json:"contract,omitzero"`
	Side     string `json:"side"`
	Price    Price  `json:"price"`
	Quantity uint32 `json:"quantity"`
	Fee      Money  `json:"fee"`
	Role     string `json:"role"` // "maker" or "taker"
}

// Fills is a page of fills, newest first.
type Fills struct {
	Fills []Fill `json:"fills"`
	Page
}

// Settlement is a payout of a resolved market, or the refund of a voided one.
type Settlement struct {
	Seq     ID     `json:"seq"`
	Time    Time   `json:"time"`
	Kind    string `json:"kind"` // "payout" or "refund"
	Market  ID     `json:"market"`
	Outcome string `json:"outcome,omitzero"` // payouts of categorical markets
	Yes     uint32 `json:"yes,omitzero"`     // contracts that were paid out
	No      uint32 `json:"no,omitzero"`
	Amount  Money  `json:"amount"`        // a refund is negative where the account had taken a profit
	Owed    Money  `json:"owed,omitzero"` // what of a negative refund could not be taken
}

// Settlements is a page of settlements, newest first.
type Settlements struct {
	Settlements []Settlement `json:"settlements"`
	Page
}

// Entry is one line of an account's statement. Those of one seq belong together.
type Entry struct {
	Seq  ID   `json:"seq"`
	Time Time `json:"time"`
	// Kind is deposit, repayment (of a debt), withdrawal, hold (an order took or gave back money), trade, fee, merge (of
	// Yes and No into cash), amendment, payout, refund, sent or received (to or from another shard).
	Kind   string `json:"kind"`
	Amount Money  `json:"amount"` // added to free cash
	Cash   Money  `json:"cash"`   // free cash after it
	Market ID     `json:"market,omitzero"`
	Order  ID     `json:"order,omitzero"`
	// Reference is that of a deposit or withdrawal.
	Reference string `json:"reference,omitzero"`
}

// Ledger is a page of a statement, newest first.
type Ledger struct {
	Entries []Entry `json:"entries"`
	Page
}

// CreateAccount makes an account that cannot log in. It acts through keys that the operator makes for it.
type CreateAccount struct {
	Name string `json:"name"`
}

// SetLimits says what an account may do.
type SetLimits struct {
	MaxOpenOrders uint32 `json:"max_open_orders"`
	Blocked       bool   `json:"blocked"`
}

// AccountAnswer is the answer to an act on an account.
type AccountAnswer struct {
	Receipt
	Account ID     `json:"account"`
	Version uint32 `json:"version"`
}
