package wire

import "github.com/hustings/hustings/exchange"

// eventFields walks over the fields of an event that has no hand-written layout, in the given schema version. Fields
// that an older version lacks are filled in by upcast.go.
func eventFields(c *codec, event exchange.Event, version uint8) {
	switch e := event.(type) {
	case *exchange.OrderRested, *exchange.OrderAmended, *exchange.OrderRejected, *exchange.CommandRejected, *exchange.PositionOpened,
		*exchange.PositionClosed, *exchange.MassCancelAccepted, *exchange.GroupCreated, *exchange.GroupChanged,
		*exchange.DeadManSet:
		orderEventFields(c, e)
	case *exchange.AccountRegistered, *exchange.PasswordSet, *exchange.CredentialCreated, *exchange.CredentialRevoked,
		*exchange.FundsDeposited, *exchange.FundsWithdrawn, *exchange.LimitsSet:
		accountEventFields(c, e, version)
	default:
		marketEventFields(c, e)
	}
}

func orderEventFields(c *codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderRested:
		u32(c, &e.Market)
		u64(c, &e.Order)
		u32(c, &e.Account)
		u8(c, &e.Outcome)
		u32(c, &e.Resting)
		u64(c, &e.Hold)
		u64(c, &e.Cash)
	case *exchange.OrderAmended:
		u32(c, &e.Market)
		u64(c, &e.Order)
		u32(c, &e.Account)
		u16(c, &e.Price)
		u8(c, &e.Outcome)
		flag(c, &e.LostPriority)
		u32(c, &e.Quantity)
		u32(c, &e.Closing)
		u32(c, &e.Resting)
		u32(c, &e.Merged)
		u64(c, &e.Hold)
		u64(c, &e.Cash)
	case *exchange.OrderRejected:
		u32(c, &e.Market)
		u32(c, &e.Account)
		u32(c, &e.Quantity)
		u16(c, &e.Price)
		u16(c, &e.Code)
		u8(c, &e.Outcome)
		u8(c, &e.Side)
		u8(c, &e.Flags)
		c.blob(&e.ClientID)
	case *exchange.CommandRejected:
		u32(c, &e.Account)
		u32(c, &e.Market)
		u64(c, &e.Order)
		u16(c, &e.Code)
		u8(c, &e.Command)
	case *exchange.PositionOpened:
		u32(c, &e.Account)
		u32(c, &e.Market)
		u8(c, &e.Outcome)
	case *exchange.PositionClosed:
		u32(c, &e.Account)
		u32(c, &e.Market)
		u8(c, &e.Outcome)
		u64(c, &e.Paid)
	case *exchange.MassCancelAccepted:
		u32(c, &e.Account)
		u32(c, &e.Market)
		u32(c, &e.Group)
		u64(c, &e.Below)
		u8(c, &e.Reason)
	case *exchange.GroupCreated:
		u32(c, &e.Account)
		u32(c, &e.Group)
		u32(c, &e.Limit)
		u64(c, &e.Window)
	case *exchange.GroupChanged:
		u32(c, &e.Account)
		u32(c, &e.Group)
		u8(c, &e.Action)
		flag(c, &e.ByFills)
	case *exchange.DeadManSet:
		u32(c, &e.Account)
		u64(c, &e.Deadline)
	}
}

func accountEventFields(c *codec, event exchange.Event, version uint8) {
	switch e := event.(type) {
	case *exchange.AccountRegistered:
		u32(c, &e.Account)
		c.text(&e.Name)
		c.text(&e.PasswordHash)
	case *exchange.PasswordSet:
		u32(c, &e.Account)
		c.text(&e.PasswordHash)
	case *exchange.CredentialCreated:
		u32(c, &e.Account)
		u32(c, &e.Credential)
		hash(c, &e.Hash)
		u8(c, &e.Permissions)
		flag(c, &e.Session)
		u64(c, &e.ExpireAt)
		c.text(&e.Label)
	case *exchange.CredentialRevoked:
		u32(c, &e.Account)
		u32(c, &e.Credential)
	case *exchange.FundsDeposited:
		u32(c, &e.Account)
		u64(c, &e.Amount)
		u64(c, &e.Repaid)
		u64(c, &e.Cash)
		if version < 2 {
			upcastFundsDeposited1(e)
			return
		}
		c.text(&e.Reference)
	case *exchange.FundsWithdrawn:
		u32(c, &e.Account)
		u64(c, &e.Amount)
		u64(c, &e.Cash)
		c.text(&e.Reference)
	case *exchange.LimitsSet:
		u32(c, &e.Account)
		u32(c, &e.Version)
		u32(c, &e.MaxOpenOrders)
		flag(c, &e.Blocked)
	}
}

func marketChanged(c *codec, e *exchange.MarketChanged) {
	u32(c, &e.Market)
	u32(c, &e.Version)
}

func marketEventFields(c *codec, event exchange.Event) {
	switch e := event.(type) {
	case *exchange.MarketCreated:
		u32(c, &e.Market)
		marketSpec(c, &e.Spec)
	case *exchange.MarketUpdated:
		u32(c, &e.Market)
		u32(c, &e.Version)
		u64(c, &e.CloseAt)
		c.text(&e.Question)
		c.text(&e.Rules)
	case *exchange.MarketSuspended:
		marketChanged(c, &e.MarketChanged)
	case *exchange.MarketResumed:
		marketChanged(c, &e.MarketChanged)
	case *exchange.MarketClosed:
		marketChanged(c, &e.MarketChanged)
	case *exchange.MarketOrdersCancelled:
		marketChanged(c, &e.MarketChanged)
		u64(c, &e.Below)
	case *exchange.MarketResolved:
		marketChanged(c, &e.MarketChanged)
		u64(c, &e.PayAfter)
		c.prices(&e.Values)
		c.text(&e.Source)
		c.text(&e.Evidence)
	case *exchange.MarketVoided:
		marketChanged(c, &e.MarketChanged)
		c.text(&e.Reason)
	case *exchange.MarketSettled:
		marketChanged(c, &e.MarketChanged)
		flag(c, &e.Void)
		u64(c, &e.Fees)
	case *exchange.MarketHalted:
		marketChanged(c, &e.MarketChanged)
		u8(c, &e.Invariant)
		c.text(&e.Detail)
	case *exchange.PayoutIssued:
		u32(c, &e.Account)
		u32(c, &e.Market)
		u8(c, &e.Outcome)
		u32(c, &e.Yes)
		u32(c, &e.No)
		u64(c, &e.Amount)
		u64(c, &e.Cash)
	case *exchange.RefundIssued:
		u32(c, &e.Account)
		u32(c, &e.Market)
		u64(c, &e.Amount)
		u64(c, &e.Fees)
		u64(c, &e.Receivable)
		u64(c, &e.Cash)
	}
}
