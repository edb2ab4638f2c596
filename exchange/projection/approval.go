package projection

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A Proposal is an act that waits for a second operator.
type Proposal struct {
	ID         exchange.ProposalID
	Account    exchange.AccountID // whose key proposed it; 0: the admin key itself
	Credential exchange.CredentialID
	LapseAt    exchange.Time
	Act        []byte // frame of the command; not to be changed
}

// approval is what is known of acts that need a second operator.
type approval struct {
	asked     exchange.Approvals
	made      exchange.ProposalID // the newest proposal
	proposals []Proposal          // that wait, oldest first
}

// Approvals returns which acts need a second operator.
func (v *View) Approvals() exchange.Approvals {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.approval.asked
}

// Proposals returns the acts that wait for a second operator, oldest first.
func (v *View) Proposals() []Proposal {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Clone(v.approval.proposals)
}

func (v *View) actProposed(e *exchange.ActProposed) *InconsistencyError {
	a := &v.approval
	if e.Proposal != a.made+1 {
		return broken("proposal %d follows proposal %d", e.Proposal, a.made)
	}
	a.made = e.Proposal
	a.proposals = append(a.proposals, Proposal{ID: e.Proposal, Account: e.Account, Credential: e.Credential, LapseAt: e.LapseAt, Act: slices.Clone(e.Act)})
	return nil
}

func (v *View) actDecided(e *exchange.ActDecided) *InconsistencyError {
	a := &v.approval
	i := slices.IndexFunc(a.proposals, func(p Proposal) bool { return p.ID == e.Proposal })
	switch {
	case i < 0:
		return broken("proposal %d is decided and does not wait", e.Proposal)
	case e.Verdict == exchange.ProposalApproved && e.Account == a.proposals[i].Account:
		return broken("proposal %d is approved by account %d, which made it", e.Proposal, e.Account)
	}
	a.proposals = slices.Delete(a.proposals, i, i+1)
	return nil
}

func (d *differ) approval() {
	a, b := &d.a.approval, &d.b.approval
	compare(d, "shard", "", "acts that need a second operator", a.asked, b.asked)
	compare(d, "shard", "", "newest proposal", a.made, b.made)
	compare(d, "shard", "", "proposals that wait", len(a.proposals), len(b.proposals))
	for i := range min(len(a.proposals), len(b.proposals)) {
		p, q := a.proposals[i], b.proposals[i]
		act, other := string(p.Act), string(q.Act)
		p.Act, q.Act = nil, nil
		if p.ID != q.ID || p.Account != q.Account || p.Credential != q.Credential || p.LapseAt != q.LapseAt || act != other {
			d.add("proposal %d: %+v of %x, other %+v of %x", p.ID, p, act, q, other)
		}
	}
}
