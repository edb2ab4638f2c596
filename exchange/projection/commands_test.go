package projection_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/exchange"
)

const accounts = 5

// opening are the commands that every run begins with.
func opening() []exchange.Command {
	var all []exchange.Command
	for i := range exchange.AccountID(accounts) {
		all = append(all,
			&exchange.Register{Name: fmt.Sprintf("trader-%d", i), PasswordHash: "hash"},
			&exchange.Deposit{Account: i + 1, Amount: 2_000_000, Reference: "opening"},
			&exchange.CreateGroup{Account: i + 1, Limit: 40, Window: 100 * second})
	}
	all = append(all, &exchange.SwitchRules{Version: exchange.TransferRules})
	spec := exchange.MarketSpec{Question: "Will it rain tomorrow?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 100_000}
	all = append(all, &exchange.CreateMarket{Spec: spec})
	spec.TakerFee, spec.MakerShare, spec.DisputeWindow = 700, 2_500, 200*second
	spec.Flags = exchange.SelfTradesAllowed | exchange.KeepOrdersOnSuspend
	all = append(all, &exchange.CreateMarket{Spec: spec})
	spec.Question, spec.Outcomes, spec.Flags, spec.PositionLimit = "Who will win the race?", []string{"A", "B", "C"}, 0, 60
	return append(all, &exchange.CreateMarket{Spec: spec}, &exchange.CreateMarket{ID: 9, Spec: spec})
}

func (w *twin) account(t *rapid.T) exchange.AccountID {
	return exchange.AccountID(rapid.IntRange(1, accounts).Draw(t, "account"))
}

func (w *twin) market(t *rapid.T) exchange.MarketID {
	return rapid.SampledFrom([]exchange.MarketID{1, 2, 3, 9}).Draw(t, "market")
}

// draw draws a command: mostly orders, now and then anything else.
func (w *twin) draw(t *rapid.T) exchange.Command {
	switch n := rapid.IntRange(0, 99).Draw(t, "kind"); {
	case n < 65:
		return w.order(t)
	case n < 73 && len(w.placed) > 0:
		o := w.drawPlaced(t)
		return &exchange.CancelOrder{Account: o.Account, Market: o.Market, Order: o.Order}
	case n < 83 && len(w.placed) > 0:
		o := w.drawPlaced(t)
		return &exchange.AmendOrder{Account: o.Account, Market: o.Market, Order: o.Order,
			Price:    rapid.SampledFrom([]exchange.Price{0, o.Price, 4990, 5010}).Draw(t, "price"),
			Quantity: exchange.Quantity(rapid.IntRange(0, 40).Draw(t, "quantity"))}
	case n < 93:
		return w.rare(t)
	}
	return w.act(t)
}

// drawPlaced draws one of the orders of late, which are more likely to be open.
func (w *twin) drawPlaced(t *rapid.T) *exchange.OrderPlaced {
	return &w.placed[len(w.placed)-1-rapid.IntRange(0, min(len(w.placed), 20)-1).Draw(t, "order")]
}

func (w *twin) order(t *rapid.T) exchange.Command {
	o := &exchange.PlaceOrder{
		Account: w.account(t), Market: w.market(t),
		Outcome:     exchange.Outcome(rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "outcome")),
		Side:        exchange.Side(rapid.IntRange(0, 1).Draw(t, "side")),
		TimeInForce: exchange.TimeInForce(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "time in force")),
		SelfTrade:   exchange.SelfTrade(rapid.IntRange(0, 4).Draw(t, "self-trade")),
		Price:       exchange.Price(rapid.SampledFrom([]int{4990, 4999, 5000, 5001, 5010, 300, 9700}).Draw(t, "price")),
		Quantity:    exchange.Quantity(rapid.IntRange(1, 40).Draw(t, "quantity")),
		Flags:       rapid.SampledFrom([]exchange.OrderFlags{0, 0, 0, exchange.PostOnly, exchange.ReduceOnly, exchange.NoTerms}).Draw(t, "flags"),
	}
	if o.Market <= 2 {
		o.Outcome = 0
	}
	if o.SelfTrade == exchange.AllowSelfTrade && o.Market != 2 {
		o.SelfTrade = exchange.DecreaseBoth
	}
	if o.TimeInForce == exchange.GoodTillTime {
		o.ExpireAt = w.now + exchange.Time(rapid.SampledFrom([]exchange.Duration{1, 60 * second}).Draw(t, "expiry"))
	}
	if o.TimeInForce >= exchange.ImmediateOrCancel {
		o.Flags &^= exchange.PostOnly
		if rapid.IntRange(0, 2).Draw(t, "market order") == 0 {
			o.Flags |= exchange.MarketOrder
			o.MaxCost = exchange.Money(rapid.SampledFrom([]int{0, 20_000, 100_000}).Draw(t, "greatest cost"))
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "grouped") == 0 {
		o.Group = exchange.GroupID(o.Account)
	}
	if rapid.IntRange(0, 2).Draw(t, "named") == 0 {
		o.ClientID = fmt.Appendf(nil, "client-%d", rapid.IntRange(1, 50).Draw(t, "client id"))
	}
	return o
}

// rare draws a command of a trader's that is not about one order.
func (w *twin) rare(t *rapid.T) exchange.Command {
	account := w.account(t)
	switch rapid.IntRange(0, 12).Draw(t, "rare") {
	case 9:
		return &exchange.SendTransfer{Account: account, To: w.neighbour(t), Amount: exchange.Money(rapid.IntRange(1, 100_000).Draw(t, "amount"))}
	case 10:
		from := w.neighbour(t)
		return &exchange.ReceiveTransfer{From: from, Number: w.view.Received(from) + uint64(rapid.IntRange(0, 2).Draw(t, "number")),
			Account: account * exchange.AccountID(rapid.IntRange(1, 2).Draw(t, "foreign")), Amount: 20_000}
	case 11:
		to, number := w.neighbour(t), uint64(rapid.IntRange(1, 4).Draw(t, "number"))
		return &exchange.ReleaseTransfer{To: to, Number: number}
	case 0:
		return &exchange.Deposit{Account: account, Amount: exchange.Money(rapid.IntRange(1, 500_000).Draw(t, "amount"))}
	case 1:
		return &exchange.Withdraw{Account: account, Amount: exchange.Money(rapid.IntRange(1, 2_000_000).Draw(t, "amount"))}
	case 2:
		return &exchange.MassCancel{Account: account}
	case 3:
		return &exchange.MassCancel{Account: account, Market: w.market(t)}
	case 4:
		return &exchange.MassCancel{Account: account, Group: exchange.GroupID(account)}
	case 5:
		return &exchange.ChangeGroup{Account: account, Group: exchange.GroupID(account),
			Action: exchange.GroupAction(rapid.IntRange(0, 1).Draw(t, "action"))}
	case 6:
		return &exchange.SetDeadMan{Account: account, Timeout: rapid.SampledFrom([]exchange.Duration{0, 50 * second}).Draw(t, "time-out")}
	case 8:
		return &exchange.SwitchRules{Version: 2}
	case 7:
		return &exchange.SetPassword{Account: account, PasswordHash: "another"}
	}
	return &exchange.SetLimits{Account: account, MaxOpenOrders: uint32(rapid.IntRange(0, 30).Draw(t, "most orders")),
		Blocked: rapid.IntRange(0, 3).Draw(t, "blocked") == 0}
}

func (w *twin) neighbour(t *rapid.T) exchange.ShardID {
	return exchange.ShardID(rapid.IntRange(2, 3).Draw(t, "shard"))
}

// act draws an act of the operator on a market.
func (w *twin) act(t *rapid.T) exchange.Command {
	head := exchange.MarketAction{Market: w.market(t)}
	switch rapid.IntRange(0, 9).Draw(t, "act") {
	case 0, 1:
		return &exchange.SuspendMarket{MarketAction: head}
	case 2, 3, 4:
		return &exchange.ResumeMarket{MarketAction: head}
	case 5:
		if m, _ := w.view.Market(head.Market); m.State == exchange.StateOpen {
			return &exchange.CancelMarketOrders{MarketAction: head}
		}
		return &exchange.ResumeMarket{MarketAction: head}
	case 6:
		return &exchange.UpdateMarket{Market: head.Market, Question: "Will it rain the day after?",
			CloseAt: w.now + exchange.Time(400*second)}
	case 7:
		return &exchange.CloseMarket{MarketAction: head}
	case 8:
		values := rapid.SampledFrom([][]exchange.Price{{10_000}, {0}, {3_333}}).Draw(t, "value")
		if head.Market > 2 {
			values = []exchange.Price{3_000, 0, 7_000}
		}
		return &exchange.ResolveMarket{MarketAction: head, Values: values, Source: "The gazette", Evidence: "Page 3"}
	}
	return &exchange.VoidMarket{MarketAction: head, Reason: "The event was called off."}
}
