package openapi

import (
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// Codes of refusals that many routes have in common.
var (
	anyRoute = codes(api.CodeInternal, api.CodeInvalidQuery, api.CodeBodyTooLarge, api.CodeMediaType, api.CodeMalformedJSON,
		api.CodeUnknownField, api.CodeDuplicateField, api.CodeInvalidField, api.CodeTooManyHeaders, api.CodeRateLimited, api.CodePenaltyBox,
		api.CodeOverloaded)
	signed          = codes(api.CodeUnauthenticated, api.CodeAddressNotAllowed, api.CodeSignatureInvalid, api.CodeTimestampOutOfWindow, api.CodeNonceUsed)
	needsCredential = slices.Concat(signed, codes(api.CodeForbidden))
	needsOperator   = signed
	hasBody         = codes(api.CodeMissingField)
	reads           = codes(api.CodeNotCaughtUp)
	fromJournal     = codes(api.CodeHistoryUnavailable)
	mutates         = codes(api.CodeKeyInvalid, api.CodeIfMatchInvalid, api.CodeOverloaded, api.CodeUnavailable)
	commands        = rejects(exchange.RejectMalformed, exchange.RejectKeyReused, exchange.RejectTooManyIDs)

	ofTrader = rejects(exchange.RejectAccountNotFound, exchange.RejectAccountBlocked)
	ofMarket = rejects(exchange.RejectMarketNotFound, exchange.RejectMarketHalted, exchange.RejectMarketState,
		exchange.RejectVersionMismatch, exchange.RejectMarketMoving, exchange.RejectMarketMoved)
	ofGroup = rejects(exchange.RejectAccountNotFound, exchange.RejectGroupNotFound, exchange.RejectAccountBlocked)
	ofOrder = slices.Concat(ofTrader, rejects(exchange.RejectExchangeHalted, exchange.RejectMarketNotFound, exchange.RejectOutcomeNotFound, exchange.RejectGroupNotFound,
		exchange.RejectMarketHalted, exchange.RejectMarketNotOpen, exchange.RejectAmountOutOfRange, exchange.RejectOptionsConflict,
		exchange.RejectPriceOutOfRange, exchange.RejectPriceOffTick, exchange.RejectQuantityOutOfRange, exchange.RejectExpiryPassed,
		exchange.RejectGroupTriggered, exchange.RejectTooManyOrders, exchange.RejectPriceOutsideCollar, exchange.RejectNothingToReduce,
		exchange.RejectPositionLimit, exchange.RejectInsufficientFunds, exchange.RejectPostOnlyCrosses, exchange.RejectUnfillable,
		exchange.RejectFundsElsewhere, exchange.RejectGroupElsewhere, exchange.RejectMarketMoving, exchange.RejectMarketMoved))
	ofMoney     = slices.Concat(ofTrader, rejects(exchange.RejectAmountOutOfRange, exchange.RejectInsufficientFunds, exchange.RejectFundsElsewhere))
	ofProposing = slices.Concat(reads, rejects(exchange.RejectApprovalNotNeeded))
	ofKeys      = rejects(exchange.RejectAccountNotFound, exchange.RejectCredentialExists, exchange.RejectCredentialNotFound,
		exchange.RejectExpiryPassed, exchange.RejectTermsInvalid, exchange.RejectTextInvalid)
	newKeys   = slices.Concat(ofKeys, codes(api.CodeRulesTooOld), rejects(exchange.RejectTierTooHigh))
	ofPast    = slices.Concat(fromJournal, codes(api.CodeTimeOutOfRange, api.CodeOverloaded), rejects(exchange.RejectMarketNotFound))
	ofCluster = codes(api.CodeNoCluster, api.CodeMemberNotFound, api.CodeMemberLags, api.CodeQuorumAtRisk, api.CodeChangeUnderWay,
		api.CodeNotLost, api.CodeSeizeElsewhere, api.CodeRulesUnknown, api.CodeNotLeader, api.CodeNoLeader, api.CodeUnavailable)
	ofShards = slices.Concat(codes(api.CodeNoShards, api.CodeShardNotFound, api.CodeShardOutOfOrder, api.CodeTooManyShards, api.CodeLastShard,
		api.CodeMarketStays, api.CodeTooManyPut, api.CodeRulesUnknown, api.CodeNotLeader, api.CodeNoLeader, api.CodeUnavailable),
		rejects(exchange.RejectMarketNotFound))
)

// refusals are the codes of single routes, beside those that follow from what the table of routes says.
var refusals = map[string][]string{
	"register":    rejects(exchange.RejectNameTaken, exchange.RejectNameInvalid),
	"login":       slices.Concat(codes(api.CodeLoginFailed, api.CodeNotCaughtUp), ofKeys),
	"logout":      slices.Concat(reads, ofKeys),
	"setPassword": slices.Concat(codes(api.CodeLoginFailed, api.CodeNotCaughtUp), rejects(exchange.RejectAccountNotFound)),
	"createKey":   slices.Concat(reads, newKeys, codes(api.CodeTooManyKeys)),
	"revokeKey":   slices.Concat(reads, ofKeys),

	"getMarket":      rejects(exchange.RejectMarketNotFound),
	"getOrderBook":   rejects(exchange.RejectMarketNotFound, exchange.RejectOutcomeNotFound),
	"listTrades":     slices.Concat(fromJournal, rejects(exchange.RejectMarketNotFound)),
	"getMarketAt":    ofPast,
	"adminGetMarket": rejects(exchange.RejectMarketNotFound),

	"placeOrder": slices.Concat(reads, ofOrder),
	"getOrder":   slices.Concat(fromJournal, rejects(exchange.RejectMarketNotFound, exchange.RejectOrderNotFound)),
	"amendOrder": slices.Concat(reads, fromJournal, ofOrder, rejects(exchange.RejectOrderNotFound, exchange.RejectQuantityFilled, exchange.RejectVersionMismatch)),
	"cancelOrder": rejects(exchange.RejectAccountNotFound, exchange.RejectMarketNotFound, exchange.RejectOrderNotFound, exchange.RejectMarketHalted,
		exchange.RejectMarketMoving, exchange.RejectMarketMoved),
	"batch":             slices.Concat(reads, codes(api.CodeOverBurst), ofOrder, rejects(exchange.RejectOrderNotFound)),
	"listOrders":        fromJournal,
	"cancelOrders":      rejects(exchange.RejectAccountNotFound, exchange.RejectMarketNotFound, exchange.RejectGroupNotFound, exchange.RejectOptionsConflict),
	"createGroup":       slices.Concat(ofTrader, rejects(exchange.RejectTermsInvalid)),
	"getGroup":          rejects(exchange.RejectGroupNotFound),
	"resetGroup":        ofGroup,
	"triggerGroup":      ofGroup,
	"deleteGroup":       ofGroup,
	"setDeadMansSwitch": rejects(exchange.RejectAccountNotFound, exchange.RejectTermsInvalid),

	"getAccount":      rejects(exchange.RejectAccountNotFound),
	"getPortfolio":    rejects(exchange.RejectAccountNotFound),
	"listPositions":   slices.Concat(ofPast, rejects(exchange.RejectAccountNotFound)),
	"listFills":       fromJournal,
	"getTradeProof":   slices.Concat(fromJournal, codes(api.CodeNotFound)),
	"listSettlements": fromJournal,
	"listLedger":      fromJournal,
	"deposit":         slices.Concat(codes(api.CodeDisabled), ofMoney),
	"withdraw":        slices.Concat(ofMoney, rejects(exchange.RejectApprovalNeeded)),

	"createMarket":        rejects(exchange.RejectTextInvalid, exchange.RejectOutcomesInvalid, exchange.RejectTermsInvalid, exchange.RejectMarketExists),
	"updateMarket":        slices.Concat(ofMarket, rejects(exchange.RejectTextInvalid, exchange.RejectTermsInvalid, exchange.RejectRulesImmutable)),
	"suspendMarket":       ofMarket,
	"resumeMarket":        ofMarket,
	"closeMarket":         ofMarket,
	"resolveMarket":       slices.Concat(ofMarket, ofProposing, rejects(exchange.RejectValuesInvalid, exchange.RejectTextInvalid)),
	"voidMarket":          slices.Concat(ofMarket, ofProposing, rejects(exchange.RejectTextInvalid)),
	"cancelMarketOrders":  ofMarket,
	"listMarketPositions": ofPast,
	"adminTradeProof":     slices.Concat(fromJournal, codes(api.CodeNotFound)),

	"createAccount":      rejects(exchange.RejectNameTaken, exchange.RejectNameInvalid),
	"adminGetAccount":    rejects(exchange.RejectAccountNotFound),
	"adminListPositions": slices.Concat(ofPast, rejects(exchange.RejectAccountNotFound)),
	"adminCreateKey":     slices.Concat(reads, codes(api.CodeForbidden), newKeys),
	"adminListKeys":      rejects(exchange.RejectAccountNotFound),
	"adminRevokeKey":     slices.Concat(reads, ofKeys),
	"adminDeposit":       ofMoney,
	"adminWithdraw":      slices.Concat(ofMoney, ofProposing),
	"setTier":            slices.Concat(codes(api.CodeRulesTooOld), rejects(exchange.RejectAccountNotFound, exchange.RejectVersionMismatch, exchange.RejectTermsInvalid)),
	"haltExchange":       slices.Concat(codes(api.CodeRulesTooOld), rejects(exchange.RejectTextInvalid)),
	"resumeExchange":     slices.Concat(codes(api.CodeRulesTooOld), rejects(exchange.RejectTextInvalid)),
	"setApprovals":       slices.Concat(reads, codes(api.CodeRulesTooOld), rejects(exchange.RejectAmountOutOfRange), ofProposing),
	"approveProposal": slices.Concat(reads, codes(api.CodeRulesTooOld), rejects(exchange.RejectProposalNotFound, exchange.RejectOwnProposal,
		exchange.RejectInsufficientFunds, exchange.RejectFundsElsewhere), ofMarket, ofTrader),
	"rejectProposal": slices.Concat(reads, codes(api.CodeRulesTooOld), rejects(exchange.RejectProposalNotFound)),
	"setLimits":      rejects(exchange.RejectAccountNotFound, exchange.RejectVersionMismatch, exchange.RejectTermsInvalid),

	"getCluster": ofCluster, "addMember": ofCluster, "setRole": ofCluster, "setSynchronous": ofCluster, "removeMember": ofCluster,
	"handOver": ofCluster, "seize": ofCluster, "switchRules": ofCluster,
	"getShards": ofShards, "addShard": ofShards, "planShards": ofShards, "drainShard": ofShards, "moveMarket": ofShards,
}

func codes(all ...api.Code) []string {
	var names []string
	for _, c := range all {
		names = append(names, c.Code)
	}
	return names
}

func rejects(all ...exchange.Reject) []string {
	var names []string
	for _, r := range all {
		names = append(names, r.String())
	}
	return names
}

// Refusals returns the codes of all refusals that a route may answer with, sorted.
func Refusals(r *api.Route) []string {
	all := slices.Concat(anyRoute, refusals[r.Name])
	switch r.Need {
	case api.NeedNothing:
	case api.NeedOperator:
		all = append(all, needsOperator...)
	default:
		all = append(all, needsCredential...)
	}
	if r.Request != nil {
		all = append(all, hasBody...)
	}
	if r.Mutation() {
		all = append(all, slices.Concat(mutates, commands)...)
	} else {
		all = append(all, reads...)
	}
	if r.Key == api.KeyRequired {
		all = append(all, api.CodeKeyRequired.Code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
