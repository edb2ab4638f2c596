package idempotency

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"pgregory.net/rapid"
)

// A market's chain has all its answers that are still good, newest first, however slots are used again.
func TestChainHasWhatIsStillGood(t *testing.T) {
	const life = 20
	rapid.Check(t, func(t *rapid.T) {
		var table Table
		type answer struct {
			key    exchange.Key
			market exchange.MarketID
			at     exchange.Time
		}
		var chains [3]Chain
		var given []answer
		now := exchange.Time(100)
		for range rapid.IntRange(1, 500).Draw(t, "steps") {
			now += exchange.Time(rapid.SampledFrom([]int{0, 0, 0, 1, 15}).Draw(t, "wait"))
			given = slices.DeleteFunc(given, func(a answer) bool { return a.at < now-life })
			market := exchange.MarketID(rapid.IntRange(1, 2).Draw(t, "market"))
			switch rapid.IntRange(0, 20).Draw(t, "step") {
			case 0:
				table.Expire(now-life, rapid.IntRange(1, 3).Draw(t, "expired"))
				continue
			case 1:
				done := table.DropNewest(&chains[market], market, 5)
				for left := 5; left > 0; left-- {
					for i := len(given) - 1; i >= 0; i-- {
						if given[i].market == market {
							given = slices.Delete(given, i, i+1)
							break
						}
					}
				}
				if more := table.Newest(&chains[market], market) != nil; more == done {
					t.Fatalf("done: %t, and more: %t", done, more)
				}
				continue
			}
			key := exchange.Key{byte(rapid.IntRange(1, 12).Draw(t, "key"))}
			if e := table.Find(&key); e != nil && e.Time >= now-life {
				continue
			} else if e != nil {
				table.Forget(e)
			}
			e := table.Add(&key, 1, &exchange.Reply{Time: now})
			if rapid.IntRange(0, 4).Draw(t, "linked") > 0 {
				table.Link(&chains[market], market, e)
				given = append(given, answer{key, market, now})
			}
			for m := exchange.MarketID(1); m <= 2; m++ {
				var got, want []exchange.Key
				for e := table.Newest(&chains[m], m); e != nil; e = table.Older(e) {
					if e.Time >= now-life {
						got = append(got, e.Key)
					}
				}
				for i := len(given) - 1; i >= 0; i-- {
					if given[i].market == m {
						want = append(want, given[i].key)
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("market %d has %v, want %v", m, got, want)
				}
			}
		}
	})
}
