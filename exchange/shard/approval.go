package shard

import (
	"cmp"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/timer"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// approval is what is known of acts that need a second operator.
type approval struct {
	asked     exchange.Approvals
	made      exchange.ProposalID // the newest proposal
	proposals []proposal          // that wait, oldest first
	consent   consent             // to the act that is under way; not part of the state between commands
}

// proposal is an act that waits for a second operator. Its bytes are never changed.
type proposal struct {
	id         exchange.ProposalID
	account    exchange.AccountID
	credential exchange.CredentialID
	timer      uint32 // of its lapse
	act        []byte
}

// consent is what a second operator has to do with the act under way.
type consent uint8

const (
	noConsent consent = iota // nothing
	asking                   // it is looked at whether the act could be done, and nothing is done
	given                    // he approved it
)

func (a *approval) fields(c *codec.Codec) {
	codec.Flag(c, &a.asked.Reversals)
	codec.U64(c, &a.asked.Withdrawals)
	codec.U64(c, &a.made)
	n := uint8(len(a.proposals))
	codec.U8(c, &n)
	if c.Reading() {
		a.proposals = make([]proposal, n)
	}
	for i := range a.proposals {
		a.proposals[i].Fields(c)
	}
}

func (p *proposal) Fields(c *codec.Codec) {
	codec.U64(c, &p.id)
	codec.U32(c, &p.account)
	codec.U32(c, &p.credential)
	codec.U32(c, &p.timer)
	c.Blob(&p.act)
	if c.Reading() {
		p.act = slices.Clone(p.act)
	}
}

// agreed is the last check of an act, of which needed says whether two operators have to agree to it.
func (a *approval) agreed(needed bool) exchange.Reject {
	switch {
	case needed && a.consent != given:
		return exchange.RejectApprovalNeeded
	case a.consent == asking:
		return exchange.RejectApprovalNotNeeded
	}
	return exchange.Accepted
}

func (a *approval) find(id exchange.ProposalID) (place int, ok bool) {
	return slices.BinarySearchFunc(a.proposals, id, func(p proposal, id exchange.ProposalID) int { return cmp.Compare(p.id, id) })
}

// doApproval executes a command about acts that need a second operator.
func (s *Shard) doApproval(cmd exchange.Command, r *exchange.Reply) exchange.Reject {
	switch c := cmd.(type) {
	case *exchange.SetApprovals:
		return s.setApprovals(c)
	case *exchange.ProposeAct:
		return s.proposeAct(c, r)
	case *exchange.DecideAct:
		return s.decideAct(c, r)
	}
	return exchange.RejectMalformed
}

func (s *Shard) setApprovals(c *exchange.SetApprovals) exchange.Reject {
	if c.Withdrawals < 0 || c.Withdrawals > exchange.MaxAmount {
		return exchange.RejectAmountOutOfRange
	}
	if code := s.approval.agreed(!c.Followed && c.Weaker(s.approval.asked)); code != exchange.Accepted {
		return code
	}
	s.approval.asked = c.Approvals
	s.emit(&exchange.ApprovalsSet{Approvals: c.Approvals})
	return exchange.Accepted
}

// act carries out, or only looks at, an act that was proposed.
func (s *Shard) act(cmd exchange.Command, how consent, r *exchange.Reply) (code exchange.Reject) {
	s.approval.consent = how
	switch c := cmd.(type) {
	case *exchange.Withdraw:
		code = s.withdrawFunds(c, r)
	case *exchange.SetApprovals:
		code = s.setApprovals(c)
	default:
		if m := s.market(subject(cmd)); m != nil && m.Stage != market.Here {
			s.onItsWay(m, r)
			code = r.Code
		} else {
			_, code = s.doMarket(cmd, r)
		}
	}
	s.approval.consent = noConsent
	return code
}

// proposeAct executes a ProposeAct command.
func (s *Shard) proposeAct(c *exchange.ProposeAct, r *exchange.Reply) exchange.Reject {
	a := &s.approval
	if len(a.proposals) == exchange.MaxProposals {
		return exchange.RejectTooManyIDs
	}
	act, _ := wire.ReadProposable(c.Act)
	if code := s.act(act, asking, r); code != exchange.RejectApprovalNeeded {
		return code
	}
	a.made++
	seen, version := s.asSeen(act)
	p := proposal{id: a.made, account: c.Account, credential: c.Credential, act: seen}
	lapseAt := s.now + exchange.Time(exchange.ProposalLife)
	p.timer = s.timers.Add(lapseAt, timer.LapseProposal, uint64(p.id))
	a.proposals = append(a.proposals, p)
	r.ID, r.Version = uint64(p.id), version
	s.emit(&exchange.ActProposed{Account: p.account, Credential: p.credential, Proposal: p.id, LapseAt: lapseAt, Act: p.act})
	return exchange.Accepted
}

// asSeen returns the frame of an act that can be done now. One about a market names its version, which is returned too, so that what is
// approved is what was proposed: not an act on a market that has changed since.
func (s *Shard) asSeen(act exchange.Command) (seen []byte, version uint32) {
	if m := s.market(subject(act)); m != nil {
		version = m.Version
	}
	switch c := act.(type) {
	case *exchange.ResolveMarket:
		c.Version = version
	case *exchange.VoidMarket:
		c.Version = version
	}
	frame, err := wire.AppendCommand(nil, act)
	if err != nil {
		panic("shard: an act that was read cannot be written: " + err.Error())
	}
	return frame, version
}

// decideAct executes a DecideAct command.
func (s *Shard) decideAct(c *exchange.DecideAct, r *exchange.Reply) exchange.Reject {
	place, ok := s.approval.find(c.Proposal)
	if !ok {
		return exchange.RejectProposalNotFound
	}
	p := s.approval.proposals[place]
	verdict := exchange.ProposalRejected
	act, _ := wire.ReadProposable(p.act)
	if c.Approve {
		verdict = exchange.ProposalApproved
		if c.Account == p.account {
			return exchange.RejectOwnProposal
		}
		if code := s.act(act, asking, r); code != exchange.RejectApprovalNeeded && code != exchange.RejectApprovalNotNeeded {
			return code
		}
	}
	s.timers.Remove(p.timer)
	s.endProposal(place, exchange.ActDecided{Account: c.Account, Credential: c.Credential, Verdict: verdict})
	if c.Approve {
		s.act(act, given, r)
	}
	*r = exchange.Reply{ID: uint64(c.Proposal)}
	return exchange.Accepted
}

// endProposal takes a proposal out, whose timer is gone.
func (s *Shard) endProposal(place int, e exchange.ActDecided) {
	a := &s.approval
	e.Proposal = a.proposals[place].id
	a.proposals = slices.Delete(a.proposals, place, place+1)
	s.emit(&e)
}

// lapse ends a proposal whose time is over.
func (s *Shard) lapse(id exchange.ProposalID) {
	if place, ok := s.approval.find(id); ok {
		s.endProposal(place, exchange.ActDecided{Verdict: exchange.ProposalLapsed})
	}
}
