package wire

import "github.com/hustings/hustings/exchange"

// eventVersions are the latest schema versions, which this program writes but where versionOfEvent says otherwise.
var eventVersions = [...]uint8{
	exchange.KindOrderPlaced:           1,
	exchange.KindOrderMatched:          1,
	exchange.KindOrderCancelled:        1,
	exchange.KindOrderExpired:          1,
	exchange.KindOrderReduced:          1,
	exchange.KindOrderAmended:          1,
	exchange.KindOrderRejected:         1,
	exchange.KindCommandRejected:       1,
	exchange.KindPositionOpened:        1,
	exchange.KindPositionClosed:        1,
	exchange.KindMassCancelAccepted:    1,
	exchange.KindGroupCreated:          1,
	exchange.KindGroupChanged:          1,
	exchange.KindDeadManSet:            1,
	exchange.KindAccountRegistered:     1,
	exchange.KindPasswordSet:           1,
	exchange.KindCredentialCreated:     2,
	exchange.KindCredentialRevoked:     1,
	exchange.KindFundsDeposited:        2,
	exchange.KindFundsWithdrawn:        1,
	exchange.KindLimitsSet:             1,
	exchange.KindMarketCreated:         1,
	exchange.KindMarketUpdated:         1,
	exchange.KindMarketSuspended:       1,
	exchange.KindMarketResumed:         1,
	exchange.KindMarketClosed:          1,
	exchange.KindMarketResolved:        1,
	exchange.KindMarketVoided:          1,
	exchange.KindMarketSettled:         1,
	exchange.KindMarketHalted:          1,
	exchange.KindMarketOrdersCancelled: 1,
	exchange.KindPayoutIssued:          1,
	exchange.KindRefundIssued:          1,
	exchange.KindOrderRested:           1,
	exchange.KindRulesSwitched:         1,
	exchange.KindTransferSent:          1,
	exchange.KindTransferReceived:      1,
	exchange.KindTransferReleased:      1,
	exchange.KindMarketFrozen:          1,
	exchange.KindMarketThawed:          1,
	exchange.KindMarketPartAdopted:     1,
	exchange.KindMarketPartDropped:     1,
	exchange.KindPlacementSet:          1,
	exchange.KindTierSet:               1,
	exchange.KindSessionsEnded:         1,
	exchange.KindHaltSet:               1,
	exchange.KindOperatorActed:         1,
	exchange.KindGroupSet:              1,
	exchange.KindGroupCounted:          1,
	exchange.KindApprovalsSet:          1,
	exchange.KindActProposed:           1,
	exchange.KindActDecided:            1,
}

// versionOfEvent is the version in which an event is written. A credential without attributes is written as programs write it that
// know none, so that journals of both are the same before GuardRules.
func versionOfEvent(event exchange.Event) uint8 {
	if e, ok := event.(*exchange.CredentialCreated); ok && e.Tier == 0 && e.Scheme == 0 && e.Addresses == "" {
		return 1
	}
	return eventVersions[event.EventKind()]
}

// newEvent returns an event of a kind without a hand-written layout.
func newEvent(kind exchange.EventKind) exchange.Event {
	switch kind {
	case exchange.KindOrderAmended:
		return new(exchange.OrderAmended)
	case exchange.KindOrderRejected:
		return new(exchange.OrderRejected)
	case exchange.KindCommandRejected:
		return new(exchange.CommandRejected)
	case exchange.KindPositionOpened:
		return new(exchange.PositionOpened)
	case exchange.KindPositionClosed:
		return new(exchange.PositionClosed)
	case exchange.KindMassCancelAccepted:
		return new(exchange.MassCancelAccepted)
	case exchange.KindGroupCreated:
		return new(exchange.GroupCreated)
	case exchange.KindGroupChanged:
		return new(exchange.GroupChanged)
	case exchange.KindDeadManSet:
		return new(exchange.DeadManSet)
	case exchange.KindAccountRegistered:
		return new(exchange.AccountRegistered)
	case exchange.KindPasswordSet:
		return new(exchange.PasswordSet)
	case exchange.KindCredentialCreated:
		return new(exchange.CredentialCreated)
	case exchange.KindCredentialRevoked:
		return new(exchange.CredentialRevoked)
	case exchange.KindFundsDeposited:
		return new(exchange.FundsDeposited)
	case exchange.KindFundsWithdrawn:
		return new(exchange.FundsWithdrawn)
	case exchange.KindLimitsSet:
		return new(exchange.LimitsSet)
	case exchange.KindMarketCreated:
		return new(exchange.MarketCreated)
	case exchange.KindMarketUpdated:
		return new(exchange.MarketUpdated)
	case exchange.KindMarketSuspended:
		return new(exchange.MarketSuspended)
	case exchange.KindMarketResumed:
		return new(exchange.MarketResumed)
	case exchange.KindMarketClosed:
		return new(exchange.MarketClosed)
	case exchange.KindMarketResolved:
		return new(exchange.MarketResolved)
	case exchange.KindMarketVoided:
		return new(exchange.MarketVoided)
	case exchange.KindMarketSettled:
		return new(exchange.MarketSettled)
	case exchange.KindMarketHalted:
		return new(exchange.MarketHalted)
	case exchange.KindMarketOrdersCancelled:
		return new(exchange.MarketOrdersCancelled)
	case exchange.KindPayoutIssued:
		return new(exchange.PayoutIssued)
	case exchange.KindRefundIssued:
		return new(exchange.RefundIssued)
	case exchange.KindOrderRested:
		return new(exchange.OrderRested)
	case exchange.KindRulesSwitched:
		return new(exchange.RulesSwitched)
	case exchange.KindTransferSent:
		return new(exchange.TransferSent)
	case exchange.KindTransferReceived:
		return new(exchange.TransferReceived)
	case exchange.KindTransferReleased:
		return new(exchange.TransferReleased)
	case exchange.KindMarketFrozen:
		return new(exchange.MarketFrozen)
	case exchange.KindMarketThawed:
		return new(exchange.MarketThawed)
	case exchange.KindMarketPartAdopted:
		return new(exchange.MarketPartAdopted)
	case exchange.KindMarketPartDropped:
		return new(exchange.MarketPartDropped)
	case exchange.KindPlacementSet:
		return new(exchange.PlacementSet)
	case exchange.KindTierSet:
		return new(exchange.TierSet)
	case exchange.KindSessionsEnded:
		return new(exchange.SessionsEnded)
	case exchange.KindHaltSet:
		return new(exchange.HaltSet)
	case exchange.KindOperatorActed:
		return new(exchange.OperatorActed)
	case exchange.KindGroupSet:
		return new(exchange.GroupSet)
	case exchange.KindGroupCounted:
		return new(exchange.GroupCounted)
	case exchange.KindApprovalsSet:
		return new(exchange.ApprovalsSet)
	case exchange.KindActProposed:
		return new(exchange.ActProposed)
	case exchange.KindActDecided:
		return new(exchange.ActDecided)
	}
	return nil
}
