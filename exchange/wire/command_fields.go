package wire

import "github.com/hustings/hustings/exchange"

func newCommand(kind exchange.CommandKind) exchange.Command {
	switch kind {
	case exchange.KindPlaceOrder:
		return new(exchange.PlaceOrder)
	case exchange.KindCancelOrder:
		return new(exchange.CancelOrder)
	case exchange.KindAmendOrder:
		return new(exchange.AmendOrder)
	case exchange.KindMassCancel:
		return new(exchange.MassCancel)
	case exchange.KindCreateGroup:
		return new(exchange.CreateGroup)
	case exchange.KindChangeGroup:
		return new(exchange.ChangeGroup)
	case exchange.KindSetDeadMan:
		return new(exchange.SetDeadMan)
	case exchange.KindRegister:
		return new(exchange.Register)
	case exchange.KindSetPassword:
		return new(exchange.SetPassword)
	case exchange.KindCreateCredential:
		return new(exchange.CreateCredential)
	case exchange.KindRevokeCredential:
		return new(exchange.RevokeCredential)
	case exchange.KindDeposit:
		return new(exchange.Deposit)
	case exchange.KindWithdraw:
		return new(exchange.Withdraw)
	case exchange.KindSetLimits:
		return new(exchange.SetLimits)
	case exchange.KindCreateMarket:
		return new(exchange.CreateMarket)
	case exchange.KindUpdateMarket:
		return new(exchange.UpdateMarket)
	case exchange.KindSuspendMarket:
		return new(exchange.SuspendMarket)
	case exchange.KindResumeMarket:
		return new(exchange.ResumeMarket)
	case exchange.KindCloseMarket:
		return new(exchange.CloseMarket)
	case exchange.KindResolveMarket:
		return new(exchange.ResolveMarket)
	case exchange.KindVoidMarket:
		return new(exchange.VoidMarket)
	case exchange.KindCancelMarketOrders:
		return new(exchange.CancelMarketOrders)
	}
	return nil
}

// actor walks over the head that all commands share.
func actor(c *codec, account *exchange.AccountID, key *exchange.Key) {
	u32(c, account)
	b := c.take(len(key))
	if c.reading {
		copy(key[:], b)
	} else {
		copy(b, key[:])
	}
}

// operator walks over the head of a command that no account gives.
func operator(c *codec, key *exchange.Key) {
	var nobody exchange.AccountID
	actor(c, &nobody, key)
}

func marketAction(c *codec, a *exchange.MarketAction) {
	operator(c, &a.Key)
	u32(c, &a.Market)
	u32(c, &a.Version)
}

// commandFields walks over the fields of a command that has no hand-written layout.
func commandFields(c *codec, cmd exchange.Command) {
	switch m := cmd.(type) {
	case *exchange.AmendOrder:
		actor(c, &m.Account, &m.Key)
		u32(c, &m.Market)
		u64(c, &m.Order)
		u16(c, &m.Price)
		u32(c, &m.Quantity)
		u32(c, &m.Version)
	case *exchange.MassCancel:
		actor(c, &m.Account, &m.Key)
		u32(c, &m.Market)
		u32(c, &m.Group)
	case *exchange.CreateGroup:
		actor(c, &m.Account, &m.Key)
		u32(c, &m.Limit)
		u64(c, &m.Window)
	case *exchange.ChangeGroup:
		actor(c, &m.Account, &m.Key)
		u32(c, &m.Group)
		u8(c, &m.Action)
	case *exchange.SetDeadMan:
		actor(c, &m.Account, &m.Key)
		u64(c, &m.Timeout)
	case *exchange.Register:
		operator(c, &m.Key)
		c.text(&m.Name)
		c.text(&m.PasswordHash)
	case *exchange.SetPassword:
		actor(c, &m.Account, &m.Key)
		c.text(&m.PasswordHash)
	case *exchange.CreateCredential:
		actor(c, &m.Account, &m.Key)
		hash(c, &m.Hash)
		u8(c, &m.Permissions)
		flag(c, &m.Session)
		u64(c, &m.ExpireAt)
		c.text(&m.Label)
	case *exchange.RevokeCredential:
		actor(c, &m.Account, &m.Key)
		u32(c, &m.Credential)
	case *exchange.Deposit:
		actor(c, &m.Account, &m.Key)
		u64(c, &m.Amount)
		c.text(&m.Reference)
	case *exchange.Withdraw:
		actor(c, &m.Account, &m.Key)
		u64(c, &m.Amount)
		c.text(&m.Reference)
	case *exchange.SetLimits:
		actor(c, &m.Account, &m.Key)
		u32(c, &m.Version)
		u32(c, &m.MaxOpenOrders)
		flag(c, &m.Blocked)
	case *exchange.CreateMarket:
		operator(c, &m.Key)
		marketSpec(c, &m.Spec)
	case *exchange.UpdateMarket:
		operator(c, &m.Key)
		u32(c, &m.Market)
		u32(c, &m.Version)
		u64(c, &m.CloseAt)
		c.text(&m.Question)
		c.text(&m.Rules)
	case *exchange.SuspendMarket:
		marketAction(c, &m.MarketAction)
	case *exchange.ResumeMarket:
		marketAction(c, &m.MarketAction)
	case *exchange.CloseMarket:
		marketAction(c, &m.MarketAction)
	case *exchange.CancelMarketOrders:
		marketAction(c, &m.MarketAction)
	case *exchange.ResolveMarket:
		marketAction(c, &m.MarketAction)
		c.prices(&m.Values)
		c.text(&m.Source)
		c.text(&m.Evidence)
	case *exchange.VoidMarket:
		marketAction(c, &m.MarketAction)
		c.text(&m.Reason)
	}
}

func marketSpec(c *codec, s *exchange.MarketSpec) {
	u64(c, &s.CloseAt)
	u64(c, &s.DisputeWindow)
	u16(c, &s.Tick.Middle)
	u16(c, &s.Tick.Edge)
	u16(c, &s.Tick.EdgeWidth)
	u16(c, &s.TakerFee)
	u16(c, &s.MakerShare)
	u32(c, &s.PositionLimit)
	u16(c, &s.Collar)
	u8(c, &s.Flags)
	c.text(&s.Question)
	c.text(&s.Rules)
	c.texts(&s.Outcomes)
}
