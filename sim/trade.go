package sim

import (
	"time"

	"github.com/hustings/hustings/exchange"
)

// choose makes up a command. Few accounts, markets and prices, so that orders meet.
func (d *desk) choose() (*group, exchange.Command) {
	w := d.w
	g := w.groups[w.IntN(len(w.groups))]
	switch n := w.IntN(100); {
	case n < 50:
		return g, d.order(g)
	case n < 72 && len(d.orders) > 0:
		return d.meddle()
	case n < 77:
		return g, &exchange.MassCancel{Key: d.key(), Account: d.account(), Market: exchange.MarketID(w.IntN(markets + 1))}
	case n < 82:
		return w.groups[0], d.money()
	case n < 94:
		return g, &exchange.SendTransfer{Key: d.key(), Account: d.account(), To: w.groups[w.IntN(len(w.groups))].shard, Amount: d.amount()}
	case n < 96:
		return g, &exchange.SetDeadMan{Key: d.key(), Account: d.account(), Timeout: exchange.Duration(w.IntN(3)) * 1e9}
	}
	return g, d.operate(g)
}

func (d *desk) account() exchange.AccountID {
	return 1 + exchange.AccountID(d.w.IntN(int(traders)))
}

func (d *desk) amount() exchange.Money { return 1 + exchange.Money(d.w.IntN(3_000_000)) }

func (d *desk) market(g *group) exchange.MarketID {
	return exchange.MarketID(1 + d.w.IntN(max(1, len(g.oracle.model.Markets))))
}

func (d *desk) order(g *group) exchange.Command {
	w := d.w
	o := &exchange.PlaceOrder{Key: d.key(), Account: d.account(), Market: d.market(g), Side: exchange.Side(w.IntN(2)),
		SelfTrade: exchange.SelfTrade(w.IntN(4)), Price: exchange.Price(4_900 + 25*w.IntN(9)), Quantity: exchange.Quantity(1 + w.IntN(60)),
		FundsElsewhere: w.chance(10)}
	switch n := w.IntN(100); {
	case n < 12:
		o.TimeInForce = exchange.ImmediateOrCancel
	case n < 17:
		o.TimeInForce = exchange.FillOrKill
	case n < 25:
		o.TimeInForce = exchange.GoodTillTime
		o.ExpireAt = g.oracle.model.Now + exchange.Time(w.upTo(2*time.Second))
	case n < 30:
		o.Flags = exchange.PostOnly
	case n < 33:
		o.Flags = exchange.ReduceOnly
	}
	return o
}

// meddle cancels or amends an order of which a client knows.
func (d *desk) meddle() (*group, exchange.Command) {
	w := d.w
	o := d.orders[w.IntN(len(d.orders))]
	if w.chance(60) {
		return o.group, &exchange.CancelOrder{Key: d.key(), Account: o.account, Market: o.market, Order: o.order}
	}
	return o.group, &exchange.AmendOrder{Key: d.key(), Account: o.account, Market: o.market, Order: o.order,
		Price: exchange.Price(4_900 + 25*w.IntN(9)), Quantity: exchange.Quantity(1 + w.IntN(60)), FundsElsewhere: w.chance(10)}
}

func (d *desk) money() exchange.Command {
	if d.w.chance(60) {
		return &exchange.Deposit{Key: d.key(), Account: d.account(), Amount: d.amount(), Reference: "again"}
	}
	return &exchange.Withdraw{Key: d.key(), Account: d.account(), Amount: d.amount(), Reference: "out"}
}

// operate does what the operator of the markets does.
func (d *desk) operate(g *group) exchange.Command {
	w := d.w
	act := exchange.MarketAction{Key: d.key(), Market: d.market(g)}
	switch w.IntN(8) {
	case 0:
		return &exchange.SuspendMarket{MarketAction: act}
	case 1, 2, 3:
		return &exchange.ResumeMarket{MarketAction: act}
	case 4:
		return &exchange.CancelMarketOrders{MarketAction: act}
	case 5:
		return &exchange.ResolveMarket{MarketAction: act, Values: []exchange.Price{exchange.Price(10_000 * w.IntN(2))}, Source: "the count"}
	case 6:
		return &exchange.VoidMarket{MarketAction: act, Reason: "it was unclear"}
	}
	return d.newMarket()
}
