package merge

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// propose proposes an act and returns the answer.
func (f *fixture) propose(who exchange.AccountID, act exchange.Command) exchange.Reply {
	f.Helper()
	frame, err := wire.Proposable(act)
	if err != nil {
		f.Fatal(err)
	}
	return f.give(&exchange.ProposeAct{Account: who, Key: f.key(), Act: frame})[0]
}

func (f *fixture) approve(who exchange.AccountID, proposal uint64) exchange.Reject {
	f.Helper()
	return f.give(&exchange.DecideAct{Account: who, Key: f.key(), Proposal: exchange.ProposalID(proposal), Approve: true})[0].Code
}

// resolved makes every market resolved to Yes, with an hour to dispute it, and lets reversals need two.
func (f *fixture) resolved() []exchange.MarketID {
	f.Helper()
	var all []exchange.MarketID
	for i := range f.sites {
		id := exchange.MarketID(100)
		for f.Map.Of(id) != exchange.ShardID(i+1) {
			id++
		}
		all = append(all, id)
		if r, err := f.one(f.Context(), exchange.ShardID(i+1), &exchange.CreateMarket{ID: id, Spec: exchange.MarketSpec{Question: "Will it be reversed?",
			Tick: exchange.TickRule{Middle: 1}, PositionLimit: 1_000, DisputeWindow: 3600e9}}); err != nil || r.Code != exchange.Accepted {
			f.Fatal(r, err)
		}
		f.until(func() bool { _, ok := f.Market(id); return ok })
		f.accepted(reverse(id, exchange.One))
	}
	f.accepted(&exchange.SetApprovals{Key: f.key(), Approvals: exchange.Approvals{Reversals: true, Withdrawals: 10_0000}})
	return all
}

func reverse(market exchange.MarketID, value exchange.Price) *exchange.ResolveMarket {
	return &exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: market}, Values: []exchange.Price{value}, Source: "the count"}
}

// A reversal needs two on every shard, its proposal is kept there, and its id tells which shard that is.
func TestReversalsNeedTwoOnEveryShard(t *testing.T) {
	f := newFixture(t, 3)
	const ann, ben = 1, 2
	ids := map[uint64]bool{}
	for i, m := range f.resolved() {
		if r := f.give(reverse(m, 0))[0]; r.Code != exchange.RejectApprovalNeeded {
			t.Fatalf("on shard %d: %+v", i+1, r)
		}
		r := f.propose(ann, reverse(m, 0))
		if shard, _ := SplitSeq(r.Seq); r.Code != exchange.Accepted || ids[r.ID] || shard != exchange.ShardID(i+1) {
			t.Fatalf("on shard %d: %+v", i+1, r)
		}
		ids[r.ID] = true
		f.until(func() bool { return len(f.Proposals()) == 1 })
		if p := f.Proposals()[0]; uint64(p.ID) != r.ID || p.Account != ann {
			t.Errorf("on shard %d: %+v", i+1, p)
		}
		if code := f.approve(ann, r.ID); code != exchange.RejectOwnProposal {
			t.Errorf("on shard %d: %v", i+1, code)
		}
		if code := f.approve(ben, r.ID); code != exchange.Accepted {
			t.Errorf("on shard %d: %v", i+1, code)
		}
		f.until(func() bool {
			x, _ := f.Market(m)
			return x.Version == 3 && x.Books[0].Value == 0 && len(f.Proposals()) == 0
		})
		if code := f.approve(ben, r.ID); code != exchange.RejectProposalNotFound {
			t.Errorf("on shard %d a second time: %v", i+1, code)
		}
	}
	for _, nowhere := range []exchange.ShardID{4, 60_000} {
		if code := f.approve(ben, uint64(JoinSeq(nowhere, 1))); code != exchange.RejectProposalNotFound {
			t.Errorf("of shard %d, which does not exist: %v", nowhere, code)
		}
	}
}

// What needs two is more at once everywhere; that it is less is agreed to at home alone.
func TestApprovalsAreHomes(t *testing.T) {
	f := newFixture(t, 2)
	f.resolved()
	for _, s := range f.all() {
		if err := s.Fresh(f.Context()); err != nil || !s.View.Approvals().Reversals || s.View.Approvals().Withdrawals != 10_0000 {
			t.Errorf("shard %d has %+v, %v", s.ID, s.View.Approvals(), err)
		}
	}
	if r := f.give(&exchange.SetApprovals{Key: f.key()})[0]; r.Code != exchange.RejectApprovalNeeded {
		t.Errorf("%+v", r)
	}
	r := f.propose(1, &exchange.SetApprovals{})
	if shard, _ := SplitSeq(r.Seq); r.Code != exchange.Accepted || shard != exchange.HomeShard {
		t.Fatalf("%+v", r)
	}
	if code := f.approve(0, r.ID); code != exchange.Accepted {
		t.Error(code)
	}
	f.until(func() bool { return f.Approvals() == exchange.Approvals{} })
	if !f.all()[1].View.Approvals().Reversals {
		t.Error("the other shard did not wait to follow home")
	}
}

// A withdrawal that was proposed is paid from cash that has gone to another shard since.
func TestApprovedWithdrawalGathersCash(t *testing.T) {
	f := newFixture(t, 2)
	f.resolved()
	id := f.trader("ann", 100_0000)
	if r := f.give(&exchange.Withdraw{Account: id, Key: f.key(), Amount: 90_0000})[0]; r.Code != exchange.RejectApprovalNeeded {
		t.Fatalf("%+v", r)
	}
	r := f.propose(7, &exchange.Withdraw{Account: id, Amount: 90_0000})
	if r.Code != exchange.Accepted {
		t.Fatalf("%+v", r)
	}
	f.accepted(&exchange.SendTransfer{Account: id, Key: f.key(), To: 2, Amount: 60_0000})
	f.until(func() bool {
		a, ok := f.sites[1].View().Account(id)
		return ok && a.Cash == 60_0000 && len(f.Proposals()) == 1
	})
	if code := f.approve(8, r.ID); code != exchange.Accepted {
		t.Error(code)
	}
	f.until(func() bool { a, _ := f.Account(id); return a.Cash == 10_0000 })
}

// A proposal stays where its market was: it cannot be approved after a move, and is proposed again where the market is.
func TestProposalDoesNotFollowItsMarket(t *testing.T) {
	f := newFixture(t, 3)
	market := f.resolved()[1]
	before := f.propose(1, reverse(market, 0))
	f.place(f.Map.Put(market, 3))
	f.settle(market)
	if code := f.approve(2, before.ID); code != exchange.RejectMarketMoved {
		t.Errorf("after the move: %v", code)
	}
	if r := f.give(reverse(market, 0))[0]; r.Code != exchange.RejectApprovalNeeded {
		t.Errorf("where it is now: %+v", r)
	}
	after := f.propose(1, reverse(market, 0))
	if shard, _ := SplitSeq(after.Seq); after.Code != exchange.Accepted || shard != 3 {
		t.Fatalf("%+v", after)
	}
	if code := f.approve(2, after.ID); code != exchange.Accepted {
		t.Error(code)
	}
	f.until(func() bool { x, _ := f.Market(market); return x.Version == 3 && x.Books[0].Value == 0 })
	if r := f.give(&exchange.DecideAct{Account: 1, Key: f.key(), Proposal: exchange.ProposalID(before.ID)})[0]; r.Code != exchange.Accepted {
		t.Errorf("the old one is rejected: %+v", r)
	}
}
