package wire

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

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
	case exchange.KindSwitchRules:
		return new(exchange.SwitchRules)
	case exchange.KindSendTransfer:
		return new(exchange.SendTransfer)
	case exchange.KindReceiveTransfer:
		return new(exchange.ReceiveTransfer)
	case exchange.KindReleaseTransfer:
		return new(exchange.ReleaseTransfer)
	case exchange.KindFreezeMarket:
		return new(exchange.FreezeMarket)
	case exchange.KindThawMarket:
		return new(exchange.ThawMarket)
	case exchange.KindAdoptMarket:
		return new(exchange.AdoptMarket)
	case exchange.KindAbandonMarket:
		return new(exchange.AbandonMarket)
	case exchange.KindReleaseMarket:
		return new(exchange.ReleaseMarket)
	case exchange.KindSetPlacement:
		return new(exchange.SetPlacement)
	case exchange.KindSetTier:
		return new(exchange.SetTier)
	case exchange.KindEndSessions:
		return new(exchange.EndSessions)
	case exchange.KindSetHalt:
		return new(exchange.SetHalt)
	case exchange.KindRecordAct:
		return new(exchange.RecordAct)
	case exchange.KindSetGroup:
		return new(exchange.SetGroup)
	case exchange.KindCountGroup:
		return new(exchange.CountGroup)
	case exchange.KindSetApprovals:
		return new(exchange.SetApprovals)
	case exchange.KindProposeAct:
		return new(exchange.ProposeAct)
	case exchange.KindDecideAct:
		return new(exchange.DecideAct)
	}
	return nil
}

// actor walks over the head that all commands share.
func actor(c *codec.Codec, account *exchange.AccountID, key *exchange.Key) {
	codec.U32(c, account)
	codec.Bytes16(c, (*[16]byte)(key))
}

// operator walks over the head of a command that no account gives.
func operator(c *codec.Codec, key *exchange.Key) {
	var nobody exchange.AccountID
	actor(c, &nobody, key)
}

func marketAction(c *codec.Codec, a *exchange.MarketAction) {
	operator(c, &a.Key)
	codec.U32(c, &a.Market)
	codec.U32(c, &a.Version)
}

// commandFields walks over the fields that a command without a hand-written layout has in a version.
func commandFields(c *codec.Codec, cmd exchange.Command, version uint8) {
	switch m := cmd.(type) {
	case *exchange.AmendOrder:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Market)
		codec.U64(c, &m.Order)
		codec.U16(c, &m.Price)
		codec.U32(c, &m.Quantity)
		codec.U32(c, &m.Version)
	case *exchange.MassCancel:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Market)
		codec.U32(c, &m.Group)
	case *exchange.CreateGroup:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Limit)
		codec.U64(c, &m.Window)
	case *exchange.ChangeGroup:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Group)
		codec.U8(c, &m.Action)
	case *exchange.SetDeadMan:
		actor(c, &m.Account, &m.Key)
		codec.U64(c, &m.Timeout)
	case *exchange.Register:
		operator(c, &m.Key)
		c.Text(&m.Name)
		c.Text(&m.PasswordHash)
	case *exchange.SetPassword:
		actor(c, &m.Account, &m.Key)
		c.Text(&m.PasswordHash)
	case *exchange.CreateCredential:
		actor(c, &m.Account, &m.Key)
		codec.Bytes32(c, &m.Hash)
		codec.U8(c, &m.Permissions)
		codec.Flag(c, &m.Session)
		codec.U64(c, &m.ExpireAt)
		c.Text(&m.Label)
		if version >= credentialVersion {
			codec.U8(c, &m.Tier)
			codec.U8(c, &m.Scheme)
			c.Text(&m.Addresses)
		}
	case *exchange.RevokeCredential:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Credential)
	case *exchange.Deposit:
		actor(c, &m.Account, &m.Key)
		codec.U64(c, &m.Amount)
		c.Text(&m.Reference)
	case *exchange.Withdraw:
		actor(c, &m.Account, &m.Key)
		codec.U64(c, &m.Amount)
		c.Text(&m.Reference)
	case *exchange.SetLimits:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Version)
		codec.U32(c, &m.MaxOpenOrders)
		codec.Flag(c, &m.Blocked)
	case *exchange.CreateMarket:
		operator(c, &m.Key)
		codec.U32(c, &m.ID)
		c.MarketSpec(&m.Spec)
	case *exchange.UpdateMarket:
		operator(c, &m.Key)
		codec.U32(c, &m.Market)
		codec.U32(c, &m.Version)
		codec.U64(c, &m.CloseAt)
		c.Text(&m.Question)
		c.Text(&m.Rules)
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
		c.Prices(&m.Values)
		c.Text(&m.Source)
		c.Text(&m.Evidence)
	case *exchange.VoidMarket:
		marketAction(c, &m.MarketAction)
		c.Text(&m.Reason)
	case *exchange.SwitchRules:
		operator(c, &m.Key)
		codec.U32(c, &m.Version)
	case *exchange.SetTier, *exchange.EndSessions, *exchange.SetHalt, *exchange.RecordAct:
		guardCommandFields(c, cmd)
	case *exchange.SetApprovals, *exchange.ProposeAct, *exchange.DecideAct:
		approvalCommandFields(c, cmd)
	default:
		transferCommandFields(c, cmd)
	}
}

func guardCommandFields(c *codec.Codec, cmd exchange.Command) {
	switch m := cmd.(type) {
	case *exchange.SetTier:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Version)
		codec.U8(c, &m.Tier)
	case *exchange.EndSessions:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Keep)
	case *exchange.SetHalt:
		operator(c, &m.Key)
		codec.Flag(c, &m.Halted)
		c.Text(&m.Reason)
	case *exchange.RecordAct:
		actor(c, &m.Account, &m.Key)
		codec.U32(c, &m.Credential)
		c.Text(&m.Act)
		c.Text(&m.Subject)
	}
}

func transferCommandFields(c *codec.Codec, cmd exchange.Command) {
	var none exchange.Key
	switch m := cmd.(type) {
	case *exchange.SendTransfer:
		actor(c, &m.Account, &m.Key)
		codec.U16(c, &m.To)
		codec.U64(c, &m.Amount)
	case *exchange.ReceiveTransfer:
		operator(c, &none)
		codec.U16(c, &m.From)
		codec.U64(c, &m.Number)
		codec.U32(c, &m.Account)
		codec.U64(c, &m.Amount)
	case *exchange.ReleaseTransfer:
		operator(c, &none)
		codec.U16(c, &m.To)
		codec.U64(c, &m.Number)
	case *exchange.SetGroup, *exchange.CountGroup:
		groupCommandFields(c, cmd)
	default:
		moveCommandFields(c, cmd)
	}
}

func moveCommandFields(c *codec.Codec, cmd exchange.Command) {
	var none exchange.Key
	operator(c, &none)
	switch m := cmd.(type) {
	case *exchange.FreezeMarket:
		codec.U32(c, &m.Market)
		codec.U16(c, &m.To)
	case *exchange.ThawMarket:
		codec.U32(c, &m.Market)
		codec.U32(c, &m.Move)
	case *exchange.AdoptMarket:
		codec.U32(c, &m.Market)
		codec.U16(c, &m.From)
		codec.U32(c, &m.Move)
		codec.U32(c, &m.Part)
		codec.Flag(c, &m.Last)
		c.Blob(&m.Data)
	case *exchange.AbandonMarket:
		codec.U32(c, &m.Market)
		codec.U16(c, &m.From)
		codec.U32(c, &m.Move)
	case *exchange.ReleaseMarket:
		codec.U32(c, &m.Market)
		codec.U32(c, &m.Move)
	case *exchange.SetPlacement:
		codec.U64(c, &m.Version)
		c.Blob(&m.Data)
	}
}
