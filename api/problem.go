package api

import "github.com/hustings/hustings/exchange"

// ProblemType is the content type of errors (RFC 9457).
const ProblemType = "application/problem+json"

// Words that say whether sending a refused request again can help.
const (
	RetryNever  = "never"  // it is wrong as it stands
	RetryChange = "change" // after changing something, with a new idempotency key
	RetryLater  = "later"  // unchanged: after a 5xx or no answer with the same key, else with a new one
)

// Problem is the body of every answer that is not a success.
type Problem struct {
	Type   string `json:"type"`           // names the code: where the catalogue of errors explains it, relative to this exchange
	Title  string `json:"title"`          // of the code, always the same
	Status int    `json:"status"`         // the HTTP status
	Detail string `json:"detail"`         // what happened here and what to do
	Code   string `json:"code"`           // stable; decide by it
	Retry  string `json:"retry"`          // "never", "change" or "later"
	Field  string `json:"field,omitzero"` // the part of the request that is wrong, such as "orders[3].price"
	Seq    ID     `json:"seq,omitzero"`   // where the refusal is recorded, if the exchange decided it
}

// ProblemURI is what Type is for a code. It has no host, for an exchange does not know by which names it is reached; relative to
// the request's own address it leads to the exchange's page.
func ProblemURI(code string) string { return PathErrors + "#" + code }

// Code is a reason that the gateway has itself, before or beside the exchange's own.
type Code struct {
	Code   string
	Status int
	Retry  string
	Title  string
}

// Codes of the gateway. Their meaning never changes.
var (
	CodeMalformedJSON        = Code{"malformed_json", 400, RetryNever, "The body is not one JSON value of UTF-8 text."}
	CodeUnknownField         = Code{"unknown_field", 400, RetryNever, "The request has a field that this API does not know."}
	CodeDuplicateField       = Code{"duplicate_field", 400, RetryNever, "The request has a field twice."}
	CodeMissingField         = Code{"missing_field", 400, RetryNever, "The request lacks a field."}
	CodeInvalidField         = Code{"invalid_field", 400, RetryNever, "A field of the request cannot be used."}
	CodeInvalidQuery         = Code{"invalid_query", 400, RetryNever, "A query parameter cannot be used."}
	CodeKeyRequired          = Code{"idempotency_key_required", 400, RetryNever, "Repeating this would do it twice: send an Idempotency-Key."}
	CodeKeyInvalid           = Code{"idempotency_key_invalid", 400, RetryNever, "An idempotency key has 1 to 64 printable ASCII characters."}
	CodeIfMatchInvalid       = Code{"if_match_invalid", 400, RetryNever, `If-Match carries one version as this API gave it, such as "3".`}
	CodeUnauthenticated      = Code{"unauthenticated", 401, RetryNever, "Send a valid API key: Authorization: Bearer pm_…"}
	CodeSignatureInvalid     = Code{"signature_invalid", 401, RetryNever, "The signature is not one of this request by this key. See docs/formats/signature.md."}
	CodeTimestampOutOfWindow = Code{"timestamp_out_of_window", 401, RetryLater, "The time of the signature is too far from the exchange's. Set your clock, and sign anew."}
	CodeNonceUsed            = Code{"nonce_used", 401, RetryLater, "This signed request was sent before. Sign anew, with a new nonce and the same Idempotency-Key."}
	CodeAddressNotAllowed    = Code{"address_not_allowed", 403, RetryNever, "This API key may not be used from this address."}
	CodeRulesTooOld          = Code{"rules_too_old", 409, RetryLater, "The rules that hold do not know this yet. The operator switches later ones on: hustings cluster upgrade."}
	CodeLoginFailed          = Code{"login_failed", 401, RetryChange, "There is no account with this name and password."}
	CodeForbidden            = Code{"forbidden", 403, RetryNever, "This API key does not permit that."}
	CodeDisabled             = Code{"disabled", 403, RetryNever, "The operator has switched this off."}
	CodeNotFound             = Code{"not_found", 404, RetryNever, "There is nothing here."}
	CodeMethodNotAllowed     = Code{"method_not_allowed", 405, RetryNever, "This cannot be done with that method. See the header Allow."}
	CodeBodyTooLarge         = Code{"body_too_large", 413, RetryNever, "The body is larger than 64 KiB."}
	CodeTooManyHeaders       = Code{"too_many_headers", 431, RetryNever, "The request has more than 100 headers."}
	CodeOverBurst            = Code{"over_burst", 422, RetryChange, "That is more at once than your limit ever allows. Send less in a request."}
	CodeRateLimited          = Code{"rate_limited", 429, RetryLater, "You have sent too much in a short time. Wait for as long as Retry-After says."}
	CodePenaltyBox           = Code{"penalty_box", 429, RetryLater, "You went on sending while you were refused, and are shut out for as long as Retry-After says."}
	CodeMediaType            = Code{"unsupported_media_type", 415, RetryNever, "Send JSON, not compressed, with Content-Type: application/json."}
	CodeInternal             = Code{"internal", 500, RetryLater, "The exchange made a mistake. It has been logged."}
	CodeNotCaughtUp          = Code{"not_caught_up", 503, RetryLater, "What was asked for is not visible here yet."}
	CodeOverloaded           = Code{"overloaded", 503, RetryLater, "The exchange has too much to do. Nothing was done."}
	CodeUnavailable          = Code{"unavailable", 503, RetryLater, "The exchange cannot say whether this was done. Send the same again with the same key."}
	CodeTimeOutOfRange       = Code{"time_out_of_range", 422, RetryChange, "The time lies before the exchange began or in the future."}
	CodeHistoryUnavailable   = Code{"history_unavailable", 503, RetryLater, "The journal cannot be read here now."}

	CodeNoCluster      = Code{"no_cluster", 404, RetryNever, "This exchange is one node: it has no members to show or change."}
	CodeMemberNotFound = Code{"member_not_found", 404, RetryNever, "That node is not a member."}
	CodeMemberLags     = Code{"member_lags", 409, RetryLater, "That node has not caught up with the leader yet."}
	CodeQuorumAtRisk   = Code{"quorum_at_risk", 409, RetryChange, "Without that node no majority of the voters would be there."}
	CodeChangeUnderWay = Code{"change_under_way", 409, RetryLater, "Another change of members is under way."}
	CodeNotLost        = Code{"not_lost", 409, RetryChange, "The lost nodes that are named are not the ones that are lost."}
	CodeSeizeElsewhere = Code{"seize_elsewhere", 409, RetryChange, "Another survivor has more of the log. Ask that one."}
	CodeRulesUnknown   = Code{"rules_unknown", 409, RetryLater, "Not every member knows these rules."}
	CodeNotLeader      = Code{"not_leader", 409, RetryLater, "Another node leads. Ask that one."}
	CodeNoLeader       = Code{"no_leader", 503, RetryLater, "No node leads now: no majority of the voters is there."}

	CodeNoShards             = Code{"no_shards", 404, RetryNever, "This exchange has no shards to show or change."}
	CodeShardNotFound        = Code{"shard_not_found", 404, RetryNever, "There is no such shard."}
	CodeShardOutOfOrder      = Code{"shard_out_of_order", 422, RetryChange, "Shards are numbered without gaps."}
	CodeTooManyShards        = Code{"too_many_shards", 409, RetryNever, "An exchange has at most 64 shards."}
	CodeLastShard            = Code{"last_shard", 409, RetryChange, "No other shard would take the markets."}
	CodeMarketStays          = Code{"market_stays", 409, RetryNever, "That market has ended and stays where it is."}
	CodeTooManyKeys          = Code{"too_many_keys", 409, RetryNever, "The account has had as many API keys as it may."}
	CodeTooManySubscriptions = Code{"too_many_subscriptions", 409, RetryChange, "A connection has too many subscriptions. Spread them over several."}
	CodeNotKept              = Code{"not_kept", 410, RetryNever, "What was asked for is not kept any more. Subscribe again and take the image."}

	CodeTooManyPut = Code{"too_many_markets_put", 409, RetryChange, "Too many markets were put somewhere else than where their ids place them."}
)

// Codes returns all codes of the gateway, for catalogues and tests.
func Codes() []Code {
	return []Code{
		CodeMalformedJSON, CodeUnknownField, CodeDuplicateField, CodeMissingField, CodeInvalidField, CodeInvalidQuery,
		CodeKeyRequired, CodeKeyInvalid, CodeIfMatchInvalid, CodeUnauthenticated, CodeSignatureInvalid, CodeTimestampOutOfWindow,
		CodeNonceUsed, CodeAddressNotAllowed, CodeRulesTooOld, CodeLoginFailed, CodeForbidden,
		CodeDisabled, CodeNotFound, CodeMethodNotAllowed, CodeBodyTooLarge, CodeTooManyHeaders, CodeOverBurst, CodeRateLimited,
		CodePenaltyBox, CodeMediaType, CodeInternal,
		CodeNotCaughtUp, CodeOverloaded, CodeUnavailable, CodeTimeOutOfRange, CodeHistoryUnavailable,
		CodeNoCluster, CodeMemberNotFound, CodeMemberLags, CodeQuorumAtRisk, CodeChangeUnderWay,
		CodeNotLost, CodeSeizeElsewhere, CodeRulesUnknown, CodeNotLeader, CodeNoLeader,
		CodeNoShards, CodeShardNotFound, CodeShardOutOfOrder, CodeTooManyShards, CodeLastShard, CodeMarketStays, CodeTooManyPut,
		CodeTooManyKeys, CodeTooManySubscriptions, CodeNotKept,
	}
}

// Problem makes the answer for a code. Detail may be empty: then it is the title.
func (c Code) Problem(field, detail string) *Problem {
	if detail == "" {
		detail = c.Title
	}
	return &Problem{
		Type: ProblemURI(c.Code), Title: c.Title, Status: c.Status, Detail: detail, Code: c.Code, Retry: c.Retry, Field: field,
	}
}

// rejectStatus gives each refusal of the exchange its HTTP status: 404 for what is not there, 409 for what the state
// forbids, 412 for a stale version, 422 for what is wrong in itself, 402 for lack of funds.
var rejectStatus = map[exchange.Reject]int{
	exchange.RejectMalformed:          400,
	exchange.RejectKeyReused:          422,
	exchange.RejectTooManyIDs:         503,
	exchange.RejectAccountNotFound:    404,
	exchange.RejectAccountBlocked:     403,
	exchange.RejectNameTaken:          409,
	exchange.RejectNameInvalid:        422,
	exchange.RejectCredentialNotFound: 404,
	exchange.RejectCredentialExists:   409,
	exchange.RejectMarketNotFound:     404,
	exchange.RejectOutcomeNotFound:    422,
	exchange.RejectOrderNotFound:      404,
	exchange.RejectGroupNotFound:      404,
	exchange.RejectVersionMismatch:    412,
	exchange.RejectMarketHalted:       409,
	exchange.RejectMarketNotOpen:      409,
	exchange.RejectMarketState:        409,
	exchange.RejectTextInvalid:        422,
	exchange.RejectOutcomesInvalid:    422,
	exchange.RejectTermsInvalid:       422,
	exchange.RejectRulesImmutable:     409,
	exchange.RejectValuesInvalid:      422,
	exchange.RejectAmountOutOfRange:   422,
	exchange.RejectOptionsConflict:    422,
	exchange.RejectPriceOutOfRange:    422,
	exchange.RejectPriceOffTick:       422,
	exchange.RejectQuantityOutOfRange: 422,
	exchange.RejectQuantityFilled:     409,
	exchange.RejectExpiryPassed:       422,
	exchange.RejectGroupTriggered:     409,
	exchange.RejectTooManyOrders:      409,
	exchange.RejectPriceOutsideCollar: 422,
	exchange.RejectNothingToReduce:    409,
	exchange.RejectPositionLimit:      409,
	exchange.RejectInsufficientFunds:  402,
	exchange.RejectPostOnlyCrosses:    409,
	exchange.RejectUnfillable:         409,

	exchange.RejectFundsElsewhere: 409, exchange.RejectGroupElsewhere: 409, exchange.RejectTransferOutOfOrder: 409, exchange.RejectMarketExists: 409,
	exchange.RejectExchangeHalted: 409, exchange.RejectTierTooHigh: 422,
	exchange.RejectApprovalNeeded: 409, exchange.RejectApprovalNotNeeded: 409, exchange.RejectProposalNotFound: 404, exchange.RejectOwnProposal: 409,
	exchange.RejectMarketMoving: 409, exchange.RejectMarketMoved: 409, exchange.RejectMoveAbandoned: 409,
}

// RejectStatus returns the HTTP status of a refusal of the exchange. One that this version does not know is a 422.
func RejectStatus(r exchange.Reject) int {
	if s, ok := rejectStatus[r]; ok {
		return s
	}
	return 422
}

var retryWords = [...]string{
	exchange.RetryNever: RetryNever, exchange.RetryChange: RetryChange, exchange.RetryLater: RetryLater,
}

// RejectProblem makes the answer for a refusal of the exchange, recorded at seq (0: not recorded).
func RejectProblem(r exchange.Reject, seq exchange.Seq, field string) *Problem {
	return &Problem{
		Type: ProblemURI(r.String()), Title: r.Text(), Status: RejectStatus(r), Detail: r.Text(), Code: r.String(),
		Retry: retryWords[r.Retry()], Field: field, Seq: ID(seq),
	}
}
