package node

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/placement"
)

// BenchmarkShards asks how a million markets are spread.
func BenchmarkShards(b *testing.B) {
	const markets, batch = 1_000_000, 500
	f := newSpread(b)
	f.open(2)
	for id := exchange.HomeShard; id <= 2; id++ {
		f.do(id, &exchange.SwitchRules{Version: exchange.GroupRules})
	}
	f.adds(0, placement.Points, 2)
	replies := make([]exchange.Reply, batch)
	for id := exchange.MarketID(1); id < markets; {
		var frames []byte
		for range batch {
			var err error
			if frames, err = wire.AppendCommand(frames, createMarket(id)); err != nil {
				b.Fatal(err)
			}
			id++
		}
		if err := f.home.submit.Submit(b.Context(), frames, batch, replies); err != nil || replies[batch-1].Code != exchange.Accepted {
			b.Fatal(replies[batch-1], err)
		}
	}
	if err := f.home.submit.Fresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if s := f.status(); s.Shards[0].Markets != markets {
			b.Fatal(s)
		}
	}
}
