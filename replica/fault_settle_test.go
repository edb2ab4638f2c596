package replica

import (
	"fmt"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// crowded is a market with many positions: each of its accounts has bought one contract of every outcome at price 100
// from account 1.
type crowded struct {
	outcomes, accounts int
	funds              exchange.Money // deposited by each account
}

const crowdedMarket exchange.MarketID = 2

// found makes the market on a replica that has four accounts and a market already.
func (c crowded) found(t *testing.T, r *Replica) {
	t.Helper()
	spec := exchange.MarketSpec{Question: "Which will it be of them?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}
	for i := range c.outcomes {
		spec.Outcomes = append(spec.Outcomes, fmt.Sprintf("outcome %d", i))
	}
	cmds := []exchange.Command{&exchange.CreateMarket{Spec: spec}}
	for i := range c.accounts {
		cmds = append(cmds, &exchange.Register{Name: fmt.Sprintf("holder%d", i)},
			&exchange.Deposit{Account: c.account(i), Amount: c.funds, Reference: "test"})
	}
	for outcome := range c.outcomes {
		cmds = append(cmds, &exchange.PlaceOrder{Account: 1, Market: crowdedMarket, Outcome: exchange.Outcome(outcome),
			Side: exchange.Sell, Price: 100, Quantity: exchange.Quantity(c.accounts + 1)}) // one remains, to be cancelled
		for i := range c.accounts {
			cmds = append(cmds, &exchange.PlaceOrder{Account: c.account(i), Market: crowdedMarket,
				Outcome: exchange.Outcome(outcome), Side: exchange.Buy, Price: 100, Quantity: 1})
		}
	}
	submitAll(t, r, cmds)
}

func (c crowded) account(i int) exchange.AccountID { return exchange.AccountID(5 + i) }

// ending is what must have happened when a crowded market has ended.
type ending struct {
	end      exchange.Command
	state    exchange.MarketState
	payment  exchange.EventKind
	payments func(e exchange.Event) (to string, is bool)
	count    int
	cash     exchange.Money // of each account afterwards
}

// endsInSteps ends a crowded market and cuts the power in the middle: everybody is paid once, and others trade meanwhile.
func endsInSteps(t *testing.T, c crowded, end ending) {
	disk := vfs.NewMem()
	r := open(t, largeConfig(disk))
	found(t, r, 4)
	c.found(t, r)
	state := func(r *Replica) exchange.MarketState {
		m, _ := r.View().Market(crowdedMarket)
		return m.State
	}
	before, answers := disk.Crash(), meanwhile(r, t, 3)
	first := submit(t, r, end.end)[0]
	if first.Code != exchange.Accepted {
		t.Fatalf("the market does not end: %v", first.Code)
	}
	eventually(t, "the last payment", func() bool { return state(r) == end.state })
	replies := answers()
	shut(t, r)
	left := cutWithin(t, before, disk, end.payment)

	for _, now := range []*vfs.Mem{disk, left} {
		r := open(t, largeConfig(now))
		eventually(t, "the last payment", func() bool { return state(r) == end.state })
		examine(t, r, nil)
		for i := range c.accounts {
			if a, _ := r.View().Account(c.account(i)); a.Cash != end.cash {
				t.Fatalf("account %d has %v, want %v", a.ID, a.Cash, end.cash)
			}
		}
		var last exchange.Seq
		each, ends := map[string]int{}, 0
		eachEvent(t, now, func(seq exchange.Seq, e exchange.Event) {
			if to, is := end.payments(e); is {
				each[to]++
				last = seq
			}
			if e, is := e.(*exchange.MarketSettled); is && e.Market == crowdedMarket {
				ends++
			}
		})
		wantOnce(t, each, end.count)
		if ends != 1 {
			t.Errorf("the market ended %d times", ends)
		}
		boundedRecords(t, now, first.Seq)
		if now == disk && answeredBetween(replies, first.Seq, last) == 0 {
			t.Error("nobody else was answered meanwhile")
		}
	}
}

func TestSettlingGoesInSteps(t *testing.T) {
	c := crowded{outcomes: 64, accounts: large(1600, 200), funds: 1_000_000}
	values := make([]exchange.Price, c.outcomes)
	values[7] = exchange.One
	endsInSteps(t, c, ending{
		end:     &exchange.ResolveMarket{MarketAction: exchange.MarketAction{Market: crowdedMarket}, Values: values, Source: "it was seen"},
		state:   exchange.StateSettled,
		payment: exchange.KindPayoutIssued,
		payments: func(e exchange.Event) (string, bool) {
			p, is := e.(*exchange.PayoutIssued)
			if !is {
				return "", false
			}
			return fmt.Sprintf("payout to %d for %d", p.Account, p.Outcome), true
		},
		count: c.outcomes * (c.accounts + 1), // account 1 has the other side
		cash:  c.funds - 100*exchange.Money(c.outcomes) + exchange.Money(exchange.One),
	})
}

func TestVoidingGoesInSteps(t *testing.T) {
	c := crowded{outcomes: 10, accounts: large(10_000, 1000), funds: 1_000_000}
	endsInSteps(t, c, ending{
		end:     &exchange.VoidMarket{MarketAction: exchange.MarketAction{Market: crowdedMarket}, Reason: "nobody knows"},
		state:   exchange.StateVoided,
		payment: exchange.KindRefundIssued,
		payments: func(e exchange.Event) (string, bool) {
			p, is := e.(*exchange.RefundIssued)
			if !is {
				return "", false
			}
			return fmt.Sprintf("refund to %d", p.Account), true
		},
		count: c.accounts + 1,
		cash:  c.funds,
	})
}
