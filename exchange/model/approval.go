package model

import (
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// Proposal is an act that waits for a second operator.
type Proposal struct {
	ID         exchange.ProposalID
	Account    exchange.AccountID // 0: whoever has the admin key
	Credential exchange.CredentialID
	LapseAt    exchange.Time
	Act        exchange.Command
}

const maxProposals = 100

// needsTwo reports whether an act that can be done needs a second operator.
func (e *Engine) needsTwo(act exchange.Command) bool {
	switch c := act.(type) {
	case *exchange.Withdraw:
		return e.Approvals.Withdrawals > 0 && c.Amount > e.Approvals.Withdrawals
	case *exchange.VoidMarket:
		return e.Approvals.Reversals && e.market(c.Market).State == exchange.StateResolved
	case *exchange.ResolveMarket:
		m := e.market(c.Market)
		return e.Approvals.Reversals && m.State == exchange.StateResolved && !slices.Equal(m.Values, c.Values)
	case *exchange.SetApprovals:
		was := e.Approvals
		less := was.Withdrawals > 0 && (c.Withdrawals == 0 || c.Withdrawals > was.Withdrawals)
		return !c.Followed && (was.Reversals && !c.Reversals || less)
	}
	return false
}

// alone reports whether one operator may do an act, which passed every other check.
func (e *Engine) alone(act exchange.Command) bool { return e.approved || !e.needsTwo(act) }

// proposable reads an act that can be proposed, or returns nil.
func proposable(frame []byte) exchange.Command {
	one, rest, err := wire.Next(frame)
	if err != nil || len(rest) > 0 {
		return nil
	}
	act, err := wire.ReadCommand(one)
	if err != nil || keyOf(act) != (exchange.Key{}) {
		return nil
	}
	switch c := act.(type) {
	case *exchange.Withdraw, *exchange.ResolveMarket, *exchange.VoidMarket:
		return act
	case *exchange.SetApprovals:
		if !c.Followed {
			return act
		}
	}
	return nil
}

// would returns the answer that an act would get if two operators had agreed to it, without doing it.
func (e *Engine) would(act exchange.Command) exchange.Reply {
	if m := e.about(act); m != nil && !m.here() {
		return m.onItsWay()
	}
	e.looking = true
	defer func() { e.looking = false }()
	return e.execute(act)
}

func (e *Engine) setApprovals(c *exchange.SetApprovals) exchange.Reply {
	switch {
	case c.Withdrawals < 0 || c.Withdrawals > exchange.MaxAmount:
		return refuse(exchange.RejectAmountOutOfRange)
	case e.looking:
		return exchange.Reply{}
	case !e.alone(c):
		return refuse(exchange.RejectApprovalNeeded)
	}
	e.Approvals = c.Approvals
	e.emit(&exchange.ApprovalsSet{Approvals: c.Approvals})
	return exchange.Reply{}
}

func (e *Engine) proposeAct(c *exchange.ProposeAct) exchange.Reply {
	if len(e.Proposals) >= maxProposals {
		return refuse(exchange.RejectTooManyIDs)
	}
	act := proposable(c.Act)
	if reply := e.would(act); reply.Code != exchange.Accepted {
		return reply
	}
	if !e.needsTwo(act) {
		return refuse(exchange.RejectApprovalNotNeeded)
	}
	reply := exchange.Reply{ID: uint64(e.Proposed + 1)}
	switch a := act.(type) {
	case *exchange.ResolveMarket:
		a.Version = e.market(a.Market).Version
		reply.Version = a.Version
	case *exchange.VoidMarket:
		a.Version = e.market(a.Market).Version
		reply.Version = a.Version
	}
	e.Proposed++
	p := &Proposal{ID: e.Proposed, Account: c.Account, Credential: c.Credential, LapseAt: e.Now + 24*3600*exchange.Time(second), Act: act}
	e.Proposals = append(e.Proposals, p)
	frame, err := wire.AppendCommand(nil, act)
	if err != nil {
		panic("model: " + err.Error())
	}
	e.emit(&exchange.ActProposed{Account: p.Account, Credential: p.Credential, Proposal: p.ID, LapseAt: p.LapseAt, Act: frame})
	return reply
}

func (e *Engine) decideAct(c *exchange.DecideAct) exchange.Reply {
	i := slices.IndexFunc(e.Proposals, func(p *Proposal) bool { return p.ID == c.Proposal })
	if i < 0 {
		return refuse(exchange.RejectProposalNotFound)
	}
	p := e.Proposals[i]
	verdict := exchange.ProposalRejected
	if c.Approve {
		verdict = exchange.ProposalApproved
		if p.Account == c.Account {
			return refuse(exchange.RejectOwnProposal)
		}
		if reply := e.would(p.Act); reply.Code != exchange.Accepted {
			return reply
		}
	}
	e.Proposals = slices.Delete(e.Proposals, i, i+1)
	e.emit(&exchange.ActDecided{Account: c.Account, Credential: c.Credential, Proposal: p.ID, Verdict: verdict})
	if c.Approve {
		e.approved = true
		e.execute(p.Act)
		e.approved = false
	}
	return exchange.Reply{ID: uint64(p.ID)}
}

// lapse ends the proposals whose time is over.
func (e *Engine) lapse() {
	for len(e.Proposals) > 0 && e.Proposals[0].LapseAt <= e.Now {
		e.emit(&exchange.ActDecided{Proposal: e.Proposals[0].ID, Verdict: exchange.ProposalLapsed})
		e.Proposals = e.Proposals[1:]
	}
}
