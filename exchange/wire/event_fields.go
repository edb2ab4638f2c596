package wire

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// eventFields walks over the fields of an event that has no hand-written layout, in the given schema version. Fields
// that an older version lacks are filled in by upcast.go.
func eventFields(c *codec.Codec, event exchange.Event, version uint8) {
	switch e := event.(type) {
	case *exchange.OrderRested, *exchange.OrderAmended, *exchange.OrderRejected, *exchange.CommandRejected, *exchange.PositionOpened,
		*exchange.PositionClosed, *exchange.MassCancelAccepted, *exchange.GroupCreated, *exchange.GroupChanged,
		*exchange.DeadManSet:
		orderEventFields(c, e)
	case *exchange.AccountRegistered, *exchange.PasswordSet, *exchange.CredentialCreated, *exchange.CredentialRevoked,
		*exchange.FundsDeposited, *exchange.FundsWithdrawn, *exchange.LimitsSet:
		accountEventFields(c, e, version)
	case *exchange.TierSet, *exchange.SessionsEnded, *exchange.HaltSet, *exchange.OperatorActed:
		guardEventFields(c, e)
	case *exchange.GroupSet, *exchange.GroupCounted:
		groupEventFields(c, e)
	case *exchange.ApprovalsSet, *exchange.ActProposed, *exchange.ActDecided:
		approvalEventFields(c, e)
	case *exchange.RulesSwitched:
		codec.U32(c, &e.Version)
	case *exchange.TransferSent:
		codec.U32(c, &e.Account)
		codec.U16(c, &e.To)
		codec.U64(c, &e.Number)
		codec.U64(c, &e.Amount)
		codec.U64(c, &e.Cash)
	case *exchange.TransferReceived:
		codec.U32(c, &e.Account)
		codec.U16(c, &e.From)
		codec.U64(c, &e.Number)
		codec.U64(c, &e.Amount)
		codec.U64(c, &e.Repaid)
		codec.U64(c, &e.Cash)
	case *exchange.TransferReleased:
		codec.U16(c, &e.To)
		codec.U64(c, &e.Number)
		codec.U64(c, &e.Amount)
	default:
		marketEventFields(c, e)
	}
}

func orderEventFields(c *codec.Codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderRested:
		codec.U32(c, &e.Market)
		codec.U64(c, &e.Order)
		codec.U32(c, &e.Account)
		codec.U8(c, &e.Outcome)
		codec.U32(c, &e.Resting)
		codec.U64(c, &e.Hold)
		codec.U64(c, &e.Cash)
	case *exchange.OrderAmended:
		codec.U32(c, &e.Market)
		codec.U64(c, &e.Order)
		codec.U32(c, &e.Account)
		codec.U16(c, &e.Price)
		codec.U8(c, &e.Outcome)
		codec.Flag(c, &e.LostPriority)
		codec.U32(c, &e.Quantity)
		codec.U32(c, &e.Closing)
		codec.U32(c, &e.Resting)
		codec.U32(c, &e.Merged)
		codec.U64(c, &e.Hold)
		codec.U64(c, &e.Cash)
	case *exchange.OrderRejected:
		codec.U32(c, &e.Market)
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Quantity)
		codec.U16(c, &e.Price)
		codec.U16(c, &e.Code)
		codec.U8(c, &e.Outcome)
		codec.U8(c, &e.Side)
		codec.U8(c, &e.Flags)
		c.Blob(&e.ClientID)
	case *exchange.CommandRejected:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Market)
		codec.U64(c, &e.Order)
		codec.U16(c, &e.Code)
		codec.U8(c, &e.Command)
	case *exchange.PositionOpened:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Market)
		codec.U8(c, &e.Outcome)
	case *exchange.PositionClosed:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Market)
		codec.U8(c, &e.Outcome)
		codec.U64(c, &e.Paid)
	case *exchange.MassCancelAccepted:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Market)
		codec.U32(c, &e.Group)
		codec.U64(c, &e.Below)
		codec.U8(c, &e.Reason)
	case *exchange.GroupCreated:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Group)
		codec.U32(c, &e.Limit)
		codec.U64(c, &e.Window)
	case *exchange.GroupChanged:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Group)
		codec.U8(c, &e.Action)
		codec.Flag(c, &e.ByFills)
	case *exchange.DeadManSet:
		codec.U32(c, &e.Account)
		codec.U64(c, &e.Deadline)
	}
}

func accountEventFields(c *codec.Codec, event exchange.Event, version uint8) {
	switch e := event.(type) {
	case *exchange.AccountRegistered:
		codec.U32(c, &e.Account)
		c.Text(&e.Name)
		c.Text(&e.PasswordHash)
	case *exchange.PasswordSet:
		codec.U32(c, &e.Account)
		c.Text(&e.PasswordHash)
	case *exchange.CredentialCreated:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Credential)
		codec.Bytes32(c, &e.Hash)
		codec.U8(c, &e.Permissions)
		codec.Flag(c, &e.Session)
		codec.U64(c, &e.ExpireAt)
		c.Text(&e.Label)
		if version < 2 { // it has the account's tier, is a secret, and may be used from anywhere
			return
		}
		codec.U8(c, &e.Tier)
		codec.U8(c, &e.Scheme)
		c.Text(&e.Addresses)
	case *exchange.CredentialRevoked:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Credential)
	case *exchange.FundsDeposited:
		codec.U32(c, &e.Account)
		codec.U64(c, &e.Amount)
		codec.U64(c, &e.Repaid)
		codec.U64(c, &e.Cash)
		if version < 2 {
			upcastFundsDeposited1(e)
			return
		}
		c.Text(&e.Reference)
	case *exchange.FundsWithdrawn:
		codec.U32(c, &e.Account)
		codec.U64(c, &e.Amount)
		codec.U64(c, &e.Cash)
		c.Text(&e.Reference)
	case *exchange.LimitsSet:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Version)
		codec.U32(c, &e.MaxOpenOrders)
		codec.Flag(c, &e.Blocked)
	}
}

func guardEventFields(c *codec.Codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.TierSet:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Version)
		codec.U8(c, &e.Tier)
	case *exchange.SessionsEnded:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Keep)
	case *exchange.HaltSet:
		codec.Flag(c, &e.Halted)
		c.Text(&e.Reason)
	case *exchange.OperatorActed:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Credential)
		c.Text(&e.Act)
		c.Text(&e.Subject)
	}
}

func marketChanged(c *codec.Codec, e *exchange.MarketChanged) {
	codec.U32(c, &e.Market)
	codec.U32(c, &e.Version)
}

func marketEventFields(c *codec.Codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.MarketCreated:
		codec.U32(c, &e.Market)
		c.MarketSpec(&e.Spec)
	case *exchange.MarketUpdated:
		codec.U32(c, &e.Market)
		codec.U32(c, &e.Version)
		codec.U64(c, &e.CloseAt)
		c.Text(&e.Question)
		c.Text(&e.Rules)
	case *exchange.MarketSuspended:
		marketChanged(c, &e.MarketChanged)
	case *exchange.MarketResumed:
		marketChanged(c, &e.MarketChanged)
	case *exchange.MarketClosed:
		marketChanged(c, &e.MarketChanged)
	case *exchange.MarketOrdersCancelled:
		marketChanged(c, &e.MarketChanged)
		codec.U64(c, &e.Below)
	case *exchange.MarketResolved:
		marketChanged(c, &e.MarketChanged)
		codec.U64(c, &e.PayAfter)
		c.Prices(&e.Values)
		c.Text(&e.Source)
		c.Text(&e.Evidence)
	case *exchange.MarketVoided:
		marketChanged(c, &e.MarketChanged)
		c.Text(&e.Reason)
	case *exchange.MarketSettled:
		marketChanged(c, &e.MarketChanged)
		codec.Flag(c, &e.Void)
		codec.U64(c, &e.Fees)
	case *exchange.MarketHalted:
		marketChanged(c, &e.MarketChanged)
		codec.U8(c, &e.Invariant)
		c.Text(&e.Detail)
	case *exchange.PayoutIssued:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Market)
		codec.U8(c, &e.Outcome)
		codec.U32(c, &e.Yes)
		codec.U32(c, &e.No)
		codec.U64(c, &e.Amount)
		codec.U64(c, &e.Cash)
	case *exchange.RefundIssued:
		codec.U32(c, &e.Account)
		codec.U32(c, &e.Market)
		codec.U64(c, &e.Amount)
		codec.U64(c, &e.Fees)
		codec.U64(c, &e.Receivable)
		codec.U64(c, &e.Cash)
	default:
		moveEventFields(c, event)
	}
}

func moveEventFields(c *codec.Codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.MarketFrozen:
		codec.U32(c, &e.Market)
		codec.U16(c, &e.To)
		codec.U32(c, &e.Move)
	case *exchange.MarketThawed:
		codec.U32(c, &e.Market)
		codec.U32(c, &e.Move)
	case *exchange.MarketPartAdopted:
		codec.U32(c, &e.Market)
		codec.U16(c, &e.From)
		codec.U32(c, &e.Move)
		codec.U32(c, &e.Part)
		codec.Flag(c, &e.Last)
		c.Blob(&e.Slots)
		c.Blob(&e.Data)
	case *exchange.MarketPartDropped:
		codec.U32(c, &e.Market)
		codec.U16(c, &e.To)
		codec.U32(c, &e.Move)
		codec.U32(c, &e.Orders)
		codec.Flag(c, &e.Last)
	case *exchange.PlacementSet:
		codec.U64(c, &e.Version)
		c.Blob(&e.Data)
	}
}
