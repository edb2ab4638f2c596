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
		id, at := d.market()
		return at, d.order(at, id)
	case n < 72 && len(d.orders) > 0:
		return d.meddle()
	case n < 77:
		return g, &exchange.MassCancel{Key: d.key(), Account: d.account(), Market: exchange.MarketID(w.IntN(d.opened + 1))}
	case n < 82:
		return w.groups[0], d.money()
	case n < 94:
		return g, &exchange.SendTransfer{Key: d.key(), Account: d.account(), To: w.groups[w.IntN(len(w.groups))].shard, Amount: d.amount()}
	case n < 95:
		return w.groups[0], d.changeGroup()
	case n < 97:
		return g, &exchange.SetDeadMan{Key: d.key(), Account: d.account(), Timeout: exchange.Duration(w.IntN(3)) * 1e9}
	}
	return d.operate(g)
}

func (d *desk) account() exchange.AccountID {
	return 1 + exchange.AccountID(d.w.IntN(int(traders)))
}

func (d *desk) amount() exchange.Money { return 1 + exchange.Money(d.w.IntN(3_000_000)) }

// market chooses one, and a shard: mostly that on which it is.
func (d *desk) market() (exchange.MarketID, *group) {
	id := exchange.MarketID(1 + d.w.IntN(max(1, d.opened)))
	if at := d.w.where(id); at != nil && d.w.chance(90) {
		return id, at
	}
	return id, d.w.groups[d.w.IntN(len(d.w.groups))]
}

func (d *desk) order(g *group, id exchange.MarketID) exchange.Command {
	w := d.w
	o := &exchange.PlaceOrder{Key: d.key(), Account: d.account(), Market: id, Outcome: d.outcome(id), Side: exchange.Side(w.IntN(2)),
		SelfTrade: exchange.SelfTrade(w.IntN(4)), Price: exchange.Price(4_900 + 25*w.IntN(9)), Quantity: exchange.Quantity(1 + w.IntN(60)),
		FundsElsewhere: w.chance(10)}
	d.group(o)
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
	if at := w.where(o.market); at != nil && w.chance(70) {
		o.group = at
	}
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
func (d *desk) operate(g *group) (*group, exchange.Command) {
	w := d.w
	id, at := d.market()
	act := exchange.MarketAction{Key: d.key(), Market: id}
	switch w.IntN(10) {
	case 0:
		return at, &exchange.SuspendMarket{MarketAction: act}
	case 1, 2, 3:
		return at, &exchange.ResumeMarket{MarketAction: act}
	case 4:
		return at, &exchange.CancelMarketOrders{MarketAction: act}
	case 5:
		return at, &exchange.ResolveMarket{MarketAction: act, Values: d.values(id), Source: "the count"}
	case 6:
		return at, &exchange.VoidMarket{MarketAction: act, Reason: "it was unclear"}
	case 7:
		return at, &exchange.UpdateMarket{Key: d.key(), Market: id, CloseAt: d.soon()}
	case 8:
		return at, &exchange.CloseMarket{MarketAction: act}
	}
	return g, d.newMarket()
}
