package shard

import (
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// BenchmarkMove moves a market with 100,000 orders of 1,000 accounts, a key each, and tells how long each of the steps
// takes in which it is frozen, and how long the longest command.
func BenchmarkMove(b *testing.B) {
	const accounts, orders = 1_000, 100_000
	var write, adopt, longest, release time.Duration
	parts := 0
	var out Output
	for b.Loop() {
		b.StopTimer()
		from, to := New(), New()
		now := exchange.Time(1)
		run := func(s *Shard, cmds ...exchange.Command) (r exchange.Reply, took time.Duration) {
			batch := wire.AppendBatchHead(nil, now, len(cmds))
			for _, c := range cmds {
				var err error
				if batch, err = wire.AppendCommand(batch, c); err != nil {
					b.Fatal(err)
				}
			}
			start := time.Now()
			if err := s.Apply(batch, &out); err != nil {
				b.Fatal(err)
			}
			return out.Replies[len(cmds)-1], time.Since(start)
		}
		for _, s := range []*Shard{from, to} {
			s.Reserve(2*orders, 2*orders) // as a replica does
			run(s, &exchange.SwitchRules{Version: exchange.MoveRules})
		}
		for i := range uint64(accounts) {
			run(from, &exchange.ReceiveTransfer{From: 3, Number: i + 1, Account: exchange.AccountID(i + 1), Amount: 1e9})
		}
		run(from, &exchange.CreateMarket{ID: 1, Spec: exchange.MarketSpec{Question: "How long will it take?",
			Tick: exchange.TickRule{Middle: 1}, PositionLimit: 1_000_000}})
		for i := range orders {
			run(from, &exchange.PlaceOrder{Account: exchange.AccountID(1 + i%accounts), Market: 1, Quantity: 1, Key: exchange.Key{byte(i), byte(i >> 8), byte(i >> 16), 1},
				Side: exchange.Side(i % 2), Price: exchange.Price(1_000 + i%2*5_000 + i%997)})
		}
		b.StartTimer()
		r, _ := run(from, &exchange.FreezeMarket{Market: 1, To: 2})
		start := time.Now()
		data := from.WriteMarket(1, 0)
		write += time.Since(start)
		parts = len(data)
		for i, part := range data {
			r, took := run(to, &exchange.AdoptMarket{From: 1, Market: 1, Move: r.Version, Part: uint32(i), Last: i == len(data)-1, Data: part})
			if r.Code != exchange.Accepted {
				b.Fatal(r.Code)
			}
			adopt, longest = adopt+took, max(longest, took)
		}
		for left := exchange.Quantity(1); left > 0; {
			r, took := run(from, &exchange.ReleaseMarket{Market: 1, Move: r.Version})
			release, left = max(release, took), r.Remaining
		}
	}
	b.ReportMetric(float64(parts), "parts")
	b.ReportMetric(write.Seconds()*1e3/float64(b.N), "ms-write")
	b.ReportMetric(adopt.Seconds()*1e3/float64(b.N), "ms-adopt")
	b.ReportMetric(longest.Seconds()*1e3, "ms-longest-part")
	b.ReportMetric(release.Seconds()*1e3, "ms-longest-release")
}
