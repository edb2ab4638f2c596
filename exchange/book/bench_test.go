package book

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

// One operation is an ask that comes and an ask that goes. In a full book the best price stays; in a thin one it
// jumps 9,000 ticks and back.
func BenchmarkBook(b *testing.B) {
	b.Run("full", func(b *testing.B) {
		var x pair
		for p := exchange.Price(5_000); p < 5_100; p++ {
			for range 10 {
				x.rest(exchange.Sell, p, 10)
			}
		}
		comeAndGo(b, &x, 5_000)
	})
	b.Run("thin", func(b *testing.B) {
		var x pair
		x.rest(exchange.Sell, 9_500, 10)
		comeAndGo(b, &x, 500)
	})
}

func comeAndGo(b *testing.B, x *pair, p exchange.Price) {
	b.ReportAllocs()
	for b.Loop() {
		slot := x.orders.Take()
		o := x.orders.At(slot)
		o.Side, o.Price, o.Remaining = exchange.Sell, p, 10
		x.fast.Append(&x.orders, slot)
		first, _ := x.fast.Head(exchange.Sell)
		x.fast.Reduce(&x.orders, x.orders.At(first), 10)
		x.orders.Release(first)
	}
}
