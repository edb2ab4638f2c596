package latency

import (
	"math"
	"slices"
	"testing"
)

// Whoever promises a time counts on a bucket that ends there.
func TestEveryPromiseIsABucket(t *testing.T) {
	b := Buckets()
	if !slices.IsSorted(b) {
		t.Errorf("%v is not ascending", b)
	}
	for _, promise := range []float64{0.0005, 0.001, 0.005, 0.05, 0.1, 0.15, 0.2} {
		if !slices.Contains(b, promise) {
			t.Errorf("no bucket ends at %v", promise)
		}
	}
}

func TestQuantile(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		q          float64
		bounds     []float64
		cumulative []uint64
		want       float64
	}{
		{0.5, []float64{1, 2, inf}, []uint64{10, 20, 20}, 1},
		{0.75, []float64{1, 2, inf}, []uint64{10, 20, 20}, 1.5},
		{0.25, []float64{1, 2, inf}, []uint64{10, 20, 20}, 0.5},
		{0.99, []float64{1, 2, inf}, []uint64{0, 0, 5}, 2},
		{0.5, []float64{1, 2, 4, inf}, []uint64{0, 0, 8, 8}, 3},
	} {
		if got := Quantile(c.q, c.bounds, c.cumulative); got != c.want {
			t.Errorf("quantile %v of %v at %v is %v, not %v", c.q, c.cumulative, c.bounds, got, c.want)
		}
	}
	if got := Quantile(0.5, []float64{1, inf}, []uint64{0, 0}); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %v", got)
	}
}
