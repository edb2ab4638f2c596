package shard_test

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

// A market is frozen while orders of another one wait to be removed. It waits for orders of its own, and for those of an account, of
// which nobody has looked yet whether they are in it.
func TestAMarketIsFrozenWhenNothingOfItWaits(t *testing.T) {
	const trader, busy, other = exchange.AccountID(1), exchange.MarketID(1), exchange.MarketID(2)
	act := func(id exchange.MarketID) exchange.MarketAction { return exchange.MarketAction{Market: id} }
	for _, test := range []struct {
		name   string
		before exchange.Command // in the same batch
		freeze exchange.MarketID
		want   exchange.Reject
	}{
		{"its orders are cancelled", &exchange.CancelMarketOrders{MarketAction: act(busy)}, busy, exchange.RejectMarketMoving},
		{"it closes", &exchange.CloseMarket{MarketAction: act(busy)}, busy, exchange.RejectMarketMoving},
		{"another one's orders are cancelled", &exchange.CancelMarketOrders{MarketAction: act(busy)}, other, exchange.Accepted},
		{"another one closes", &exchange.CloseMarket{MarketAction: act(busy)}, other, exchange.Accepted},
		{"another one is voided", &exchange.VoidMarket{MarketAction: act(busy), Reason: "unclear"}, other, exchange.Accepted},
		{"an account's orders are cancelled", &exchange.MassCancel{Account: trader}, other, exchange.RejectMarketMoving},
		{"an account is blocked", &exchange.SetLimits{Account: trader, Blocked: true, MaxOpenOrders: 10}, other, exchange.RejectMarketMoving},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, v := range venues() {
				v.reset()
				spec := exchange.MarketSpec{Question: "Will it stand still?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 100}
				v.apply(1, &exchange.SwitchRules{Version: exchange.MoveRules}, &exchange.Register{Name: "ada"}, &exchange.Deposit{Account: trader, Amount: 1_000_000},
					&exchange.CreateMarket{Spec: spec}, &exchange.CreateMarket{Spec: spec},
					&exchange.PlaceOrder{Account: trader, Market: busy, Side: exchange.Buy, Price: 5_000, Quantity: 1})
				v.drain(1)
				freeze := &exchange.FreezeMarket{Market: test.freeze, To: 2}
				done := v.apply(2, test.before, freeze)
				if done[0].reply.Code != exchange.Accepted || done[1].reply.Code != test.want {
					t.Errorf("the %s answers %v, and then %v", v.name(), done[0].reply.Code, done[1].reply.Code)
				}
				v.drain(2)
				if again := v.apply(2, freeze)[0].reply.Code; again != exchange.Accepted {
					t.Errorf("the %s answers %v when all is done", v.name(), again)
				}
			}
		})
	}
}
