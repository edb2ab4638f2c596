package replica

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/vfs"
)

// A market that is written out while others trade is taken by another shard, with what only the read model knows of it, and
// is the same before and after a restart.
func TestWriteMarket(t *testing.T) {
	fsys := vfs.NewMem()
	config := testConfig(fsys)
	from := open(t, config)
	found(t, from, 3)
	spec := exchange.MarketSpec{Question: "And the day after?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}
	submit(t, from, &exchange.SwitchRules{Version: exchange.MoveRules}, &exchange.CreateMarket{Spec: spec})
	for n := range 300 {
		o := order(n%2, n)
		o.ClientID = fmt.Appendf(nil, "mine-%d", n)
		submit(t, from, o)
	}
	if parts, err := from.WriteMarket(t.Context(), 1); err != nil || parts != nil {
		t.Fatalf("a market that is not frozen is written in %d parts, %v", len(parts), err)
	}
	frozen := submit(t, from, &exchange.FreezeMarket{Market: 1, To: 2})[0]
	if frozen.Code != exchange.Accepted {
		t.Fatal(frozen)
	}
	var trading sync.WaitGroup
	trading.Go(func() {
		for n := range 200 {
			o := order(2, n)
			o.Market = 2
			submit(t, from, o)
		}
	})
	parts, err := from.WriteMarket(t.Context(), 1)
	if err != nil || len(parts) < 2 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	trading.Wait()

	there := testConfig(vfs.NewMem())
	there.Shard = 2
	to := open(t, there)
	defer shut(t, to)
	submit(t, to, &exchange.SwitchRules{Version: exchange.MoveRules})
	var last exchange.Reply
	for i, p := range parts {
		last = submit(t, to, &exchange.AdoptMarket{From: 1, Market: 1, Move: frozen.Version, Part: uint32(i), Last: i == len(parts)-1, Data: p})[0]
		if last.Code != exchange.Accepted {
			t.Fatalf("part %d of %d: %v", i, len(parts), last.Code)
		}
	}
	if err := to.View().WaitSeq(t.Context(), last.Seq); err != nil {
		t.Fatal(err)
	}
	for account := exchange.AccountID(1); account <= 2; account++ {
		here, gone := ordersOf(to, account), ordersOf(from, account)
		if len(here) == 0 || !slices.EqualFunc(here, gone, sameOrder) {
			t.Errorf("account %d has %d orders there, had %d, or not the same", account, len(here), len(gone))
		}
	}

	shut(t, from)
	from = open(t, config)
	defer shut(t, from)
	again, err := from.WriteMarket(t.Context(), 1)
	if err != nil || len(again) != len(parts) || !slices.EqualFunc(again[1:], parts[1:], bytes.Equal) { // the first tells of all orders of the shard
		t.Errorf("after a restart it is written otherwise: %d parts instead of %d, %v", len(again), len(parts), err)
	}
}

func ordersOf(r *Replica, account exchange.AccountID) []projection.Order {
	all := r.View().OpenOrders(account, 1, 0, 1000)
	slices.SortFunc(all, func(a, b projection.Order) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// sameOrder compares orders, of which reflect knows more than ==.
func sameOrder(a, b projection.Order) bool { return reflect.DeepEqual(a, b) }
