package exchange

// Reject is why a command was refused. 0 means that it was not. Where several reasons hold, the one that comes
// first in this list is given. The texts are part of the API: they never change their meaning.
type Reject uint16

// Reasons, ordered by precedence.
const (
	Accepted Reject = iota

	// The command itself.
	RejectMalformed  // not a command of this version
	RejectKeyReused  // the idempotency key was used for something else
	RejectTooManyIDs // no id is left to give

	// Who asks.
	RejectAccountNotFound
	RejectAccountBlocked
	RejectNameTaken
	RejectNameInvalid
	RejectCredentialNotFound
	RejectCredentialExists

	// What it is about.
	RejectMarketNotFound
	RejectOutcomeNotFound
	RejectOrderNotFound // never existed, is another's, or is done
	RejectGroupNotFound
	RejectVersionMismatch
	RejectMarketHalted
	RejectMarketNotOpen
	RejectMarketState // the act does not fit where the market is in its life

	// What it says.
	RejectTextInvalid
	RejectOutcomesInvalid
	RejectTermsInvalid // tick rule, fees, limits, times of a market or group
	RejectRulesImmutable
	RejectValuesInvalid
	RejectAmountOutOfRange
	RejectOptionsConflict // options that contradict each other
	RejectPriceOutOfRange
	RejectPriceOffTick
	RejectQuantityOutOfRange
	RejectQuantityFilled // amended to no more than what is filled
	RejectExpiryPassed

	// What the rules forbid just now.
	RejectGroupTriggered
	RejectTooManyOrders
	RejectPriceOutsideCollar
	RejectNothingToReduce
	RejectPositionLimit
	RejectInsufficientFunds
	RejectPostOnlyCrosses
	RejectUnfillable // fill or kill

	// Between shards. The numbers are in logs, so these stand here and not where they belong.
	RejectFundsElsewhere     // in the place of RejectInsufficientFunds or RejectAccountNotFound; the key is not used up
	RejectTransferOutOfOrder // those before it come first
	RejectMarketExists
	RejectMarketMoving // on its way to another shard; the key is not used up
	RejectMarketMoved  // on another shard, which the Reply's ID names; the key is not used up
	RejectMoveAbandoned

	// Of the guard, likewise at the end.
	RejectExchangeHalted // in the place behind RejectAccountBlocked
	RejectTierTooHigh

	RejectGroupElsewhere // in the place of RejectGroupNotFound; the key is not used up

	// Of acts that need a second operator.
	RejectApprovalNeeded // the last check of an act
	RejectApprovalNotNeeded
	RejectProposalNotFound
	RejectOwnProposal

	rejects
)

// Retry says whether sending the same again can help.
type Retry uint8

// Kinds of retry.
const (
	RetryNever  Retry = iota // the command is wrong as it stands
	RetryChange              // change something (fund the account, take another price) and send it with a new key
	RetryLater               // the same may be accepted later, with a new key
)

type rejectInfo struct {
	code  string
	retry Retry
	text  string
}

var rejectInfos = [rejects]rejectInfo{
	Accepted:                 {"accepted", RetryNever, "The command was accepted."},
	RejectMalformed:          {"malformed", RetryNever, "The command could not be read. Use a client of this version."},
	RejectKeyReused:          {"idempotency_key_reused", RetryChange, "This idempotency key was used for a different request. Use a new key."},
	RejectTooManyIDs:         {"capacity_exhausted", RetryLater, "The exchange cannot hold more of these. Tell the operator."},
	RejectAccountNotFound:    {"account_not_found", RetryNever, "There is no such account."},
	RejectAccountBlocked:     {"account_blocked", RetryLater, "The account is blocked. Contact the operator."},
	RejectNameTaken:          {"name_taken", RetryChange, "Another account has this name. Choose another."},
	RejectNameInvalid:        {"name_invalid", RetryChange, "A name has 3 to 32 of a-z, 0-9, '_', '-' and '.'."},
	RejectCredentialNotFound: {"key_not_found", RetryNever, "There is no such API key."},
	RejectCredentialExists:   {"key_exists", RetryChange, "This API key exists already."},
	RejectMarketNotFound:     {"market_not_found", RetryNever, "There is no such market."},
	RejectOutcomeNotFound:    {"outcome_not_found", RetryNever, "The market has no such outcome."},
	RejectOrderNotFound:      {"order_not_found", RetryNever, "There is no such open order of yours: it may be filled, cancelled or expired."},
	RejectGroupNotFound:      {"group_not_found", RetryNever, "There is no such order group of yours."},
	RejectVersionMismatch:    {"version_mismatch", RetryChange, "It has changed since you read it. Read it again and decide anew."},
	RejectMarketHalted:       {"market_halted", RetryLater, "The market is halted while the operator looks into a fault."},
	RejectMarketNotOpen:      {"market_not_open", RetryLater, "The market does not accept orders now."},
	RejectMarketState:        {"market_state", RetryNever, "This cannot be done at this point of the market's life."},
	RejectTextInvalid:        {"text_invalid", RetryChange, "A text is too short, too long or has characters that are not allowed."},
	RejectOutcomesInvalid:    {"outcomes_invalid", RetryChange, "A categorical market has 2 to 64 distinct outcomes of 1 to 100 characters."},
	RejectTermsInvalid:       {"terms_invalid", RetryChange, "Tick sizes, fees, limits or times are out of range."},
	RejectRulesImmutable:     {"rules_immutable", RetryNever, "The rules cannot change once an order was accepted."},
	RejectValuesInvalid:      {"settlement_values_invalid", RetryChange, "Give one value from 0 to 1 for each outcome; those of a categorical market add up to 1."},
	RejectAmountOutOfRange:   {"amount_out_of_range", RetryChange, "The amount is zero, negative or too large."},
	RejectOptionsConflict:    {"options_conflict", RetryChange, "These order options cannot be combined."},
	RejectPriceOutOfRange:    {"price_out_of_range", RetryChange, "A price is above 0 and below 1."},
	RejectPriceOffTick:       {"price_off_tick", RetryChange, "The price is not a multiple of the market's tick size there."},
	RejectQuantityOutOfRange: {"quantity_out_of_range", RetryChange, "A quantity is a whole number from 1 to 1,000,000."},
	RejectQuantityFilled:     {"quantity_already_filled", RetryChange, "That many contracts are filled already. Cancel the order instead."},
	RejectExpiryPassed:       {"expiry_passed", RetryChange, "The order would have expired already."},
	RejectGroupTriggered:     {"group_triggered", RetryLater, "The order group passed its limit. Reset it first."},
	RejectTooManyOrders:      {"too_many_orders", RetryLater, "The account has as many open orders as it may. Cancel some."},
	RejectPriceOutsideCollar: {"price_outside_collar", RetryChange, "The price is too far from the last trade."},
	RejectNothingToReduce:    {"nothing_to_reduce", RetryNever, "A reduce-only order needs a position to close."},
	RejectPositionLimit:      {"position_limit", RetryChange, "The order could take the account above the market's position limit."},
	RejectInsufficientFunds:  {"insufficient_funds", RetryChange, "The account's free cash does not cover the order and its highest possible fee."},
	RejectPostOnlyCrosses:    {"post_only_crosses", RetryChange, "The order would trade at once, and it is post-only."},
	RejectFundsElsewhere:     {"funds_elsewhere", RetryLater, "The account's cash is on another shard and has to come here first."},
	RejectTransferOutOfOrder: {"transfer_out_of_order", RetryLater, "The transfers before this one have to come first."},
	RejectMarketExists:       {"market_exists", RetryChange, "Another market has this id."},
	RejectMarketMoving:       {"market_moving", RetryLater, "The market is on its way to another machine. Send the same again."},
	RejectMarketMoved:        {"market_moved", RetryLater, "The market is on another shard. Send the same there."},
	RejectMoveAbandoned:      {"move_abandoned", RetryNever, "The move was given up, or what came is not a market."},
	RejectExchangeHalted:     {"exchange_halted", RetryLater, "The operator has halted the exchange: no orders are taken. Cancels are."},
	RejectTierTooHigh:        {"tier_too_high", RetryChange, "A key's tier is at most that of its account."},
	RejectGroupElsewhere:     {"group_elsewhere", RetryLater, "The order group has to be made known on this shard first. Send the same again."},
	RejectApprovalNeeded:     {"approval_needed", RetryNever, "Two operators have to agree to this: one proposes it, another approves it."},
	RejectApprovalNotNeeded:  {"approval_not_needed", RetryLater, "This needs no second operator any more. Send it again with a new key."},
	RejectProposalNotFound:   {"proposal_not_found", RetryNever, "No such proposal waits: it was never made, is decided, or has lapsed."},
	RejectOwnProposal:        {"own_proposal", RetryNever, "Another operator than the one who proposed it has to approve it."},
	RejectUnfillable:         {"fill_or_kill_unfilled", RetryLater, "The order could not be filled in full at once."},
}

// String returns the stable code, such as "insufficient_funds".
func (r Reject) String() string {
	if r < rejects {
		return rejectInfos[r].code
	}
	return "unknown"
}

// Text returns a sentence that says what happened and what to do.
func (r Reject) Text() string {
	if r < rejects {
		return rejectInfos[r].text
	}
	return "The command was refused for a reason that this version does not know."
}

// Retry says whether sending the same again can help.
func (r Reject) Retry() Retry {
	if r < rejects {
		return rejectInfos[r].retry
	}
	return RetryNever
}

// Rejects returns all codes, for catalogues and tests.
func Rejects() []Reject {
	all := make([]Reject, 0, rejects-1)
	for r := Accepted + 1; r < rejects; r++ {
		all = append(all, r)
	}
	return all
}
