package shard_test

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

func frameOf(cmd exchange.Command) []byte {
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		panic(err)
	}
	return frame
}

// approvalCommand is about acts that need a second operator. There are three operators, one of whom has the admin key.
func (g *generator) approvalCommand() exchange.Command {
	who, credential := exchange.AccountID(g.IntN(3)), exchange.CredentialID(g.IntN(4))
	m := g.h.model
	switch n := g.IntN(100); {
	case n < 20 || m.Approvals != exchange.Approvals{} && g.chance(5): // mostly back to none, so that much is done without
		return &exchange.SetApprovals{Approvals: g.approvals(), Followed: g.chance(30)}
	case n < 25:
		return &exchange.SetApprovals{Followed: true}
	case n < 70 || len(m.Proposals) == 0:
		if g.chance(50) { // it is decided at once, if it is kept
			g.plan = append(g.plan, &exchange.DecideAct{Account: exchange.AccountID(g.IntN(3)), Proposal: m.Proposed + 1, Approve: g.chance(80)})
		}
		return &exchange.ProposeAct{Account: who, Credential: credential, Act: g.actToPropose()}
	}
	id := m.Proposals[g.IntN(len(m.Proposals))].ID
	if g.chance(10) {
		id = exchange.ProposalID(g.near(uint64(m.Proposed)))
	}
	return &exchange.DecideAct{Account: who, Credential: credential, Proposal: id, Approve: g.chance(80)}
}

func (g *generator) approvals() exchange.Approvals {
	return exchange.Approvals{Reversals: g.chance(80), Withdrawals: pick[exchange.Money](g, 0, 1, 10_0000, 10_0000, exchange.MaxAmount, exchange.MaxAmount+1, -1)}
}

// actToPropose is mostly one that needs a second operator when reversals and withdrawals do.
func (g *generator) actToPropose() []byte {
	switch n := g.IntN(100); {
	case n < 30:
		return frameOf(&exchange.Withdraw{Account: g.account(), Amount: g.amount(), Reference: g.text(0, 200)})
	case n < 40:
		return frameOf(&exchange.SetApprovals{Approvals: g.approvals(), Followed: g.chance(5)})
	case n < 44:
		return pick(g, nil, []byte{1}, frameOf(&exchange.Withdraw{Key: exchange.Key{1}}), frameOf(&exchange.SetHalt{}),
			append(frameOf(&exchange.SetApprovals{}), 0), frameOf(g.placeOrder()))
	}
	for _, m := range g.h.model.Markets {
		if m.ID == 0 || m.State != exchange.StateResolved && !g.chance(2) {
			continue
		}
		head := exchange.MarketAction{Market: m.ID, Version: pick(g, 0, 0, 0, m.Version, m.Version, m.Version+1)}
		if g.chance(30) {
			return frameOf(&exchange.VoidMarket{MarketAction: head, Reason: g.text(1, 500)})
		}
		return frameOf(g.resolve(head, m))
	}
	return frameOf(&exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: 1}, Reason: "nobody knows"})
}
