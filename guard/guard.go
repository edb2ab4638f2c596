package guard

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Caller is who asks.
type Caller struct {
	Address AddressKey
	Key     uint64 // of the API key or session, not 0; 0: who shows none, or a wrong one
	Account uint32 // of the key
	Tier    Tier   // of the key
}

// Verdict says what becomes of a request. Class and Tier are those of the bucket that decided.
type Verdict struct {
	Reason Reason
	Class  Class
	Tier   Tier
	Left   int64         // tokens that are left
	Retry  time.Duration // when refused: until it may be tried again
	Hold   time.Duration // when refused: for how long the answer should be held back
}

// How long answers are held back. A caller waits for the answer before he asks again, so this makes a flood slow at no cost.
const (
	holdBoxed     = time.Second
	holdThrottled = 100 * time.Millisecond
	holdPressing  = time.Second // for whoever keeps knocking while the exchange is loaded
	holdKnocking  = 100 * time.Millisecond
	politeKnocks  = 3 // refusals after which answers are held back
)

// grade is the price of tokens, for one tier and class.
type grade struct {
	price, addressPrice price
	burst               int
}

// Guard decides about requests. It may be used concurrently.
type Guard struct {
	policy Policy
	rooms  [Classes]room
	grades [Tiers][Classes]grade
	texts  texts
	epoch  time.Time
	clocks clocks

	accounts  table // of traders, by account
	keys      table // of traders, by key
	addresses table // of traders, by address
	strangers table // of who shows no credential, by address

	refused   [Classes][Reasons]atomic.Uint64
	penalties [Classes]atomic.Uint64

	connsRefused atomic.Uint64
}

// New makes a guard, at the time now. Loads are measures of how loaded the exchange is, 1 for as much as it can bear; they are
// called concurrently, up to a thousand times a second.
func New(p Policy, now time.Time, loads ...func() float64) (*Guard, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	g := &Guard{policy: p, epoch: now}
	g.clocks.init()
	g.clocks.meter.target, g.clocks.meter.sources = float64(p.TargetLatency), loads
	for _, t := range []*table{&g.accounts, &g.keys, &g.addresses, &g.strangers} {
		t.init(p.Entries, rand.Uint64())
	}
	for c, r := range p.Rates {
		g.rooms[c] = r.room()
		for t, factor := range p.Factors {
			one := r.price().cheaper(factor)
			g.grades[t][c] = grade{one, one.cheaper(p.AddressFactor), int(float64(r.Burst) * factor)}
		}
	}
	g.texts.init(g)
	return g, nil
}

// instant is a time as the guard counts it. Differences are of the monotonic clock, so a clock that is set does no harm.
func (g *Guard) instant(t time.Time) int64 { return 1 + max(0, int64(t.Sub(g.epoch))) }

// accountTier is the tier of an account whose key is of another.
func (g *Guard) accountTier(c *Caller) Tier {
	if t, set := g.policy.Accounts[c.Account]; set {
		return t
	}
	return c.Tier
}

// KeyTier is the tier of a key, which has none of its own: that of its account.
func (g *Guard) KeyTier(account uint32) Tier {
	if t, set := g.policy.Accounts[account]; set {
		return t
	}
	return g.policy.Tier
}

// Take takes n tokens of a class from every bucket of a caller, or from none. N is 0 or more.
func (g *Guard) Take(at time.Time, c Caller, class Class, n int) Verdict {
	now := g.instant(at)
	if c.Key == 0 {
		c.Tier = Standard
		return g.stranger(now, &c, class, n)
	}
	return g.trader(now, &c, class, n)
}

// stranger decides about somebody who shows no credential.
func (g *Guard) stranger(now int64, c *Caller, class Class, n int) Verdict {
	p := g.clocks.pace(now)
	now = max(now, p.at) // who stood still since he came has seen less of the clock than the buckets have
	s, e := g.strangers.lock(uint64(c.Address), now)
	defer s.mu.Unlock()
	v := Verdict{Class: class, Left: int64(g.grades[Standard][class].burst)}
	if !g.inBox(now, e, class, &v) {
		clock := g.clock(p, Standard, class, now)
		price := g.grades[Standard][class].price
		if g.weigh(e.buckets[class], clock, price, n, &v); v.Reason == Admitted {
			e.buckets[class].take(clock, n, price)
			return v
		}
		g.strike(now, p, e, &v)
	}
	g.refused[class][v.Reason].Add(1)
	return v
}

// trader decides about the holder of a credential. Its address goes by the real clock: it is for traders of all tiers.
func (g *Guard) trader(now int64, c *Caller, class Class, n int) Verdict {
	p := g.clocks.pace(now)
	now = max(now, p.at) // who stood still since he came has seen less of the clock than the buckets have
	ks, key := g.keys.lock(c.Key, now)
	defer ks.mu.Unlock()
	v := Verdict{Class: class, Tier: c.Tier, Left: int64(g.grades[c.Tier][class].burst)}
	if g.inBox(now, key, class, &v) {
		g.refused[class][v.Reason].Add(1)
		return v
	}
	tier := g.accountTier(c)
	as, account := g.accounts.lock(uint64(c.Account), now)
	defer as.mu.Unlock()
	hs, address := g.addresses.lock(uint64(c.Address), now)
	defer hs.mu.Unlock()

	keyClock, accountClock := g.clock(p, c.Tier, class, now), g.clock(p, tier, class, now)
	grade, accountPrice := &g.grades[c.Tier][class], g.grades[tier][class].price
	g.weigh(key.buckets[class], keyClock, grade.price, n, &v)
	g.weigh(account.buckets[class], accountClock, accountPrice, n, &v)
	g.weigh(address.buckets[class], now, grade.addressPrice, n, &v)
	if v.Reason != Admitted {
		g.strike(now, p, key, &v)
		g.refused[class][v.Reason].Add(1)
		return v
	}
	key.buckets[class].take(keyClock, n, grade.price)
	account.buckets[class].take(accountClock, n, accountPrice)
	address.buckets[class].take(now, n, grade.addressPrice)
	return v
}

// clock is the clock by which a bucket fills.
func (g *Guard) clock(p *pace, t Tier, class Class, now int64) int64 {
	if class == Cancels {
		return now
	}
	return p.clock(t, now)
}

// weigh takes into a verdict what one bucket says to n tokens.
func (g *Guard) weigh(b bucket, clock int64, p price, n int, v *Verdict) {
	r := g.rooms[v.Class]
	lacks := b.lacks(clock, n, p, r)
	switch {
	case int64(n)*int64(p) > int64(r):
		v.Reason, v.Left = TooMany, 0
	case lacks > 0:
		v.Reason, v.Left = max(v.Reason, RateLimited), 0
		v.Retry = max(v.Retry, lacks)
	default:
		v.Left = min(v.Left, b.left(clock, p, r)-int64(n))
	}
}

func boxOf(class Class) int {
	if class == Authentication {
		return 0
	}
	return 1
}

// inBox reports whether somebody is in the penalty box, from which cancels are let out.
func (g *Guard) inBox(now int64, e *entry, class Class, v *Verdict) bool {
	left := e.boxes[boxOf(class)].left(now)
	if class == Cancels || left == 0 {
		return false
	}
	v.Reason, v.Retry, v.Hold = Boxed, left, holdBoxed
	return true
}

// strike counts a refusal, except for those that the load is to blame for.
func (g *Guard) strike(now int64, p *pace, e *entry, v *Verdict) {
	if v.Reason != RateLimited {
		return
	}
	if v.Class == Cancels {
		v.Hold = holdKnocking
		return
	}
	if p.loaded(v.Tier, now, g.rooms[v.Class]) {
		v.Reason, v.Hold = Throttled, holdThrottled
		if e.boxes[boxOf(v.Class)].press(now) > g.policy.Knocks {
			v.Hold = holdPressing
		}
		v.Retry = time.Duration(float64(v.Retry) / p.share[v.Tier])
		return
	}
	b, base := &e.boxes[boxOf(v.Class)], g.policy.Shut
	if v.Class == Authentication {
		base = g.policy.ShutAuthentication
	}
	if b.strike(now, int64(base), g.policy.Knocks) {
		v.Reason, v.Retry, v.Hold = Boxed, b.left(now), holdBoxed
		g.penalties[v.Class].Add(1)
		return
	}
	if b.strikes > politeKnocks {
		v.Hold = holdKnocking
	}
}

// Observe takes in how long an order took on its way through the log.
func (g *Guard) Observe(at time.Time, took time.Duration) {
	g.clocks.meter.observe(g.instant(at), took)
}

// Load is how loaded the exchange is, and the share of its rate that a tier gets.
func (g *Guard) Load(at time.Time, t Tier) (load, share float64) {
	p := g.clocks.pace(g.instant(at))
	return p.load, p.share[t]
}

// Refused is how often requests of a class were refused for a reason.
func (g *Guard) Refused(c Class, r Reason) uint64 { return g.refused[c][r].Load() }

// Penalties is how often somebody was put into the penalty box.
func (g *Guard) Penalties(c Class) uint64 { return g.penalties[c].Load() }

// Size is how much a table holds.
type Size struct {
	Name    string
	Entries int64
	Evicted uint64 // entries that gave way to others
}

// Sizes are those of the tables.
func (g *Guard) Sizes() []Size {
	of := func(name string, t *table) Size { return Size{name, t.taken.Load(), t.evicted.Load()} }
	return []Size{of("accounts", &g.accounts), of("keys", &g.keys), of("addresses", &g.addresses), of("strangers", &g.strangers)}
}
