package idempotency

import (
	"testing"

	"github.com/hustings/hustings/exchange"
	"pgregory.net/rapid"
)

// Keys are drawn from few prefixes, so that chains of equal prefixes come about.
func TestTableIsAMapThatForgetsTheOldest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table Table
		type memory struct {
			at    exchange.Time
			reply exchange.Reply
		}
		model := map[exchange.Key]memory{}
		now := exchange.Time(100)
		for range rapid.IntRange(1, 600).Draw(t, "steps") {
			now += exchange.Time(rapid.IntRange(0, 3).Draw(t, "wait"))
			var key exchange.Key
			key[0] = byte(rapid.IntRange(0, 5).Draw(t, "prefix"))
			key[12] = byte(rapid.IntRange(1, 20).Draw(t, "rest"))
			if rapid.IntRange(0, 9).Draw(t, "expire") == 0 {
				before := now - 20
				table.Expire(before, 1000)
				for k, m := range model {
					if m.at < before {
						delete(model, k)
					}
				}
			}
			want, known := model[key]
			if known && rapid.IntRange(0, 9).Draw(t, "forget") == 0 {
				table.Forget(table.Find(&key))
				delete(model, key)
				known = false
			}
			got := table.Find(&key)
			if known != (got != nil) {
				t.Fatalf("key %x known: %v, want %v", key, got != nil, known)
			}
			if known && got.First() != want.reply {
				t.Fatalf("key %x: %+v, want %+v", key, got.First(), want.reply)
			}
			if !known {
				r := exchange.Reply{Seq: exchange.Seq(now), Time: now, ID: uint64(len(model)), Code: exchange.Reject(now % 7)}
				table.Add(&key, 1, &r)
				model[key] = memory{now, r}
			}
			if table.Len() != len(model) {
				t.Fatalf("%d answers, want %d", table.Len(), len(model))
			}
		}
	})
}
