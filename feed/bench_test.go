package feed

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// kept is a follower that keeps what it is told.
type kept struct{ records []*record }

func (k *kept) Folded(now exchange.Time, first exchange.Seq, events []byte, count int, changes []projection.Change) {
	k.records = append(k.records, &record{now: now, first: first, count: count,
		events: append([]byte(nil), events...), changes: append([]projection.Change(nil), changes...)})
}

func (k *kept) Replaced(exchange.Seq) {}

// BenchmarkFold is what a busy market costs the hub while nobody watches, for each order.
func BenchmarkFold(b *testing.B) {
	t := &testing.T{}
	w := newWorld(t, 1, 1, Config{Lanes: 1})
	defer w.nodes[0].feed.Close()
	defer w.nodes[0].server.Close()
	w.create(1, 1)
	v := w.views[1][0]
	k := new(kept)
	began := v.Follow(k)
	orders := 0
	for range 500 {
		var batch []exchange.Command
		for range 100 {
			batch = append(batch, &exchange.PlaceOrder{Account: exchange.AccountID(1 + w.IntN(traders)), Market: 1, Side: exchange.Side(w.IntN(2)),
				Price: w.price(), Quantity: exchange.Quantity(1 + w.IntN(20)), SelfTrade: exchange.CancelBoth})
		}
		orders += len(batch)
		w.do(1, batch...)
	}
	f := &Feed{config: w.nodes[0].feed.config, metrics: w.nodes[0].feed.metrics, hub: hub{markets: map[exchange.MarketID]*market{}, accounts: map[exchange.AccountID]*account{}}}
	in := &inlet{shard: 1, view: v, seen: began}
	f.inlets = []*inlet{in}
	b.ReportAllocs()
	for b.Loop() {
		in.seen = began
		m := f.track(in, 1)
		m.began = began
		for _, r := range k.records {
			f.fold(in, r)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*orders), "ns/order")
}
