package replica

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// TestCancelAllGoesInSteps: an account cancels its 100,000 orders. None of them trades from then on, each is cancelled
// once, others trade meanwhile, and a power cut in the middle changes nothing of that.
func TestCancelAllGoesInSteps(t *testing.T) {
	orders := large(100_000, 15_000)
	disk := vfs.NewMem()
	r := open(t, largeConfig(disk))
	found(t, r, 4)
	submitAll(t, r, []exchange.Command{&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it snow tomorrow?",
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}}})
	cmds := make([]exchange.Command, orders)
	for i := range cmds {
		cmds[i] = &exchange.PlaceOrder{Account: 1, Market: 2, Side: exchange.Buy, Price: exchange.Price(1 + i%4000), Quantity: 1}
	}
	submitAll(t, r, cmds)
	resting := func(r *Replica) uint32 {
		a, _ := r.View().Account(1)
		return a.OpenOrders
	}

	before, answers := disk.Crash(), meanwhile(r, t, 3)
	cancel := &exchange.MassCancel{Account: 1, Key: key(1, 1)}
	all := submit(t, r, cancel)[0]
	hit := submit(t, r, &exchange.PlaceOrder{Account: 2, Market: 2, Side: exchange.Sell, Price: 4000, Quantity: 5})[0]
	if int(all.Remaining) != orders || hit.Filled != 0 {
		t.Errorf("%d orders were to be cancelled, and a sell order met %d contracts of them", all.Remaining, hit.Filled)
	}
	eventually(t, "the end of the cancels", func() bool { return resting(r) == 0 })
	replies := answers()
	shut(t, r)
	left := cutWithin(t, before, disk, exchange.KindOrderCancelled)

	for _, now := range []*vfs.Mem{disk, left} {
		r := open(t, largeConfig(now))
		if again := submit(t, r, cancel)[0]; again != all {
			t.Errorf("the cancel was answered %+v, and again %+v", all, again)
		}
		eventually(t, "the end of the cancels", func() bool { return resting(r) == 0 })
		examine(t, r, nil)
		var last exchange.Seq
		each := map[exchange.OrderID]int{}
		eachEvent(t, now, func(seq exchange.Seq, e exchange.Event) {
			if e, is := e.(*exchange.OrderCancelled); is && e.Account == 1 && e.Market == 2 {
				each[e.Order]++
				last = seq
			}
		})
		wantOnce(t, each, orders)
		boundedRecords(t, now, all.Seq)
		if now == disk && answeredBetween(replies, all.Seq, last) == 0 {
			t.Error("nobody else was answered meanwhile")
		}
	}
}
