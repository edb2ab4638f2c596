package guard

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Floor is the least share of a rate that is granted under load.
const Floor = 0.01

// Share is the share of a rate that is granted at a load: all up to a half, then less and less, down to Floor at 1.
func Share(load float64) float64 {
	if !(load > 0.5) {
		return 1
	}
	x := (min(load, 1) - 0.5) / 0.5
	return max(Floor, 1-(1-Floor)*x*x)
}

// discounts make the load seem less to the faster tiers: they are slowed down after the others.
var discounts = [Tiers]float64{Standard: 1, Premium: 0.85, Institutional: 0.7}

// Meter measures how loaded an exchange is: 0 idle, 1 as much as it can bear, more where orders take longer than they
// should. It may be used concurrently.
type Meter struct {
	target  float64 // ns
	sources []func() float64
	latency atomic.Uint64 // bits of the average, ns
	seen    atomic.Int64  // when it was observed last
}

const (
	weight       = 1.0 / 32               // of an observation in the average
	fade         = 250 * time.Millisecond // without any, after which half of the average is forgotten
	mostObserved = 2                      // load
)

// observe takes in how long an order took. Observations at the same time may get lost. Those who waited for a new leader must
// not keep others out once there is one, so no observation counts for more than a load of mostObserved.
func (m *Meter) observe(now int64, d time.Duration) {
	average := m.average(now)
	m.latency.Store(math.Float64bits(average + (min(float64(d), mostObserved*m.target)-average)*weight))
	m.seen.Store(now)
}

// average is the average latency, ns. It fades while there is nothing to observe: where all are refused nobody is waited for.
func (m *Meter) average(now int64) float64 {
	average := math.Float64frombits(m.latency.Load())
	if idle := now - m.seen.Load(); idle > int64(fade) {
		average *= math.Exp2(-float64(idle) / float64(fade))
	}
	return average
}

// load is the greatest of what is measured.
func (m *Meter) load(now int64) float64 {
	load := m.average(now) / m.target
	for _, source := range m.sources {
		load = max(load, source())
	}
	return load
}

// pace is how fast the clocks of the tiers go from an instant on.
type pace struct {
	at    int64
	load  float64
	shown [Tiers]int64 // by the clocks at that instant
	share [Tiers]float64
	slow  [Tiers]int64 // the last instant before which a clock went slower; 0: none ever did
}

// clocks are the clocks of the tiers, which go slower under load.
type clocks struct {
	meter Meter
	now   atomic.Pointer[pace]
	mu    sync.Mutex
}

const (
	repace = int64(time.Millisecond)      // between two looks at the load
	lull   = int64(10 * time.Millisecond) // without anybody asking, after which there is no load that clocks go slower for
)

func (c *clocks) init() {
	p := new(pace)
	for t := range p.share {
		p.share[t] = 1
	}
	c.now.Store(p)
}

// pace returns how the clocks go at an instant.
func (c *clocks) pace(now int64) *pace {
	p := c.now.Load()
	if now-p.at < repace || !c.mu.TryLock() {
		return p
	}
	defer c.mu.Unlock()
	if p = c.now.Load(); now-p.at < repace {
		return p
	}
	next := &pace{at: now, load: c.meter.load(now)}
	for t := range next.share {
		next.shown[t], next.share[t], next.slow[t] = p.clock(Tier(t), now), Share(next.load*discounts[t]), p.slow[t]
		if p.share[t] < 1 || next.share[t] < 1 {
			next.slow[t] = now
		}
	}
	c.now.Store(next)
	return next
}

// loaded reports whether a bucket of this room can be short of tokens because of the load: it was there now, or so shortly before that
// the bucket, which holds what was taken from it meanwhile, is not full yet.
func (p *pace) loaded(t Tier, now int64, r room) bool {
	return p.share[t] < 1 || p.slow[t] != 0 && now-p.slow[t] < int64(r)
}

// clock is what the clock of a tier shows.
func (p *pace) clock(t Tier, now int64) int64 {
	since := max(0, now-p.at)
	slow := min(since, lull)
	if p.share[t] < 1 {
		since -= slow - int64(float64(slow)*p.share[t])
	}
	return p.shown[t] + since
}
