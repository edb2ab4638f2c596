package model

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// Accounts of every desk. Each has 1,000.0000.
const (
	alice exchange.AccountID = iota + 1
	bob
	carol
)

// A desk is a model with three funded accounts and one market, that checks every invariant after every command.
type desk struct {
	*testing.T
	*Engine
	trades []*exchange.OrderMatched // of the last command
}

// newDesk opens a binary market without fees; change alters its terms.
func newDesk(t *testing.T, change func(*exchange.MarketSpec)) *desk {
	d := &desk{T: t, Engine: New()}
	for _, name := range []string{"alice", "bob", "carol"} {
		d.do(&exchange.Register{Name: name})
	}
	for id := alice; id <= carol; id++ {
		d.do(&exchange.Deposit{Account: id, Amount: 1_000_0000})
	}
	d.open(change)
	return d
}

func (d *desk) open(change func(*exchange.MarketSpec)) exchange.MarketID {
	d.Helper()
	spec := exchange.MarketSpec{Question: "Will it rain tomorrow?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 1e6,
		Flags: exchange.SelfTradesAllowed | exchange.KeepOrdersOnSuspend}
	if change != nil {
		change(&spec)
	}
	return exchange.MarketID(d.do(&exchange.CreateMarket{Spec: spec}).ID)
}

// try executes a command and drains.
func (d *desk) try(cmd exchange.Command) exchange.Reply {
	d.Helper()
	reply, events := d.Apply(d.Now, cmd)
	d.check()
	d.trades = nil
	for _, event := range events {
		if trade, ok := event.(*exchange.OrderMatched); ok {
			d.trades = append(d.trades, trade)
		}
	}
	d.Drain(d.Now)
	d.check()
	return reply
}

func (d *desk) check() {
	d.Helper()
	if err := d.Check(); err != nil {
		d.Fatal(err)
	}
}

// do executes a command that must be accepted.
func (d *desk) do(cmd exchange.Command) exchange.Reply {
	d.Helper()
	reply := d.try(cmd)
	if reply.Code != exchange.Accepted {
		d.Fatalf("%T was refused: %v", cmd, reply.Code)
	}
	return reply
}

// refused executes a command that must be refused with a code.
func (d *desk) refused(want exchange.Reject, cmd exchange.Command) {
	d.Helper()
	if got := d.try(cmd).Code; got != want {
		d.Fatalf("%T: got %v, want %v", cmd, got, want)
	}
}

func (d *desk) wait(span exchange.Duration) {
	d.Helper()
	d.Drain(d.Now + exchange.Time(span))
	d.check()
}

func buy(who exchange.AccountID, q exchange.Quantity, p exchange.Price, change ...func(*exchange.PlaceOrder)) *exchange.PlaceOrder {
	o := &exchange.PlaceOrder{Account: who, Market: 1, Price: p, Quantity: q}
	for _, f := range change {
		f(o)
	}
	return o
}

func sell(who exchange.AccountID, q exchange.Quantity, p exchange.Price, change ...func(*exchange.PlaceOrder)) *exchange.PlaceOrder {
	o := buy(who, q, p, change...)
	o.Side = exchange.Sell
	return o
}

func immediate(o *exchange.PlaceOrder)  { o.TimeInForce = exchange.ImmediateOrCancel }
func fillOrKill(o *exchange.PlaceOrder) { o.TimeInForce = exchange.FillOrKill }
func postOnly(o *exchange.PlaceOrder)   { o.Flags |= exchange.PostOnly }
func reduceOnly(o *exchange.PlaceOrder) { o.Flags |= exchange.ReduceOnly }

func mode(m exchange.SelfTrade) func(*exchange.PlaceOrder) {
	return func(o *exchange.PlaceOrder) { o.SelfTrade = m }
}

func inGroup(g exchange.GroupID) func(*exchange.PlaceOrder) {
	return func(o *exchange.PlaceOrder) { o.Group = g }
}

func atMarket(maxCost exchange.Money) func(*exchange.PlaceOrder) {
	return func(o *exchange.PlaceOrder) {
		o.Flags |= exchange.MarketOrder
		o.TimeInForce = exchange.ImmediateOrCancel
		o.MaxCost = maxCost
	}
}

// cash asserts what an account has free.
func (d *desk) cash(who exchange.AccountID, want exchange.Money) {
	d.Helper()
	if got := d.account(who).Cash; got != want {
		d.Fatalf("account %d has %v free, want %v", who, got, want)
	}
}

// holds asserts what an account's orders hold.
func (d *desk) holds(who exchange.AccountID, want exchange.Money) {
	d.Helper()
	var got exchange.Money
	for _, o := range d.AllOrders() {
		if o.Account == who {
			got += o.Hold
		}
	}
	if got != want {
		d.Fatalf("account %d holds %v, want %v", who, got, want)
	}
}

// has asserts what an account has in the first book of market 1.
func (d *desk) has(who exchange.AccountID, want Position) {
	d.Helper()
	got := *d.Markets[0].Books[0].position(who)
	got.Paid = 0
	if got != want {
		d.Fatalf("account %d has %+v, want %+v", who, got, want)
	}
}

// queue asserts the numbers of the orders of a side, best first.
func (d *desk) queue(side exchange.Side, want ...uint64) {
	d.Helper()
	var got []uint64
	for _, o := range d.Markets[0].Books[0].Sides[side] {
		got = append(got, o.ID.Number())
	}
	if !slices.Equal(got, want) {
		d.Fatalf("the %v side is %v, want %v", side, got, want)
	}
}

func order(number uint64) exchange.OrderID { return exchange.NewOrderID(number, 0) }
