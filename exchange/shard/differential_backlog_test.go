package shard_test

import (
	"fmt"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// TestBacklog compares the two while more is left to do than fits in one batch: thousands of orders are cancelled, expire
// or stand in the way, positions are paid out and refunded, and trading goes on meanwhile.
func TestBacklog(t *testing.T) {
	market1 := exchange.MarketAction{Market: 1}
	tests := []struct {
		name    string
		ending  []exchange.Command
		another []exchange.Command // while the first is being worked off
	}{
		{"mass cancel", []exchange.Command{&exchange.MassCancel{Account: 1}, &exchange.MassCancel{Account: 2, Market: 1}}, nil},
		{"mass cancel twice", []exchange.Command{&exchange.MassCancel{Account: 1, Market: 1}},
			[]exchange.Command{&exchange.MassCancel{Account: 1}}},
		{"blocked", []exchange.Command{&exchange.SetLimits{Account: 1, MaxOpenOrders: 9, Blocked: true}},
			[]exchange.Command{&exchange.SetLimits{Account: 1, MaxOpenOrders: 9}}},
		{"group", []exchange.Command{&exchange.ChangeGroup{Account: 1, Group: 1, Action: exchange.TriggerGroup}},
			[]exchange.Command{&exchange.ChangeGroup{Account: 1, Group: 1, Action: exchange.ResetGroup}}},
		{"suspended", []exchange.Command{&exchange.SuspendMarket{MarketAction: market1}},
			[]exchange.Command{&exchange.ResumeMarket{MarketAction: market1}}},
		{"resolved", []exchange.Command{&exchange.ResolveMarket{MarketAction: market1, Values: []exchange.Price{4_321}, Source: "s"}},
			[]exchange.Command{&exchange.VoidMarket{MarketAction: market1, Reason: "r"}}},
		{"voided", []exchange.Command{&exchange.VoidMarket{MarketAction: market1, Reason: "r"}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCrowd(t)
			c.gather()
			c.do(0, test.ending...)
			if !c.h.shard.shard.Backlog() {
				t.Fatal("it all fitted in one batch")
			}
			c.do(0, test.another...)
			c.carryOn()
		})
	}
}

// TestManyTimers lets more fall due than a batch has steps for: thousands of orders expire, and only then a market closes
// and switches go off, which must not be noticed by those who trade in that batch.
func TestManyTimers(t *testing.T) {
	c := newCrowd(t)
	c.gather()
	cmds := []exchange.Command{&exchange.UpdateMarket{Market: 1, CloseAt: c.h.now + 9*exchange.Time(second) + 1}}
	for who := exchange.AccountID(1); who <= 20; who++ {
		cmds = append(cmds, &exchange.SetDeadMan{Account: who, Timeout: 9*second + 1})
	}
	c.do(0, cmds...)
	c.do(9*second+1, append(c.passersBy(8), &exchange.SetDeadMan{Account: 1, Timeout: second},
		&exchange.SetDeadMan{Account: 2, Timeout: second})...)
	if !c.h.shard.shard.Backlog() {
		t.Fatal("it all fitted in one batch")
	}
	c.carryOn()
}

// carryOn lets others trade while the rest is worked off.
func (c *crowd) carryOn() {
	for round := range 30 {
		c.do(exchange.Duration(round%3)*second, c.passersBy(round)...)
	}
	for c.h.shard.shard.Backlog() {
		c.do(0)
	}
	if err := c.h.compareStates(); err != nil {
		c.t.Fatal(err)
	}
}

// TestMultitude compares the two while more positions than fit in one batch are paid out, and while they are refunded
// after the market was voided in the middle of its payouts.
func TestMultitude(t *testing.T) {
	for _, voided := range []bool{false, true} {
		c := newCrowd(t)
		c.multiply(1_400)
		act := exchange.MarketAction{Market: 1}
		c.do(0, &exchange.ResolveMarket{MarketAction: act, Values: []exchange.Price{6_000}, Source: "s"})
		if !c.h.shard.shard.Backlog() {
			t.Fatal("the payouts fitted in one batch")
		}
		c.do(0, &exchange.Withdraw{Account: 1_400, Amount: 1}, &exchange.Withdraw{Account: 1, Amount: 1e9 - 1e4})
		if voided {
			c.do(0, &exchange.VoidMarket{MarketAction: act, Reason: "r"})
		}
		for c.h.shard.shard.Backlog() {
			c.do(0)
		}
		if err := c.h.compareStates(); err != nil {
			t.Fatal(err)
		}
	}
}

// register makes accounts and gives them money.
func (c *crowd) register(n int) {
	var registers, deposits []exchange.Command
	for i := range exchange.AccountID(n) {
		registers = append(registers, &exchange.Register{Name: fmt.Sprintf("trader-%d", i)})
		deposits = append(deposits, &exchange.Deposit{Account: i + 1, Amount: 1e9})
	}
	c.do(0, registers...)
	c.do(0, deposits...)
}

// multiply makes a market and so many accounts with a position in it.
func (c *crowd) multiply(n int) {
	cmds := []exchange.Command{&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will there be many?",
		PositionLimit: 1e6, Tick: exchange.TickRule{Middle: 1}, TakerFee: 700}}}
	c.do(0, cmds...)
	c.register(n)
	cmds = nil
	for i := range exchange.AccountID(n) {
		cmds = append(cmds, &exchange.PlaceOrder{Account: i + 1, Market: 1, Side: exchange.Side(i % 2), Price: 5_000, Quantity: 2})
	}
	c.do(0, cmds...)
}

// A crowd fills two markets with orders.
type crowd struct {
	h      *harness
	t      *testing.T
	serial uint64
}

func newCrowd(t *testing.T) *crowd { return &crowd{h: newHarness(newCoverage()), t: t} }

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
	c.register(40)
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
	c := newCrowd(t)
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

// TestManyKeysForgotten lets more keys run out at one instant than a batch has steps for.
func TestManyKeysForgotten(t *testing.T) {
	c := newCrowd(t)
	c.do(0, &exchange.Register{Name: "treasurer"})
	var cmds []exchange.Command
	for i := range 3_000 {
		cmds = append(cmds, &exchange.Deposit{Account: 1, Amount: 1, Key: exchange.Key{byte(i), byte(i >> 8), 1}})
	}
	c.do(0, cmds...)
	c.do(24*hour, cmds[2_999])
	c.do(1, cmds[2_999])
}
