package exchange

// An Event is a committed fact. Its Seq is its place in the journal, and its time is that of the batch it belongs
// to. Strings and slices in a decoded event may alias the bytes it was decoded from.
//
// Every event that moves money says so completely: folding the events over nothing gives the state. A field named
// Cash is the account's free cash after the event.
type Event interface{ EventKind() EventKind }

// EventKind numbers the events in the journal. Numbers are never reused.
type EventKind uint8

// Kinds of event.
const (
	KindOrderPlaced EventKind = iota + 1
	KindOrderMatched
	KindOrderCancelled
	KindOrderExpired
	KindOrderReduced
	KindOrderAmended
	KindOrderRejected
	KindCommandRejected
	KindPositionOpened
	KindPositionClosed
	KindMassCancelAccepted
	KindGroupCreated
	KindGroupChanged
	KindDeadManSet
	KindAccountRegistered
	KindPasswordSet
	KindCredentialCreated
	KindCredentialRevoked
	KindFundsDeposited
	KindFundsWithdrawn
	KindLimitsSet
	KindMarketCreated
	KindMarketUpdated
	KindMarketSuspended
	KindMarketResumed
	KindMarketClosed
	KindMarketResolved
	KindMarketVoided
	KindMarketSettled
	KindMarketHalted
	KindMarketOrdersCancelled
	KindPayoutIssued
	KindRefundIssued
	KindOrderRested
	KindRulesSwitched
	KindTransferSent
	KindTransferReceived
	KindTransferReleased
	KindMarketFrozen
	KindMarketThawed
	KindMarketPartAdopted
	KindMarketPartDropped
	KindPlacementSet
	KindTierSet
	KindSessionsEnded
	KindHaltSet
	KindOperatorActed
	KindGroupSet
	KindGroupCounted
	KindApprovalsSet
	KindActProposed
	KindActDecided
	eventKinds
)

// OrderPlaced says that an order was accepted. An order that meets nothing rests at once: Resting contracts, for which
// Hold was taken from the account's cash. Otherwise Resting and Hold are 0, its trades follow, and an OrderRested or
// OrderCancelled says what became of the rest. Its Closing contracts are reserved from now on.
type OrderPlaced struct {
	Market      MarketID
	Order       OrderID
	Account     AccountID
	Price       Price
	Outcome     Outcome
	Side        Side
	TimeInForce TimeInForce
	SelfTrade   SelfTrade
	Flags       OrderFlags
	Quantity    Quantity // as ordered
	Closing     Quantity // contracts of it that close a position; fills use these first
	Resting     Quantity // contracts that rest at once, closing part included
	Group       GroupID
	Hold        Money
	Cash        Money
	MaxCost     Money
	ExpireAt    Time
	ClientID    []byte
}

// OrderRested says that what its trades left of an arriving order rests now.
type OrderRested struct {
	Market  MarketID
	Outcome Outcome
	Order   OrderID
	Account AccountID
	Resting Quantity
	Hold    Money
	Cash    Money
}

// OrderMatched is a trade: the taker's order met a resting one, at the resting order's price.
//
// Of each side's Quantity the first Closing contracts closed the opposite contract and the rest opened a new one.
// The buyer pays Price for each Yes it opens and receives 1 − Price for each No it closes; the seller pays 1 − Price
// for each No it opens and receives Price for each Yes it closes. Merged pairs of free Yes and No turn into 1.0000
// of cash each. Fees go to the market's fee account. The maker pays its opening part and fee out of MakerHold, the
// rest of which returns to its cash; the taker pays from cash.
type OrderMatched struct {
	Market       MarketID
	Outcome      Outcome
	TakerSide    Side
	Price        Price
	Quantity     Quantity
	Maker        OrderID
	Taker        OrderID
	MakerAccount AccountID
	TakerAccount AccountID
	MakerFee     Money // 0 to 2³²−1
	TakerFee     Money // 0 to 2³²−1
	MakerClosing Quantity
	TakerClosing Quantity
	MakerMerged  Quantity
	TakerMerged  Quantity
	MakerHold    Money // what the maker's hold shrank by
	MakerCash    Money
	TakerCash    Money // after the maker's side, where both are one account
}

// Release is what leaving the book without a trade does: Quantity contracts go, their hold returns to cash, the
// contracts that they had reserved are free again, and pairs that this frees are merged.
type Release struct {
	Market       MarketID
	Outcome      Outcome
	Order        OrderID
	Account      AccountID
	Quantity     Quantity // contracts that left
	Remaining    Quantity // contracts that may still trade; 0 but for OrderReduced
	HoldReleased Money
	Merged       Quantity
	Cash         Money
}

// OrderCancelled says that what was left of an order will not trade. An order that never rested, such as the rest of an
// immediate one, had no hold.
type OrderCancelled struct {
	Release
	Reason CancelReason
}

// OrderExpired says that an order reached its ExpireAt.
type OrderExpired struct{ Release }

// OrderReduced says that some contracts of a resting or arriving order will not trade, and Remaining still may: those
// that a reduce-only order would have opened, or that self-trade prevention took. They come out of its opening part
// first.
type OrderReduced struct {
	Release
	Reason CancelReason
}

// OrderAmended says that an order has a new price or quantity. The old hold and reservation were given back and the new
// ones taken. An order that lost its place arrives anew: like OrderPlaced it tells what rests at once.
type OrderAmended struct {
	Market       MarketID
	Outcome      Outcome
	Order        OrderID
	Account      AccountID
	Price        Price
	Quantity     Quantity // total, filled contracts included
	Closing      Quantity // of what is open when the event happens
	Resting      Quantity
	Hold         Money
	Merged       Quantity // pairs that the released reservation freed
	Cash         Money
	LostPriority bool
}

// OrderRejected says that an order was refused.
type OrderRejected struct {
	Market   MarketID
	Outcome  Outcome
	Account  AccountID
	Side     Side
	Flags    OrderFlags
	Price    Price
	Quantity Quantity
	Code     Reject
	ClientID []byte
}

// CommandRejected says that another command was refused.
type CommandRejected struct {
	Account AccountID
	Market  MarketID
	Order   OrderID
	Command CommandKind
	Code    Reject
}

// PositionOpened says that an account without contracts of an outcome has some.
type PositionOpened struct {
	Account AccountID
	Market  MarketID
	Outcome Outcome
}

// PositionClosed says that an account has no contracts of an outcome any more.
type PositionClosed struct {
	Account AccountID
	Market  MarketID
	Outcome Outcome
	Paid    Money // what the account paid for this outcome, fees included, less what it received, since the market opened
}

// MassCancelAccepted says that an account's orders up to Below (exclusive) can no longer trade; each is cancelled by
// an event of its own soon after.
type MassCancelAccepted struct {
	Account AccountID
	Market  MarketID
	Group   GroupID
	Below   OrderID
	Reason  CancelReason
}

// GroupCreated says that an order group exists.
type GroupCreated struct {
	Account AccountID
	Group   GroupID
	Limit   Quantity
	Window  Duration
}

// GroupChanged says that a group was reset, triggered (by hand or by its fills) or deleted.
type GroupChanged struct {
	Account AccountID
	Group   GroupID
	Action  GroupAction
	ByFills bool
}

// DeadManSet says when an account's orders will be cancelled unless it renews its switch; 0: never.
type DeadManSet struct {
	Account  AccountID
	Deadline Time
}

// AccountRegistered says that an account exists.
type AccountRegistered struct {
	Account      AccountID
	Name         string
	PasswordHash string
}

// PasswordSet says that an account's password hash was replaced.
type PasswordSet struct {
	Account      AccountID
	PasswordHash string
}

// CredentialCreated says that a secret with this hash speaks for the account.
type CredentialCreated struct {
	Account     AccountID
	Credential  CredentialID
	Hash        [32]byte
	Permissions Permission
	Session     bool
	ExpireAt    Time
	Label       string
	Tier        Tier // since version 2, as the next two
	Scheme      Scheme
	Addresses   string
}

// CredentialRevoked says that a credential ended before its time.
type CredentialRevoked struct {
	Account    AccountID
	Credential CredentialID
}

// FundsDeposited says that money came in. Repaid of it went to the house, for a receivable of an earlier void.
type FundsDeposited struct {
	Account   AccountID
	Amount    Money
	Repaid    Money
	Cash      Money
	Reference string // since version 2
}

// FundsWithdrawn says that money went out.
type FundsWithdrawn struct {
	Account   AccountID
	Amount    Money
	Cash      Money
	Reference string
}

// LimitsSet says what an account may do from now on.
type LimitsSet struct {
	Account       AccountID
	Version       uint32
	MaxOpenOrders uint32
	Blocked       bool
}

// MarketCreated says that a market is open.
type MarketCreated struct {
	Market MarketID
	Spec   MarketSpec
}

// MarketUpdated carries the texts and the close time as they are from now on.
type MarketUpdated struct {
	Market   MarketID
	Version  uint32
	Question string
	Rules    string
	CloseAt  Time
}

// MarketChanged is the body of the simple events in a market's life.
type MarketChanged struct {
	Market  MarketID
	Version uint32
}

// MarketSuspended says that only cancels are accepted.
type MarketSuspended struct{ MarketChanged }

// MarketResumed says that the market trades again.
type MarketResumed struct{ MarketChanged }

// MarketClosed says that trading has ended.
type MarketClosed struct{ MarketChanged }

// MarketOrdersCancelled says that the operator cancels all resting orders; each is cancelled by its own event.
type MarketOrdersCancelled struct {
	MarketChanged
	Below OrderID
}

// MarketResolved says what each outcome pays, from PayAfter on.
type MarketResolved struct {
	MarketChanged
	Values   []Price
	PayAfter Time
	Source   string
	Evidence string
}

// MarketVoided says that everything paid in the market will be refunded.
type MarketVoided struct {
	MarketChanged
	Reason string
}

// MarketSettled says that every payout, or after a void every refund, was made. Fees went from the market's fee
// account to the house.
type MarketSettled struct {
	MarketChanged
	Void bool
	Fees Money
}

// MarketHalted says that an invariant of the market was found broken. Nothing in it changes any more.
type MarketHalted struct {
	MarketChanged
	Invariant uint8 // as numbered in Invariant
	Detail    string
}

// PayoutIssued says that a position was paid out: Amount from the market's escrow to the account's cash.
type PayoutIssued struct {
	Account AccountID
	Market  MarketID
	Outcome Outcome
	Yes     Quantity
	No      Quantity
	Amount  Money
	Cash    Money
}

// RefundIssued says that an account's dealings in a voided market were reversed. A positive Amount went from escrow
// (Fees of it from the market's fee account) to cash. A negative one went from cash to escrow, but for Receivable
// of it, which the account owes the house.
type RefundIssued struct {
	Account    AccountID
	Market     MarketID
	Amount     Money
	Fees       Money
	Receivable Money
	Cash       Money
}

// RulesSwitched says that the rules of this version hold from now on.
type RulesSwitched struct{ Version uint32 }

// EventKind implements Event.
func (*OrderPlaced) EventKind() EventKind           { return KindOrderPlaced }
func (*OrderMatched) EventKind() EventKind          { return KindOrderMatched }
func (*OrderCancelled) EventKind() EventKind        { return KindOrderCancelled }
func (*OrderExpired) EventKind() EventKind          { return KindOrderExpired }
func (*OrderReduced) EventKind() EventKind          { return KindOrderReduced }
func (*OrderAmended) EventKind() EventKind          { return KindOrderAmended }
func (*OrderRejected) EventKind() EventKind         { return KindOrderRejected }
func (*CommandRejected) EventKind() EventKind       { return KindCommandRejected }
func (*PositionOpened) EventKind() EventKind        { return KindPositionOpened }
func (*PositionClosed) EventKind() EventKind        { return KindPositionClosed }
func (*MassCancelAccepted) EventKind() EventKind    { return KindMassCancelAccepted }
func (*GroupCreated) EventKind() EventKind          { return KindGroupCreated }
func (*GroupChanged) EventKind() EventKind          { return KindGroupChanged }
func (*DeadManSet) EventKind() EventKind            { return KindDeadManSet }
func (*AccountRegistered) EventKind() EventKind     { return KindAccountRegistered }
func (*PasswordSet) EventKind() EventKind           { return KindPasswordSet }
func (*CredentialCreated) EventKind() EventKind     { return KindCredentialCreated }
func (*CredentialRevoked) EventKind() EventKind     { return KindCredentialRevoked }
func (*FundsDeposited) EventKind() EventKind        { return KindFundsDeposited }
func (*FundsWithdrawn) EventKind() EventKind        { return KindFundsWithdrawn }
func (*LimitsSet) EventKind() EventKind             { return KindLimitsSet }
func (*MarketCreated) EventKind() EventKind         { return KindMarketCreated }
func (*MarketUpdated) EventKind() EventKind         { return KindMarketUpdated }
func (*MarketSuspended) EventKind() EventKind       { return KindMarketSuspended }
func (*MarketResumed) EventKind() EventKind         { return KindMarketResumed }
func (*MarketClosed) EventKind() EventKind          { return KindMarketClosed }
func (*MarketResolved) EventKind() EventKind        { return KindMarketResolved }
func (*MarketVoided) EventKind() EventKind          { return KindMarketVoided }
func (*MarketSettled) EventKind() EventKind         { return KindMarketSettled }
func (*MarketHalted) EventKind() EventKind          { return KindMarketHalted }
func (*MarketOrdersCancelled) EventKind() EventKind { return KindMarketOrdersCancelled }
func (*PayoutIssued) EventKind() EventKind          { return KindPayoutIssued }
func (*RefundIssued) EventKind() EventKind          { return KindRefundIssued }
func (*OrderRested) EventKind() EventKind           { return KindOrderRested }
func (*RulesSwitched) EventKind() EventKind         { return KindRulesSwitched }
