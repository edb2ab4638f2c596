package projection_test

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

// What an operator watches of markets: how many are in each state, which are quiet, and which wait for their payouts.
func TestFigures(t *testing.T) {
	w := newTwin(t)
	const day = 24 * 3600 * second
	spec := exchange.MarketSpec{Question: "Will it be watched?", Tick: exchange.TickRule{Middle: 100}, PositionLimit: 1000, DisputeWindow: 3600 * second}
	for range 3 {
		w.do(&exchange.CreateMarket{Spec: spec})
	}
	if f := w.view.Figures(w.now); f.States[exchange.StateOpen] != 3 || f.Quiet != 0 || f.Settling != 0 || f.Oldest != 0 {
		t.Errorf("three new markets: %+v", f)
	}
	if f := w.view.Figures(w.now + exchange.Time(day) + 1); f.Quiet != 3 {
		t.Errorf("a day without a trade: %d markets are quiet", f.Quiet)
	}
	w.do(&exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: 2}, Values: []exchange.Price{exchange.One}, Source: "the record"})
	resolved := w.now
	f := w.view.Figures(w.now)
	if f.States[exchange.StateOpen] != 2 || f.States[exchange.StateResolved] != 1 || f.Settling != 0 {
		t.Errorf("a result that may be disputed is not due: %+v", f)
	}
	due := resolved + exchange.Time(3600*second)
	if f := w.view.Figures(due + 5); f.Settling != 1 || f.Oldest != due {
		t.Errorf("due at %d and not paid: %d settle, the oldest since %d", due, f.Settling, f.Oldest)
	}
	w.pass(3601 * second)
	if f := w.view.Figures(w.now); f.Settling != 0 || f.Oldest != 0 || f.States[exchange.StateSettled] != 1 {
		t.Errorf("everything is paid: %+v", f)
	}
}
