package watch

import "github.com/hustings/hustings/exchange"

// A market's volume is the contracts ordered in it, minute by minute. A minute is far out when it lies so many deviations above
// the mean. Both are moving averages that take in a minute only up to a few deviations, so that no single minute moves them
// much. There are two: the fast one knows the last hour; the slow one, of a day and more, is for whoever raises the volume so
// gently that the fast one gets used to it.
//
// A deviation is never taken for less than an eighth of the mean, nor for less than leastDeviation: a market that was always
// still, or always the same, has none of its own.
type volume struct {
	fast, slow average
	minute     int64    // the one that is counted now
	sum        uint64   // contracts in it
	from       Evidence // its first order
	minutes    uint32   // counted before
	quietUntil exchange.Time
}

// average is a mean and a mean absolute deviation, in 256ths of a contract.
type average struct{ mean, deviation int64 }

const (
	minute         = 60 * second
	second         = exchange.Time(1_000_000_000)
	fine           = 256
	fastShift      = 6  // a minute counts for 1/64
	slowShift      = 11 // … 1/2048
	clip           = 3  // deviations that a minute is taken in for at most
	fastLimit      = 8  // deviations at which a minute is far out
	slowLimit      = 16
	leastDeviation = 150 * fine
	warmFast       = 15 // minutes before the averages are believed
	warmSlow       = 120
	surgeRest      = 15 * minute // between two findings about a market
)

// spread is the deviation that is reckoned with.
func (a *average) spread() int64 { return max(a.deviation, a.mean/8, leastDeviation) }

// limit is the contracts of a minute that is far out.
func (a *average) limit(deviations int64) uint64 { return uint64(a.mean+deviations*a.spread()) / fine }

// learn takes in a minute, once the market is known; before, all of it counts.
func (a *average) learn(contracts uint64, shift uint, known uint32) {
	x := int64(min(contracts, 1<<40)) * fine
	if known == 0 {
		a.mean, a.deviation = x, 0
		return
	}
	off := x - a.mean
	if known >= warmFast {
		most := clip * a.spread()
		off = max(min(off, most), -most)
	}
	// While little is known each minute counts for as much as those before it.
	weight := int64(min(known+1, 1<<shift))
	a.mean += off / weight
	a.deviation += (max(off, -off) - a.deviation) / weight
}

// close ends the minutes before another one.
func (v *volume) close(to int64) {
	const longSilence = 512 // minutes after which it does not matter how many more there were
	for n := 0; v.minute < to && n < longSilence; n++ {
		v.fast.learn(v.sum, fastShift, v.minutes)
		v.slow.learn(v.sum, slowShift, v.minutes)
		v.sum, v.from = 0, Evidence{}
		v.minutes++
		v.minute++
	}
	v.minute = to
}

// ordered takes in an order, and reports what is compared when the minute becomes far out with it.
func (v *volume) ordered(at moment, contracts uint64) (limit uint64, out bool) {
	m := int64(at.now / minute)
	if v.minute == 0 {
		v.minute = m
	}
	if v.minute < m {
		v.close(m)
	}
	if v.from.Seq == 0 {
		v.from = at.Evidence
	}
	v.sum += contracts
	if v.minutes < warmFast || at.now < v.quietUntil {
		return 0, false
	}
	limit = v.fast.limit(fastLimit)
	if v.minutes >= warmSlow {
		limit = min(limit, v.slow.limit(slowLimit))
	}
	if v.sum <= limit {
		return 0, false
	}
	v.quietUntil = at.now + surgeRest
	return limit, true
}
