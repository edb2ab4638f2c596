package shard

import (
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// stream drives the shard with the order flow of a prediction market: half new orders near a drifting price, two in
// five cancels, the rest crossing.
type stream struct {
	state uint64
	live  []exchange.OrderID
	owner []exchange.AccountID
	mid   int
	id    uint64
}

func (g *stream) next() uint64 {
	g.state += 0x9E3779B97F4A7C15
	z := g.state
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

func (g *stream) n(n uint64) uint64 { return (g.next() >> 32) * n >> 32 }

func benchmarkApply(b *testing.B, keys bool) {
	s := New()
	s.Reserve(2_000_000, 100_000)
	var out Output
	apply := func(cmds ...exchange.Command) {
		batch := wire.AppendBatchHead(nil, 1, len(cmds))
		for _, c := range cmds {
			batch, _ = wire.AppendCommand(batch, c)
		}
		if err := s.Apply(batch, &out); err != nil {
			b.Fatal(err)
		}
		for _, r := range out.Replies {
			if r.Code != exchange.Accepted {
				b.Fatal(r.Code)
			}
		}
	}
	const accounts = 997
	for i := range accounts {
		apply(&exchange.Register{Name: "trader" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))},
			&exchange.Deposit{Account: exchange.AccountID(i + 1), Amount: 1e14})
	}
	apply(&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?", TakerFee: 700,
		Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition, Flags: exchange.SelfTradesAllowed}})
	g := &stream{state: 1, mid: 5000}
	const size = 128
	batch := make([]byte, 0, 1<<16)
	owners := make([]exchange.AccountID, 0, size)
	total, spent := 0, time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		batch = wire.AppendBatchHead(batch[:0], 1, size)
		owners = owners[:0]
		for range size {
			g.id++
			account := exchange.AccountID(1 + g.id%accounts)
			var key exchange.Key
			if keys {
				x := g.next()
				for i := range 8 {
					key[i] = byte(x >> (8 * i))
				}
				key[8] = 1
			}
			if g.n(16) == 0 {
				g.mid += int(g.next()&1)*2 - 1
			}
			k := g.n(100)
			if k >= 50 && k < 90 && len(g.live) > 0 {
				i := g.n(uint64(len(g.live)))
				batch = wire.AppendCancelOrder(batch, &exchange.CancelOrder{Account: g.owner[i], Key: key, Market: 1, Order: g.live[i]})
				g.live[i], g.owner[i] = g.live[len(g.live)-1], g.owner[len(g.owner)-1]
				g.live, g.owner = g.live[:len(g.live)-1], g.owner[:len(g.owner)-1]
				owners = append(owners, 0)
				continue
			}
			o := exchange.PlaceOrder{Account: account, Key: key, Market: 1, Side: exchange.Side(g.next() & 1),
				Quantity: exchange.Quantity(1 + g.n(100)), SelfTrade: exchange.AllowSelfTrade}
			off := 1 + int(min(g.n(120), g.n(120)))
			if k >= 90 {
				off = -3
			}
			o.Price = exchange.Price(g.mid + off)
			if o.Side == exchange.Buy {
				o.Price = exchange.Price(g.mid - off)
			}
			batch = wire.AppendPlaceOrder(batch, &o)
			owners = append(owners, account)
		}
		begun := time.Now()
		if err := s.Apply(batch, &out); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(begun)
		total += size
		for i, r := range out.Replies {
			if owners[i] != 0 && r.Remaining > 0 {
				g.live, g.owner = append(g.live, exchange.OrderID(r.ID)), append(g.owner, owners[i])
			}
		}
	}
	b.ReportMetric(float64(spent)/float64(total), "ns/command")
	b.ReportMetric(float64(s.OpenOrders()), "live")
}

func BenchmarkApply(b *testing.B)      { benchmarkApply(b, false) }
func BenchmarkApplyKeyed(b *testing.B) { benchmarkApply(b, true) }
