package shard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// A coverage counts what the programs reached, so that a class that is never reached is noticed.
type coverage struct{ counts map[string]int }

func newCoverage() *coverage { return &coverage{map[string]int{}} }

func (c *coverage) add(format string, args ...any) { c.counts[fmt.Sprintf(format, args...)]++ }

// command counts a command, its answer and its events.
func (c *coverage) command(cmd exchange.Command, reply exchange.Reply, events []exchange.Event) {
	c.add("command %d", cmd.CommandKind())
	c.add("reject %v", reply.Code)
	if len(events) == 0 {
		c.add("answered from the table of keys")
	}
	for _, event := range events {
		c.event(event)
	}
	if d, ok := cmd.(*exchange.DecideAct); ok && reply.Code == exchange.Accepted && d.Approve && len(events) > 1 {
		c.add("approved, event %d", events[1].EventKind())
	}
	o, ok := cmd.(*exchange.PlaceOrder)
	if !ok || reply.Code != exchange.Accepted {
		return
	}
	c.add("accepted time in force %d", o.TimeInForce)
	c.add("accepted flags %d", o.Flags)
	for _, event := range events {
		switch e := event.(type) {
		case *exchange.OrderCancelled:
			if e.Reason == exchange.CancelSelfTrade {
				c.add("self-trade mode %d cancels", o.SelfTrade)
			}
		case *exchange.OrderMatched:
			if e.MakerAccount == e.TakerAccount {
				c.add("self-trade mode %d trades", o.SelfTrade)
			}
		}
	}
}

func (c *coverage) event(event exchange.Event) {
	c.add("event %d", event.EventKind())
	switch e := event.(type) {
	case *exchange.OrderCancelled:
		c.add("cancelled %v", e.Reason)
	case *exchange.OrderReduced:
		c.add("reduced %v", e.Reason)
	case *exchange.OrderMatched:
		c.matched(e)
	case *exchange.OrderAmended:
		c.add("amended, place lost %v, merges %v", e.LostPriority, e.Merged > 0)
	case *exchange.GroupChanged:
		c.add("group action %d by fills %v", e.Action, e.ByFills)
	case *exchange.RefundIssued:
		c.add("refund, negative %v, receivable %v", e.Amount < 0, e.Receivable > 0)
	case *exchange.FundsDeposited:
		c.add("deposit repays %v", e.Repaid > 0)
	case *exchange.TransferReceived:
		c.add("transfer repays %v", e.Repaid > 0)
		if e.Account >= 9 && e.Cash == e.Amount { // one of those that receiver invents
			c.add("transfer makes an account")
		}
	case *exchange.ActDecided:
		c.add("proposal, verdict %d", e.Verdict)
	case *exchange.MarketSettled:
		c.add("settled by void %v", e.Void)
	}
}

func (c *coverage) matched(e *exchange.OrderMatched) {
	c.add("trade, maker closes %v opens %v, taker closes %v opens %v", e.MakerClosing > 0, e.MakerClosing < e.Quantity,
		e.TakerClosing > 0, e.TakerClosing < e.Quantity)
	c.add("trade, maker fee %v, taker fee %v", e.MakerFee > 0, e.TakerFee > 0)
	c.add("trade, maker merges %v, taker merges %v", e.MakerMerged > 0, e.TakerMerged > 0)
}

// expected lists the classes that must be reached.
func expected() []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for k := exchange.KindPlaceOrder; k <= exchange.KindReleaseTransfer; k++ {
		add("command %d", k)
	}
	for k := exchange.KindSetPlacement; k <= exchange.KindDecideAct; k++ {
		add("command %d", k)
	}
	for k := exchange.KindPlacementSet; k <= exchange.KindActDecided; k++ {
		add("event %d", k)
	}
	add("reject %v", exchange.Accepted)
	for _, code := range exchange.Rejects() {
		switch code {
		case exchange.RejectTooManyIDs, exchange.RejectMarketHalted: // need 2³² of something, or a fault
		case exchange.RejectMarketMoving, exchange.RejectMarketMoved, exchange.RejectMoveAbandoned: // need other shards
		default:
			add("reject %v", code)
		}
	}
	for k := exchange.KindOrderPlaced; k <= exchange.KindTransferReleased; k++ {
		if k != exchange.KindMarketHalted {
			add("event %d", k)
		}
	}
	for v := exchange.ProposalApproved; v <= exchange.ProposalLapsed; v++ {
		add("proposal, verdict %d", v)
	}
	for _, k := range []exchange.EventKind{exchange.KindFundsWithdrawn, exchange.KindMarketResolved, exchange.KindMarketVoided, exchange.KindApprovalsSet} {
		add("approved, event %d", k)
	}
	for r := exchange.CancelRequested; r <= exchange.CancelAccountBlocked; r++ {
		if r != exchange.CancelReduceOnly { // only ever a part
			add("cancelled %v", r)
		}
	}
	for _, b := range []bool{false, true} {
		add("deposit repays %v", b)
		add("transfer repays %v", b)
		add("settled by void %v", b)
		add("trade, maker merges %v, taker merges %v", b, !b)
		for _, b2 := range []bool{false, true} {
			add("amended, place lost %v, merges %v", b, b2)
			add("trade, maker fee %v, taker fee %v", b, b2)
		}
	}
	for mode := exchange.CancelTaker; mode < exchange.AllowSelfTrade; mode++ {
		add("self-trade mode %d cancels", mode)
	}
	return append(all, "transfer makes an account", "self-trade mode 4 trades", "reduced reduce_only", "reduced self_trade", "answered from the table of keys",
		"group action 0 by fills false", "group action 1 by fills false", "group action 1 by fills true",
		"group action 2 by fills false", "refund, negative true, receivable true", "refund, negative true, receivable false",
		"refund, negative false, receivable false",
		"trade, maker closes true opens true, taker closes true opens true")
}

// check fails the test for every class that was not reached.
func (c *coverage) check(t *testing.T) {
	for _, class := range expected() {
		if c.counts[class] == 0 {
			t.Errorf("never reached: %s", class)
		}
	}
}

func (c *coverage) String() string {
	var lines []string
	for class, n := range c.counts {
		lines = append(lines, fmt.Sprintf("%9d %s", n, class))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[10:], b[10:]) })
	return strings.Join(lines, "\n")
}
