package model

import (
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

func act(version uint32) exchange.MarketAction {
	return exchange.MarketAction{Market: 1, Version: version}
}

func resolve(values ...exchange.Price) *exchange.ResolveMarket {
	return &exchange.ResolveMarket{MarketAction: act(0), Values: values, Source: "weather office"}
}

func TestLifeOfAMarket(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) {
		s.Flags = 0
		s.CloseAt = exchange.Time(10 * second)
	})
	d.do(buy(alice, 1, 5000))
	d.do(&exchange.SuspendMarket{MarketAction: act(1)})
	d.queue(exchange.Buy)
	d.refused(exchange.RejectVersionMismatch, &exchange.ResumeMarket{MarketAction: act(1)})
	d.refused(exchange.RejectMarketNotOpen, buy(alice, 1, 5000))
	d.refused(exchange.RejectMarketState, &exchange.SuspendMarket{MarketAction: act(2)})
	d.do(&exchange.ResumeMarket{MarketAction: act(2)})
	d.do(buy(alice, 1, 5000))
	d.wait(10*second - 1)
	d.queue(exchange.Buy, 2)
	d.wait(1)
	d.queue(exchange.Buy)
	d.refused(exchange.RejectMarketState, &exchange.CloseMarket{MarketAction: act(4)})
	d.do(resolve(exchange.One))
	if m := d.Markets[0]; m.State != exchange.StateSettled || m.Version != 6 {
		t.Errorf("%v, version %d", m.State, m.Version)
	}
	d.refused(exchange.RejectMarketState, &exchange.VoidMarket{MarketAction: act(0), Reason: "too late"})
}

func TestSuspendedOrdersMayStay(t *testing.T) {
	d := newDesk(t, nil)
	d.do(buy(alice, 1, 5000))
	d.do(&exchange.SuspendMarket{MarketAction: act(0)})
	d.queue(exchange.Buy, 1)
	d.refused(exchange.RejectMarketNotOpen, amend(alice, 1, 1, 0))
	d.do(&exchange.CancelOrder{Account: alice, Market: 1, Order: order(1)})
}

func TestSettlement(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee, s.DisputeWindow = 700, 60*second })
	d.do(buy(alice, 10, 6000))
	d.do(sell(bob, 10, 6000)) // fee 0.1680
	d.do(sell(alice, 3, 7000))
	d.do(resolve(0))
	d.wait(60*second - 1)
	d.do(resolve(2500)) // again, and the window begins anew
	d.wait(60*second - 1)
	d.has(alice, Position{Yes: 10})
	d.wait(1)
	d.cash(alice, 1_000_0000-6_0000+10*2500)
	d.cash(bob, 1_000_0000-4_0000-1680+10*7500)
	if d.House != 1680 {
		t.Errorf("the house has %v", d.House)
	}
	d.refused(exchange.RejectMarketState, resolve(0))
}

func TestCategoricalMarket(t *testing.T) {
	d := newDesk(t, nil)
	id := d.open(func(s *exchange.MarketSpec) { s.Outcomes = []string{"Anna", "Ben", "Carl"} })
	in := func(n exchange.Outcome) func(*exchange.PlaceOrder) {
		return func(o *exchange.PlaceOrder) { o.Market, o.Outcome = id, n }
	}
	d.do(buy(alice, 10, 5000, in(0)))
	d.do(sell(bob, 10, 5000, in(0)))
	d.do(buy(alice, 4, 2000, in(2)))
	d.do(sell(carol, 4, 2000, in(2)))
	d.refused(exchange.RejectOutcomeNotFound, buy(alice, 1, 5000, in(3)))
	bad := resolve(5000, 0, 4999)
	bad.Market = id
	d.refused(exchange.RejectValuesInvalid, bad)
	good := resolve(5000, 0, 5000)
	good.Market = id
	d.do(good)
	d.cash(alice, 1_000_0000-10*5000-4*2000+10*5000+4*5000)
	d.cash(bob, 1_000_0000)
	d.cash(carol, 1_000_0000-4*8000+4*5000)
}

func TestVoidGivesBack(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee = 700 })
	d.do(buy(alice, 10, 2000))
	d.do(sell(bob, 10, 2000))   // alice pays 2.0000, bob 8.0000 and a fee of 0.1120
	d.do(sell(alice, 10, 9000)) // she takes her profit from carol
	d.do(buy(carol, 10, 9000))  // carol pays 9.0000 and a fee of 0.0630
	d.cash(alice, 1_000_0000+7_0000)
	d.do(&exchange.Withdraw{Account: alice, Amount: 1_005_0000})
	d.do(&exchange.VoidMarket{MarketAction: act(0), Reason: "the question was unclear"})
	d.cash(alice, 0) // she had 2.0000 of the 7.0000
	d.cash(bob, 1_000_0000)
	d.cash(carol, 1_000_0000)
	if r := d.account(alice).Receivable; r != 5_0000 {
		t.Errorf("receivable %v", r)
	}
	d.do(&exchange.Deposit{Account: alice, Amount: 2_0000})
	d.cash(alice, 0)
	d.do(&exchange.Deposit{Account: alice, Amount: 4_0000})
	d.cash(alice, 1_0000)
}

func TestMarketTerms(t *testing.T) {
	tests := []struct {
		name   string
		change func(*exchange.MarketSpec)
		want   exchange.Reject
	}{
		{"short question", func(s *exchange.MarketSpec) { s.Question = "Rain now?" }, exchange.RejectTextInvalid},
		{"long rules", func(s *exchange.MarketSpec) { s.Rules = strings.Repeat("x", 10_001) }, exchange.RejectTextInvalid},
		{"one outcome", func(s *exchange.MarketSpec) { s.Outcomes = []string{"Anna"} }, exchange.RejectOutcomesInvalid},
		{"equal outcomes", func(s *exchange.MarketSpec) { s.Outcomes = []string{"A", "A"} }, exchange.RejectOutcomesInvalid},
		{"closed already", func(s *exchange.MarketSpec) { s.CloseAt = 1 }, exchange.RejectTermsInvalid},
		{"tick", func(s *exchange.MarketSpec) { s.Tick.Middle = 7 }, exchange.RejectTermsInvalid},
		{"fee", func(s *exchange.MarketSpec) { s.TakerFee = 10_001 }, exchange.RejectTermsInvalid},
		{"limit", func(s *exchange.MarketSpec) { s.PositionLimit = 0 }, exchange.RejectTermsInvalid},
		{"good", func(*exchange.MarketSpec) {}, exchange.Accepted},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.wait(1)
			spec := d.Markets[0].Spec
			test.change(&spec)
			d.refused(test.want, &exchange.CreateMarket{Spec: spec})
		})
	}
}

func TestRulesAreImmutable(t *testing.T) {
	d := newDesk(t, nil)
	d.do(&exchange.UpdateMarket{Market: 1, Rules: "Any drop counts.", CloseAt: -1})
	d.do(buy(alice, 1, 1))
	d.refused(exchange.RejectRulesImmutable, &exchange.UpdateMarket{Market: 1, Rules: "Ten drops count."})
	d.do(&exchange.UpdateMarket{Market: 1, Question: "Will it rain on Sunday?", CloseAt: 5})
	if spec := d.Markets[0].Spec; spec.Rules != "Any drop counts." || spec.CloseAt != 5 || d.Markets[0].Version != 3 {
		t.Errorf("got %+v", spec)
	}
}
