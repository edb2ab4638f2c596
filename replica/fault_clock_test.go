package replica

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// TestClockJumps lets the machine's clock jump by up to an hour forth and back, while trading and between runs. Log time
// never goes back, and orders expire once, when log time says so.
func TestClockJumps(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	var jumps, offset atomic.Int64
	disk, c := vfs.NewMem(), newCrowd(3, 4)
	config := func(disk vfs.FS) Config {
		config := faultConfig(disk)
		config.Now = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
		return config
	}
	r := open(t, config(disk))
	found(t, r, len(c))
	var last exchange.Reply
	for range rounds(12, 200) {
		for range 15 {
			offset.Store(int64(time.Duration(random.IntN(3)-1) * time.Hour))
			jumps.Add(1)
			for _, tr := range c {
				if err := tr.trade(t.Context(), t, r); err != nil {
					t.Fatal(err)
				}
				reply := tr.deeds[tr.acked-1].reply
				if reply.Time < last.Time || reply.Seq < last.Seq {
					t.Fatalf("log time went from %+v to %+v", last, reply)
				}
				last = reply
			}
			submit(t, r, &exchange.PlaceOrder{Account: 1, Market: 1, Price: 1, Quantity: 1,
				TimeInForce: exchange.GoodTillTime, ExpireAt: last.Time + 1e6})
		}
		left, acked := disk.Crash(), c.acked()
		shut(t, r)
		offset.Store(int64(-time.Hour))
		disk = left
		c.forget(acked)
		r = open(t, config(disk))
	}
	c.retryAll(t, r)
	examine(t, r, c)
	expired := map[exchange.OrderID]int{}
	eachEvent(t, disk, func(_ exchange.Seq, e exchange.Event) {
		if e, is := e.(*exchange.OrderExpired); is {
			if expired[e.Order]++; expired[e.Order] > 1 {
				t.Errorf("order %d expired again", e.Order)
			}
		}
	})
	if len(expired) == 0 || jumps.Load() == 0 {
		t.Errorf("%d orders expired over %d jumps", len(expired), jumps.Load())
	}
}
