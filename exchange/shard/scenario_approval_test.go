package shard_test

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// parseApprovals reads which acts need a second operator.
func parseApprovals(w *words) exchange.Command {
	c := &exchange.SetApprovals{}
	for !w.empty() {
		switch {
		case w.is("reversals"):
			c.Reversals = true
		case w.is("withdrawals"):
			c.Withdrawals = w.money()
		case w.is("followed"):
			c.Followed = true
		case w.is("key"):
			c.Key = w.key()
		default:
			w.fail("%q is not understood", w.next())
		}
	}
	return c
}

// parseTwo reads what one of two operators does: an account, or whoever has the admin key.
func (s *stage) parseTwo(who exchange.AccountID, verb string, w *words) exchange.Command {
	if verb == "proposes" {
		c := &exchange.ProposeAct{Account: who}
		if w.is("key") {
			c.Key = w.key()
		}
		if r, ok := s.parseOperator(w.next(), w); ok {
			c.Act = frameOf(r.cmd)
			return c
		}
		w.fail("only what the operator does can be proposed")
		return c
	}
	c := &exchange.DecideAct{Account: who, Proposal: exchange.ProposalID(w.numbered("p")), Approve: verb == "approves"}
	if w.is("key") {
		c.Key = w.key()
	}
	return c
}

func (s *stage) showProposals() []string {
	st := s.state()
	out := []string{fmt.Sprintf("reversals %v, withdrawals above %v", st.Approvals.Reversals, st.Approvals.Withdrawals)}
	for _, p := range st.Proposals {
		who := "root"
		if p.Account != 0 {
			who = s.people[p.Account]
		}
		out = append(out, fmt.Sprintf("p%d of %s waits", p.ID, who))
	}
	return out
}
