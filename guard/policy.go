package guard

import (
	"fmt"
	"net/netip"
	"time"
)

// Rate is how many tokens a second a bucket gets, and how many it holds.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Policy says who may do how much. Default has the usual one.
type Policy struct {
	Rates    [Classes]Rate  // of an account, a key or an address of the standard tier
	Factors  [Tiers]float64 // by which the rates of a tier are greater
	Tier     Tier           // of who has no other
	Accounts map[uint32]Tier

	// AddressFactor is how many accounts' traffic one address may carry, for many stand behind one router.
	AddressFactor float64

	Knocks             int           // refusals, none of them long after the one before, that lead to the penalty box
	Shut               time.Duration // time in the box at first; doubled each time
	ShutAuthentication time.Duration // the same for wrong credentials

	AddressConns   int            // connections of an address
	TrustedProxies []netip.Prefix // whose word about the address of a client is taken

	TargetLatency time.Duration // of the log: the load is 1 where orders take this long on average
	Entries       int           // buckets in a table; rounded up to a power of two
}

// Default returns the usual policy.
func Default() Policy {
	return Policy{
		Rates: [Classes]Rate{
			General: {10, 20}, Orders: {5, 10}, MarketData: {30, 60}, Authentication: {1, 5}, Cancels: {50, 200},
		},
		Factors: [Tiers]float64{Standard: 1, Premium: 10, Institutional: 1_000}, AddressFactor: 10,
		Knocks: 20, Shut: time.Minute, ShutAuthentication: 5 * time.Minute,
		AddressConns: 256, TargetLatency: 50 * time.Millisecond, Entries: 1 << 16,
	}
}

// Bounds of a policy. They keep the arithmetic of buckets far from overflow.
const (
	LeastRate  = 0.001
	MostRate   = 1e6
	MostBurst  = 1_000_000
	MostFactor = 1e6
	mostShut   = 24 * time.Hour
	mostTarget = time.Minute
	mostTable  = 1 << 24
)

// Check says what cannot be used.
func (p *Policy) Check() error {
	for c, r := range p.Rates {
		if !(r.PerSecond >= LeastRate && r.PerSecond <= MostRate) {
			return fmt.Errorf("%s: a rate of %v a second is not within %v to %v", Class(c), r.PerSecond, LeastRate, float64(MostRate))
		}
		if r.Burst < 1 || r.Burst > MostBurst {
			return fmt.Errorf("%s: a burst of %d is not within 1 to %d", Class(c), r.Burst, MostBurst)
		}
	}
	for t, f := range p.Factors {
		if !(f >= 1 && f <= MostFactor) {
			return fmt.Errorf("%s: a factor of %v is not within 1 to %v", Tier(t), f, float64(MostFactor))
		}
	}
	switch {
	case !(p.AddressFactor >= 1 && p.AddressFactor <= MostFactor):
		return fmt.Errorf("an address factor of %v is not within 1 to %v", p.AddressFactor, float64(MostFactor))
	case p.Knocks < 1:
		return fmt.Errorf("%d refusals cannot lead to the penalty box: write 1 or more", p.Knocks)
	case p.Shut < time.Second || p.Shut > mostShut || p.ShutAuthentication < time.Second || p.ShutAuthentication > mostShut:
		return fmt.Errorf("a penalty of %v, and of %v for wrong credentials: write from 1s to %v", p.Shut, p.ShutAuthentication, mostShut)
	case p.AddressConns < 1:
		return fmt.Errorf("%d connections of an address: write 1 or more", p.AddressConns)
	case p.TargetLatency < time.Millisecond || p.TargetLatency > mostTarget:
		return fmt.Errorf("a target latency of %v: write from 1ms to %v", p.TargetLatency, mostTarget)
	case p.Entries < ways || p.Entries > mostTable:
		return fmt.Errorf("%d buckets in a table: write from %d to %d", p.Entries, ways, mostTable)
	}
	return nil
}
