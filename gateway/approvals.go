package gateway

import (
	"net/http"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

// agree submits an act of an operator. One that needs a second operator is kept as a proposal: then that is not 0, nothing is done yet,
// and the answer says by its status that it was accepted only.
func (c *call) agree(cmd exchange.Command) (r *exchange.Reply, proposal api.ID, p *api.Problem) {
	r, p = c.try(cmd)
	if p != nil || r.Code == exchange.Accepted {
		return r, 0, p
	}
	if r.Code != exchange.RejectApprovalNeeded {
		return nil, 0, api.RejectProblem(r.Code, r.Seq, "")
	}
	act, err := wire.Proposable(cmd)
	if err != nil {
		return nil, 0, api.CodeInternal.Problem("", "")
	}
	key := c.keyForRetries()
	if c.key != "" {
		key = deriveKey(scopeProposal, c.who.Account, 0, c.key)
	}
	if r, p = c.do(&exchange.ProposeAct{Account: c.who.Account, Key: key, Credential: c.who.ID, Act: act}); p != nil {
		return nil, 0, p
	}
	c.status = http.StatusAccepted
	return r, api.ID(r.ID), c.wait(r.Seq)
}

func (c *call) getApprovals() *api.Problem {
	a := c.s.reader.Approvals()
	return c.answer(api.Approvals{Reversals: a.Reversals, Withdrawals: api.Money(a.Withdrawals), Seq: api.ID(c.seq)})
}

func (c *call) setApprovals() *api.Problem {
	req, p := decode[api.SetApprovals](&c.scan, c.body)
	if p != nil {
		return p
	}
	if w := exchange.Money(req.Withdrawals); w < 0 || w > exchange.MaxAmount {
		return api.RejectProblem(exchange.RejectAmountOutOfRange, 0, "withdrawals")
	}
	if p := c.needRules(exchange.ApprovalRules); p != nil {
		return p
	}
	r, proposal, p := c.agree(&exchange.SetApprovals{Key: c.coreKey(), Approvals: approvals(req)})
	if p != nil {
		return p
	}
	if p := c.wait(r.Seq); p != nil {
		return p
	}
	return c.answer(api.ApprovalsAnswer{Receipt: receipt(r), Reversals: req.Reversals, Withdrawals: req.Withdrawals, Proposal: proposal})
}

func approvals(a *api.SetApprovals) exchange.Approvals {
	return exchange.Approvals{Reversals: a.Reversals, Withdrawals: exchange.Money(a.Withdrawals)}
}

func (c *call) listProposals() *api.Problem {
	a := api.Proposals{Proposals: []api.Proposal{}, Seq: api.ID(c.seq)}
	for _, p := range c.s.reader.Proposals() {
		shown, ok := proposal(&p)
		if !ok {
			c.s.log.Error("read a proposal", "proposal", p.ID)
			return api.CodeInternal.Problem("", "")
		}
		a.Proposals = append(a.Proposals, shown)
	}
	return c.answer(a)
}

// proposal shows what waits in the words of the route that was asked.
func proposal(p *projection.Proposal) (a api.Proposal, ok bool) {
	act, ok := wire.ReadProposable(p.Act)
	a = api.Proposal{Proposal: api.ID(p.ID), Operator: api.ID(p.Account), Key: api.ID(p.Credential),
		ProposedAt: api.Time(p.LapseAt - exchange.Time(exchange.ProposalLife)), LapsesAt: api.Time(p.LapseAt)}
	switch m := act.(type) {
	case *exchange.ResolveMarket:
		a.Act, a.Market, a.Version, a.Source, a.Evidence = "resolveMarket", api.ID(m.Market), m.Version, m.Source, m.Evidence
		for _, v := range m.Values {
			a.Values = append(a.Values, api.Price(v))
		}
	case *exchange.VoidMarket:
		a.Act, a.Market, a.Version, a.Reason = "voidMarket", api.ID(m.Market), m.Version, m.Reason
	case *exchange.Withdraw:
		a.Act, a.Account, a.Amount, a.Reference = "adminWithdraw", api.ID(m.Account), api.Money(m.Amount), m.Reference
	case *exchange.SetApprovals:
		a.Act, a.Approvals = "setApprovals", &api.SetApprovals{Reversals: m.Reversals, Withdrawals: api.Money(m.Withdrawals)}
	}
	return a, ok
}

func (c *call) approveProposal() *api.Problem { return c.decide(true) }
func (c *call) rejectProposal() *api.Problem  { return c.decide(false) }

func (c *call) decide(approve bool) *api.Problem {
	id, p := c.pathID("proposal", 1<<64-1, exchange.RejectProposalNotFound)
	if p != nil {
		return p
	}
	if p := c.needRules(exchange.ApprovalRules); p != nil {
		return p
	}
	r, p := c.do(&exchange.DecideAct{Account: c.who.Account, Key: c.coreKey(), Credential: c.who.ID, Proposal: exchange.ProposalID(id), Approve: approve})
	if p != nil {
		return p
	}
	if p := c.wait(r.Seq); p != nil {
		return p
	}
	return c.answer(api.ProposalAnswer{Receipt: receipt(r), Proposal: api.ID(id)})
}
