package shard

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/wire"
)

// frame returns the bytes of an act that is to be proposed.
func frame(t *testing.T, act exchange.Command) []byte {
	t.Helper()
	b, err := wire.AppendCommand(nil, act)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// twoNeeded is a shard where reversals and payments of more than 1.0000 need two, with a resolved market 1 and a rich account 1.
func twoNeeded(t *testing.T) *Shard {
	t.Helper()
	s := New()
	apply(t, s, 1, &exchange.SwitchRules{Version: exchange.RulesVersion}, &exchange.Register{Name: "ann"},
		&exchange.Deposit{Account: 1, Amount: 100_0000},
		&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 100,
			DisputeWindow: 1000}},
		&exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: 1}, Values: []exchange.Price{exchange.One}, Source: "the count"},
		&exchange.SetApprovals{Approvals: exchange.Approvals{Reversals: true, Withdrawals: 1_0000}})
	return s
}

// one applies one command, which may be refused, and returns its answer.
func one(t *testing.T, s *Shard, now exchange.Time, cmd exchange.Command) exchange.Reply {
	t.Helper()
	var out Output
	if err := s.Apply(append(wire.AppendBatchHead(nil, now, 1), frame(t, cmd)...), &out); err != nil {
		t.Fatal(err)
	}
	return out.Replies[0]
}

// A shard that was loaded from a snapshot knows what waits and when it lapses, and gives the same ids.
func TestSnapshotKeepsProposals(t *testing.T) {
	s := twoNeeded(t)
	void := frame(t, &exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: 1}, Reason: "a mistake"})
	pay := frame(t, &exchange.Withdraw{Account: 1, Amount: 2_0000})
	one(t, s, 2, &exchange.ProposeAct{Account: 1, Credential: 7, Act: void})
	one(t, s, 3, &exchange.ProposeAct{Account: 1, Credential: 7, Act: pay})
	one(t, s, 4, &exchange.DecideAct{Proposal: 1})
	before, load := dump(t, s.Freeze())
	s.Thaw()
	loaded := load()
	after, _ := dump(t, loaded.Freeze())
	loaded.Thaw()
	if before != after {
		t.Error("the loaded state is written otherwise")
	}
	for _, x := range []*Shard{s, loaded} {
		if r := one(t, x, 5, &exchange.ProposeAct{Act: pay}); r.Code != exchange.Accepted || r.ID != 3 {
			t.Errorf("the next proposal: %+v", r)
		}
		if r := one(t, x, 6, &exchange.DecideAct{Account: 1, Proposal: 2, Approve: true}); r.Code != exchange.RejectOwnProposal {
			t.Errorf("who proposed approves: %+v", r)
		}
		apply(t, x, 3+exchange.Time(exchange.ProposalLife))
		if p := x.approval.proposals; len(p) != 1 || p[0].id != 3 {
			t.Errorf("after a day there wait %+v", p)
		}
		if at, ok := x.NextTimer(); !ok || at != 5+exchange.Time(exchange.ProposalLife) {
			t.Errorf("the next lapses at %d, %v", at, ok)
		}
	}
}

// While a market is on its way to another shard, approval has to wait, and where it has gone it does not come to pass; a move
// that is given up changes nothing.
func TestApprovalWaitsForAMarketOnItsWay(t *testing.T) {
	s := twoNeeded(t)
	one(t, s, 2, &exchange.ProposeAct{Act: frame(t, &exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: 1}, Reason: "a mistake"})})
	approve := &exchange.DecideAct{Account: 1, Key: exchange.Key{1}, Proposal: 1, Approve: true}
	if r := one(t, s, 3, &exchange.FreezeMarket{Market: 1, To: 2}); r.Code != exchange.Accepted {
		t.Fatalf("the market is not frozen: %+v", r)
	}
	seq := s.Seq()
	for _, cmd := range []exchange.Command{approve, &exchange.ProposeAct{Account: 1, Act: frame(t, &exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: 1}, Reason: "so"})}} {
		if r := one(t, s, 4, cmd); r.Code != exchange.RejectMarketMoving || r.ID != 2 || s.Seq() != seq {
			t.Errorf("%T: %+v after %d events", cmd, r, s.Seq()-seq)
		}
	}
	s.setStage(1, s.market(1), market.Gone)
	if r := one(t, s, 4, approve); r.Code != exchange.RejectMarketMoved || len(s.approval.proposals) != 1 {
		t.Errorf("of a market that has gone: %+v", r)
	}
	s.setStage(1, s.market(1), market.Frozen)
	one(t, s, 5, &exchange.ThawMarket{Market: 1, Move: 1})
	if r := one(t, s, 6, approve); r.Code != exchange.Accepted || s.market(1).State < exchange.StateVoiding {
		t.Errorf("after the move was given up: %+v, %v", r, s.market(1).State)
	}
}

// No more than so many wait, and each that is decided makes room.
func TestProposalsAreBounded(t *testing.T) {
	s := twoNeeded(t)
	propose := &exchange.ProposeAct{Act: frame(t, &exchange.Withdraw{Account: 1, Amount: 2_0000})}
	for range exchange.MaxProposals {
		if r := one(t, s, 2, propose); r.Code != exchange.Accepted {
			t.Fatal(r)
		}
	}
	if r := one(t, s, 2, propose); r.Code != exchange.RejectTooManyIDs {
		t.Errorf("one more: %+v", r)
	}
	one(t, s, 2, &exchange.DecideAct{Proposal: 50})
	if r := one(t, s, 2, propose); r.Code != exchange.Accepted || r.ID != exchange.MaxProposals+1 {
		t.Errorf("into the place of one that was rejected: %+v", r)
	}
	apply(t, s, 2+exchange.Time(exchange.ProposalLife))
	if len(s.approval.proposals) != 0 {
		t.Errorf("%d wait after their time", len(s.approval.proposals))
	}
}
