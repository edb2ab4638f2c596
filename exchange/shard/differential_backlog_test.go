package shard_test

import (
	"fmt"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// TestBacklog compares the two while more is left to do than fits in one batch: thousands of orders are cancelled, expire
// or stand in the way, positions are paid out and refunded, and trading goes on meanwhile.
func TestBacklog(t *testing.T) {
	endings := map[string][]exchange.Command{
		"mass cancel": {&exchange.MassCancel{Account: 1}, &exchange.MassCancel{Account: 2, Market: 1}},
		"blocked":     {&exchange.SetLimits{Account: 1, MaxOpenOrders: 9, Blocked: true}},
		"dead man":    {&exchange.SetDeadMan{Account: 1, Timeout: second}, &exchange.SetDeadMan{Account: 2, Timeout: second}},
		"group":       {&exchange.ChangeGroup{Account: 1, Group: 1, Action: exchange.TriggerGroup}},
		"suspended":   {&exchange.SuspendMarket{MarketAction: exchange.MarketAction{Market: 1}}},
		"resolved":    {&exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: 1}, Values: []exchange.Price{4_321}, Source: "s"}},
		"voided":      {&exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: 1}, Reason: "r"}},
		"expired":     nil, // the orders of account 2 run out by themselves
	}
	for name, ending := range endings {
		t.Run(name, func(t *testing.T) { runBacklog(t, ending) })
	}
}

func runBacklog(t *testing.T, ending []exchange.Command) {
	h := newHarness(newCoverage())
	c := &crowd{h: h, t: t}
	c.gather()
	c.do(0, ending...)
	for round := range 30 {
		c.do(exchange.Duration(round%3)*second, c.passersBy(round)...)
	}
	for h.shard.shard.Backlog() {
		c.do(0)
	}
	if err := h.compareStates(); err != nil {
		t.Fatal(err)
	}
}

// A crowd fills two markets with orders.
type crowd struct {
	h      *harness
	t      *testing.T
	serial uint64
}

func (c *crowd) do(wait exchange.Duration, cmds ...exchange.Command) {
	c.t.Helper()
	o := op{wait: wait}
	for _, cmd := range cmds {
		c.serial++
		o.cmds = append(o.cmds, command{c.serial, c.h.names.unresolve(cmd)})
	}
	if err := step(c.h, o, opsBetweenStates); err != nil {
		c.t.Fatal(err)
	}
}

// gather makes 40 accounts, two markets and, in both, thousands of resting orders and some positions.
func (c *crowd) gather() {
	var cmds []exchange.Command
	for i := range exchange.AccountID(40) {
		cmds = append(cmds, &exchange.Register{Name: fmt.Sprintf("trader-%d", i)}, &exchange.Deposit{Account: i + 1, Amount: 1e9})
	}
	for range 2 {
		cmds = append(cmds, &exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it be crowded?", PositionLimit: 1e6,
			Tick: exchange.TickRule{Middle: 1}, TakerFee: 700, MakerShare: 2_500}})
	}
	cmds = append(cmds, &exchange.CreateGroup{Account: 1, Limit: 1e6, Window: second})
	c.do(0, cmds...)
	for market := exchange.MarketID(1); market <= 2; market++ {
		cmds = nil
		for i := range 1_500 {
			o := &exchange.PlaceOrder{Account: exchange.AccountID(1 + i%2), Market: market, Side: exchange.Side(i / 2 % 2), Quantity: 2}
			o.Price = exchange.Price(4_990 - i/4%20)
			if o.Side == exchange.Sell {
				o.Price = exchange.Price(5_010 + i/4%20)
			}
			if o.Account == 1 {
				o.Group = 1
			} else {
				o.TimeInForce, o.ExpireAt = exchange.GoodTillTime, c.h.now+9*exchange.Time(second)
			}
			cmds = append(cmds, o)
		}
		for who := exchange.AccountID(3); who <= 40; who++ {
			cmds = append(cmds, &exchange.PlaceOrder{Account: who, Market: market, Side: exchange.Side(who % 2), Price: 5_000, Quantity: 5})
		}
		c.do(0, cmds...)
	}
}

// passersBy meet the crowd's orders, doomed or not, add new ones and withdraw what they have.
func (c *crowd) passersBy(round int) []exchange.Command {
	var cmds []exchange.Command
	for market := exchange.MarketID(1); market <= 2; market++ {
		who := exchange.AccountID(1 + round)
		cmds = append(cmds,
			&exchange.PlaceOrder{Account: who, Market: market, Side: exchange.Buy, Price: 5_012, Quantity: 30},
			&exchange.PlaceOrder{Account: who + 1, Market: market, Side: exchange.Sell, Price: 4_989, Quantity: 30, TimeInForce: exchange.ImmediateOrCancel},
			&exchange.PlaceOrder{Account: 3, Market: market, Side: exchange.Sell, Price: 4_985, Quantity: 9, Flags: exchange.PostOnly})
	}
	return append(cmds, &exchange.Withdraw{Account: exchange.AccountID(1 + round), Amount: 1e8})
}

// TestWorldLimit fills the world to its bound.
func TestWorldLimit(t *testing.T) {
	c := &crowd{h: newHarness(newCoverage()), t: t}
	c.do(0, &exchange.Register{Name: "treasurer"})
	for range 47 {
		var cmds []exchange.Command
		for range 100 {
			cmds = append(cmds, &exchange.Deposit{Account: 1, Amount: exchange.MaxAmount})
		}
		c.do(0, cmds...)
	}
	if left := exchange.MaxWorld - c.h.model.World; left >= exchange.MaxAmount {
		t.Errorf("there is still room for %v", left)
	}
}
