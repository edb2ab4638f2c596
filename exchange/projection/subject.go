package projection

import "github.com/hustings/hustings/exchange"

// subject returns the account, market and order that an event is about, 0 where there is none or, for a trade's
// accounts and orders, more than one.
func subject(event exchange.Event) (exchange.AccountID, exchange.MarketID, exchange.OrderID) {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		return e.Account, e.Market, e.Order
	case *exchange.OrderMatched:
		return 0, e.Market, 0
	case *exchange.OrderCancelled:
		return e.Account, e.Market, e.Order
	case *exchange.OrderExpired:
		return e.Account, e.Market, e.Order
	case *exchange.OrderReduced:
		return e.Account, e.Market, e.Order
	case *exchange.OrderRested:
		return e.Account, e.Market, e.Order
	case *exchange.OrderAmended:
		return e.Account, e.Market, e.Order
	case *exchange.OrderRejected:
		return e.Account, e.Market, 0
	case *exchange.CommandRejected:
		return e.Account, e.Market, e.Order
	case *exchange.PositionOpened:
		return e.Account, e.Market, 0
	case *exchange.PositionClosed:
		return e.Account, e.Market, 0
	case *exchange.MassCancelAccepted:
		return e.Account, e.Market, 0
	case *exchange.PayoutIssued:
		return e.Account, e.Market, 0
	case *exchange.RefundIssued:
		return e.Account, e.Market, 0
	}
	if market := subjectMarket(event); market != 0 {
		return 0, market, 0
	}
	return subjectAccount(event), 0, 0
}

func subjectAccount(event exchange.Event) exchange.AccountID {
	switch e := event.(type) {
	case *exchange.GroupCreated:
		return e.Account
	case *exchange.GroupChanged:
		return e.Account
	case *exchange.GroupSet:
		return e.Account
	case *exchange.GroupCounted:
		return e.Account
	case *exchange.DeadManSet:
		return e.Account
	case *exchange.AccountRegistered:
		return e.Account
	case *exchange.PasswordSet:
		return e.Account
	case *exchange.CredentialCreated:
		return e.Account
	case *exchange.CredentialRevoked:
		return e.Account
	case *exchange.FundsDeposited:
		return e.Account
	case *exchange.FundsWithdrawn:
		return e.Account
	case *exchange.LimitsSet:
		return e.Account
	case *exchange.TierSet:
		return e.Account
	case *exchange.SessionsEnded:
		return e.Account
	case *exchange.OperatorActed:
		return e.Account
	case *exchange.ActProposed:
		return e.Account
	case *exchange.ActDecided:
		return e.Account
	case *exchange.TransferSent:
		return e.Account
	case *exchange.TransferReceived:
		return e.Account
	}
	return 0
}

func subjectMarket(event exchange.Event) exchange.MarketID {
	switch e := event.(type) {
	case *exchange.MarketCreated:
		return e.Market
	case *exchange.MarketUpdated:
		return e.Market
	case *exchange.MarketSuspended:
		return e.Market
	case *exchange.MarketResumed:
		return e.Market
	case *exchange.MarketClosed:
		return e.Market
	case *exchange.MarketOrdersCancelled:
		return e.Market
	case *exchange.MarketResolved:
		return e.Market
	case *exchange.MarketVoided:
		return e.Market
	case *exchange.MarketSettled:
		return e.Market
	case *exchange.MarketHalted:
		return e.Market
	case *exchange.MarketFrozen:
		return e.Market
	case *exchange.MarketThawed:
		return e.Market
	case *exchange.MarketPartAdopted:
		return e.Market
	case *exchange.MarketPartDropped:
		return e.Market
	}
	return 0
}
