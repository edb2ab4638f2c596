package exchange

// An operator's strongest acts may need a second one: what one proposes is done when another approves it. Operators are told apart by
// the accounts of their keys; whoever has the admin key itself is one of them, account 0.

// ProposalLife is how long a proposal waits before it lapses.
const ProposalLife = Duration(24 * 3600e9)

// MaxProposals bounds how many proposals wait on a shard.
const MaxProposals = 100

// ProposalID names a proposal. On each shard ids are dense from 1.
type ProposalID uint64

// Approvals says which acts need a second operator. The zero value: none.
type Approvals struct {
	Reversals   bool  // resolving a resolved market again with other values, and voiding one
	Withdrawals Money // withdrawals of more than this, up to MaxAmount; 0: none
}

// Weaker reports whether something needs a second operator under other that does not under a.
func (a Approvals) Weaker(other Approvals) bool {
	return other.Reversals && !a.Reversals || other.Withdrawals != 0 && (a.Withdrawals == 0 || a.Withdrawals > other.Withdrawals)
}

// Withdrawal reports whether a withdrawal needs a second operator.
func (a Approvals) Withdrawal(amount Money) bool { return a.Withdrawals != 0 && amount > a.Withdrawals }

// SetApprovals sets which acts need a second operator. Weakening what holds is such an act itself.
type SetApprovals struct {
	Key Key
	Approvals
	Followed bool // the home shard holds it so: what it takes to get there was asked for there
}

// ProposeAct keeps an act for another operator to approve. It is refused as the act would be, and with RejectApprovalNotNeeded where the
// act needs nobody else. The Reply's ID is the proposal, and its Version that of the act's market.
type ProposeAct struct {
	Account    AccountID // whose key it is; 0: the admin key itself
	Key        Key
	Credential CredentialID
	Act        []byte // the frame of a ResolveMarket, VoidMarket, Withdraw or SetApprovals without a key
}

// DecideAct approves a proposal, whose act is done then, or rejects it. An approval of what cannot be done is refused as the act
// would be, and the proposal stays. The Reply's ID is the proposal.
type DecideAct struct {
	Account    AccountID
	Key        Key
	Credential CredentialID
	Proposal   ProposalID
	Approve    bool
}

// CommandKind implements Command.
func (*SetApprovals) CommandKind() CommandKind { return KindSetApprovals }
func (*ProposeAct) CommandKind() CommandKind   { return KindProposeAct }
func (*DecideAct) CommandKind() CommandKind    { return KindDecideAct }

// Verdict is what became of a proposal.
type Verdict uint8

// Verdicts.
const (
	ProposalApproved Verdict = iota
	ProposalRejected
	ProposalLapsed
)

// ApprovalsSet says which acts need a second operator from now on.
type ApprovalsSet struct{ Approvals }

// ActProposed says that an act waits for another operator. If it is about a market, the act names the market's version.
type ActProposed struct {
	Account    AccountID // 0: whoever has the admin key
	Credential CredentialID
	Proposal   ProposalID
	LapseAt    Time
	Act        []byte // frame of the command
}

// ActDecided says that a proposal waits no more. What an approved act does follows.
type ActDecided struct {
	Account    AccountID // who decided; none if it lapsed
	Credential CredentialID
	Proposal   ProposalID
	Verdict    Verdict
}

// EventKind implements Event.
func (*ApprovalsSet) EventKind() EventKind { return KindApprovalsSet }
func (*ActProposed) EventKind() EventKind  { return KindActProposed }
func (*ActDecided) EventKind() EventKind   { return KindActDecided }
