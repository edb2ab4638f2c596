package exchange

// A Command asks the shard for something. Every command has an actor (the account, 0 for the operator) and may carry
// an idempotency key. Commands are plain data; strings in them may alias the buffer they were decoded from, and are
// valid until the batch has been applied.
type Command interface{ CommandKind() CommandKind }

// CommandKind numbers the commands in the log. Numbers are never reused.
type CommandKind uint8

// Kinds of command.
const (
	KindPlaceOrder CommandKind = iota + 1
	KindCancelOrder
	KindAmendOrder
	KindMassCancel
	KindCreateGroup
	KindChangeGroup
	KindSetDeadMan
	KindRegister
	KindSetPassword
	KindCreateCredential
	KindRevokeCredential
	KindDeposit
	KindWithdraw
	KindSetLimits
	KindCreateMarket
	KindUpdateMarket
	KindSuspendMarket
	KindResumeMarket
	KindCloseMarket
	KindResolveMarket
	KindVoidMarket
	KindCancelMarketOrders
	KindSwitchRules
	KindSendTransfer
	KindReceiveTransfer
	KindReleaseTransfer
	KindFreezeMarket
	KindThawMarket
	KindAdoptMarket
	KindAbandonMarket
	KindReleaseMarket
	KindSetPlacement
	KindSetTier
	KindEndSessions
	KindSetHalt
	KindRecordAct
	KindSetGroup
	KindCountGroup
	KindSetApprovals
	KindProposeAct
	KindDecideAct
	commandKinds
)

// PlaceOrder offers to buy or sell Quantity contracts of an outcome, in terms of its Yes contract.
type PlaceOrder struct {
	Account     AccountID
	Key         Key
	Market      MarketID
	Outcome     Outcome
	Side        Side
	TimeInForce TimeInForce
	SelfTrade   SelfTrade
	Flags       OrderFlags
	Price       Price // the limit; for a market order the worst price
	Quantity    Quantity
	MaxCost     Money // market orders only: greatest sum of prices and fees to pay; 0: none
	ExpireAt    Time  // GoodTillTime only
	Group       GroupID
	ClientID    []byte // the client's own id, up to 64 printable ASCII characters; may be empty

	// FundsElsewhere says that the account may have more cash on another shard, and that its group may be known there: what is
	// missing here is answered with RejectFundsElsewhere or RejectGroupElsewhere, which is not remembered. It is no part of the
	// order or of what the key stands for.
	FundsElsewhere bool
}

// CancelOrder takes an order out of its book.
type CancelOrder struct {
	Account AccountID
	Key     Key
	Market  MarketID
	Order   OrderID
}

// AmendOrder changes an order's price or its total quantity (filled contracts included). 0 leaves one as it is.
type AmendOrder struct {
	Account  AccountID
	Key      Key
	Market   MarketID
	Order    OrderID
	Price    Price
	Quantity Quantity
	Version  uint32 // the order's version that the client has seen; 0: any

	FundsElsewhere bool // as in PlaceOrder
}

// MassCancel cancels the orders of an account that were accepted before it: all, or those of one market or group.
type MassCancel struct {
	Account AccountID
	Key     Key
	Market  MarketID // 0: all
	Group   GroupID  // 0: all
}

// CreateGroup makes an order group: all its orders are cancelled when its fills within Window pass Limit.
type CreateGroup struct {
	Account AccountID
	Key     Key
	Limit   Quantity
	Window  Duration // 1 s to 1 h
}

// GroupAction is what ChangeGroup does.
type GroupAction uint8

// Group actions.
const (
	ResetGroup   GroupAction = iota // accept orders again and forget the fills
	TriggerGroup                    // cancel its orders and refuse new ones
	DeleteGroup                     // trigger it for ever
)

// ChangeGroup acts on an order group.
type ChangeGroup struct {
	Account AccountID
	Key     Key
	Group   GroupID
	Action  GroupAction
}

// SetDeadMan arms, renews or (with 0) disarms the switch that cancels all of an account's orders after Timeout.
type SetDeadMan struct {
	Account AccountID
	Key     Key
	Timeout Duration // 0, or 1 s to 24 h
}

// Register makes an account.
type Register struct {
	Key          Key
	Name         string // 3 to 32 of a–z, 0–9, '_', '-', '.'
	PasswordHash string // opaque to the core
}

// SetPassword replaces an account's password hash.
type SetPassword struct {
	Account      AccountID
	Key          Key
	PasswordHash string
}

// Permission is a set of what a credential may do.
type Permission uint8

// Permissions.
const (
	PermRead Permission = 1 << iota
	PermTrade
	PermAdmin
)

// CreateCredential registers the hash of an API key, session token or public key. Its last three fields are of version 2, and are
// not set before GuardRules.
type CreateCredential struct {
	Account     AccountID
	Key         Key
	Hash        [32]byte // SHA-256 of the secret or of the public key
	Permissions Permission
	ExpireAt    Time
	Session     bool // made by a log-in, not shown in the list of keys
	Label       string
	Tier        Tier // at most the account's; TierUnset: the account's
	Scheme      Scheme
	Addresses   string // from where it may be used, opaque to the core; empty: from anywhere
}

// RevokeCredential ends a credential.
type RevokeCredential struct {
	Account    AccountID
	Key        Key
	Credential CredentialID
}

// Deposit pays money in from the outside world.
type Deposit struct {
	Account   AccountID
	Key       Key
	Amount    Money
	Reference string // up to 200 characters
}

// Withdraw pays money out to the outside world.
type Withdraw struct {
	Account   AccountID
	Key       Key
	Amount    Money
	Reference string
}

// SetLimits changes what an account may do. It is an act of the operator.
type SetLimits struct {
	Account       AccountID
	Key           Key
	Version       uint32 // the account's version; 0: any
	MaxOpenOrders uint32
	Blocked       bool // the kill switch: orders are cancelled and refused, withdrawals are refused
}

// CreateMarket opens a new market.
type CreateMarket struct {
	Key  Key
	ID   MarketID // one that no market of any shard has, up to MaxMarkets; 0: the one after the shard's greatest
	Spec MarketSpec
}

// UpdateMarket replaces texts and the close time of a market; an empty text or a negative time leaves it.
type UpdateMarket struct {
	Key      Key
	Market   MarketID
	Version  uint32 // the market's version that the operator has seen; 0: any
	Question string
	Rules    string // refused once the first order was accepted
	CloseAt  Time
}

// MarketAction is the head that the simple acts on a market share.
type MarketAction struct {
	Key     Key
	Market  MarketID
	Version uint32 // the market's version that the operator has seen; 0: any
}

// SuspendMarket stops trading until ResumeMarket.
type SuspendMarket struct{ MarketAction }

// ResumeMarket lets a suspended market trade.
type ResumeMarket struct{ MarketAction }

// CloseMarket ends trading for good.
type CloseMarket struct{ MarketAction }

// CancelMarketOrders cancels all orders that rest in a market.
type CancelMarketOrders struct{ MarketAction }

// ResolveMarket sets what each outcome's Yes contract pays. Within the dispute window it can be given again.
type ResolveMarket struct {
	MarketAction
	Values   []Price // one per book; for a categorical market they add up to One
	Source   string  // 1 to 500 characters
	Evidence string  // up to 2,000 characters
}

// VoidMarket gives everybody back what they paid.
type VoidMarket struct {
	MarketAction
	Reason string // 1 to 500 characters
}

// SwitchRules brings in a later version of the rules. Whoever gives it has made sure that every replica knows that
// version: one that does not stops.
type SwitchRules struct {
	Key     Key
	Version uint32
}

// CommandKind implements Command.
func (*PlaceOrder) CommandKind() CommandKind         { return KindPlaceOrder }
func (*CancelOrder) CommandKind() CommandKind        { return KindCancelOrder }
func (*AmendOrder) CommandKind() CommandKind         { return KindAmendOrder }
func (*MassCancel) CommandKind() CommandKind         { return KindMassCancel }
func (*CreateGroup) CommandKind() CommandKind        { return KindCreateGroup }
func (*ChangeGroup) CommandKind() CommandKind        { return KindChangeGroup }
func (*SetDeadMan) CommandKind() CommandKind         { return KindSetDeadMan }
func (*Register) CommandKind() CommandKind           { return KindRegister }
func (*SetPassword) CommandKind() CommandKind        { return KindSetPassword }
func (*CreateCredential) CommandKind() CommandKind   { return KindCreateCredential }
func (*RevokeCredential) CommandKind() CommandKind   { return KindRevokeCredential }
func (*Deposit) CommandKind() CommandKind            { return KindDeposit }
func (*Withdraw) CommandKind() CommandKind           { return KindWithdraw }
func (*SetLimits) CommandKind() CommandKind          { return KindSetLimits }
func (*CreateMarket) CommandKind() CommandKind       { return KindCreateMarket }
func (*UpdateMarket) CommandKind() CommandKind       { return KindUpdateMarket }
func (*SuspendMarket) CommandKind() CommandKind      { return KindSuspendMarket }
func (*ResumeMarket) CommandKind() CommandKind       { return KindResumeMarket }
func (*CloseMarket) CommandKind() CommandKind        { return KindCloseMarket }
func (*ResolveMarket) CommandKind() CommandKind      { return KindResolveMarket }
func (*VoidMarket) CommandKind() CommandKind         { return KindVoidMarket }
func (*CancelMarketOrders) CommandKind() CommandKind { return KindCancelMarketOrders }
func (*SwitchRules) CommandKind() CommandKind        { return KindSwitchRules }
