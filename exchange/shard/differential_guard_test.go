package shard_test

import "github.com/hustings/hustings/exchange"

// guardCommand is about an account's tier or sessions, or tells which operator acts.
func (g *generator) guardCommand(who exchange.AccountID) exchange.Command {
	credential := exchange.CredentialID(g.IntN(len(g.h.model.Credentials) + 2))
	switch g.IntN(3) {
	case 0:
		return &exchange.SetTier{Account: who, Version: uint32(g.IntN(3)), Tier: exchange.Tier(g.IntN(5))}
	case 1:
		return &exchange.EndSessions{Account: who, Keep: credential}
	}
	return &exchange.RecordAct{Account: pick(g, 0, who), Credential: credential, Act: g.text(1, 64), Subject: g.text(0, 500)}
}

// haltCommand mostly ends a halt, so that there is trading to compare.
func (g *generator) haltCommand() exchange.Command {
	return &exchange.SetHalt{Halted: !g.h.model.Halted && g.chance(70), Reason: g.text(1, 500)}
}
