package guard

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// naive is a bucket as a textbook has it: tokens that come in at a rate. It counts in units of price, so that there is nothing
// to round.
type naive struct{ units, full, seen int64 }

func (b *naive) at(now int64) {
	b.units = min(b.full, b.units+now-b.seen)
	b.seen = now
}

// A bucket lets in what a bucket of counted tokens lets in, and says the same about what is left and when there is more.
func TestBucketIsATokenBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := price(rapid.Int64Range(1, 1_000_000).Draw(t, "price"))
		burst := rapid.Int64Range(1, 1_000).Draw(t, "burst")
		r := room(int64(p) * burst)
		var b bucket
		model := naive{units: int64(r), full: int64(r)}
		now := int64(1)
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			now += rapid.Int64Range(0, int64(r)*2).Draw(t, "passes")
			n := rapid.IntRange(0, int(burst)+1).Draw(t, "tokens")
			model.at(now)
			if got, want := b.left(now, p, r), model.units/int64(p); got != want {
				t.Fatalf("%d tokens are left, not %d", got, want)
			}
			lacks, missing := b.lacks(now, n, p, r), max(0, int64(n)*int64(p)-model.units)
			if int64(lacks) != missing {
				t.Fatalf("%d tokens are there in %d ns, not %d", n, lacks, missing)
			}
			if missing == 0 {
				b.take(now, n, p)
				model.units -= int64(n) * int64(p)
			}
		}
	})
}

func TestPrices(t *testing.T) {
	for _, test := range []struct {
		rate   Rate
		factor float64
		price  price
		room   time.Duration
	}{
		{Rate{10, 20}, 1, 100e6, 2 * time.Second},
		{Rate{5, 10}, 1, 200e6, 2 * time.Second},
		{Rate{30, 60}, 1, 33_333_333, 2 * time.Second},
		{Rate{1, 5}, 1, 1e9, 5 * time.Second},
		{Rate{5, 10}, 1_000, 200_000, 2 * time.Second},
		{Rate{MostRate, 1}, MostFactor, 1, time.Microsecond},
		{Rate{LeastRate, 1}, 1, 1_000e9, 1_000 * time.Second},
	} {
		if p := test.rate.price().cheaper(test.factor); p != test.price {
			t.Errorf("%+v × %v costs %d", test.rate, test.factor, p)
		}
		if r := test.rate.room(); r != room(test.room) {
			t.Errorf("%+v holds %v", test.rate, time.Duration(r))
		}
	}
}
