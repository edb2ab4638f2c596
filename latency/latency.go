// Package latency says how times are measured, the same everywhere, so that one query compares any two stages.
package latency

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// factor is the greatest ratio of two neighbouring bounds of a native histogram.
const factor = 1.1

// mostBuckets bounds the memory of one native histogram; beyond it the resolution falls.
const mostBuckets = 160

// Buckets returns the bounds of a classic histogram, in seconds. Each promise that the exchange makes is one of them, so that
// the share of requests that kept it is exact.
func Buckets() []float64 {
	return []float64{1e-6, 5e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 0.1, 0.15, 0.2, 0.5, 1, 5}
}

// Opts are the options of a histogram of times, which is classic and native at once.
func Opts(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: name, Help: help, Buckets: Buckets(),
		NativeHistogramBucketFactor: factor, NativeHistogramMaxBucketNumber: mostBuckets, NativeHistogramMinResetDuration: time.Hour}
}

// Quantile estimates a quantile, 0 to 1, of a classic histogram: upper bounds in seconds, the last one infinite, and how many
// observations are at most each. Within a bucket it interpolates; beyond the last finite bound it returns that. It is NaN of nothing.
func Quantile(q float64, bounds []float64, cumulative []uint64) float64 {
	if len(bounds) == 0 || cumulative[len(cumulative)-1] == 0 {
		return math.NaN()
	}
	wanted := q * float64(cumulative[len(cumulative)-1])
	lower, before := 0.0, 0.0
	for i, upper := range bounds {
		upTo := float64(cumulative[i])
		if upTo >= wanted && upTo > before {
			if math.IsInf(upper, 1) {
				return lower
			}
			return lower + (upper-lower)*(wanted-before)/(upTo-before)
		}
		lower, before = upper, upTo
	}
	return lower
}
