package guard

import (
	"fmt"
	"math"
	"net/netip"
	"testing"
	"time"
)

var begin = time.Date(2026, 11, 3, 21, 0, 0, 0, time.UTC)

// scene is a guard with a clock and a load that a test sets.
type scene struct {
	*Guard
	*testing.T
	now  time.Time
	load float64
}

func newScene(t *testing.T, change func(*Policy)) *scene {
	t.Helper()
	p := Default()
	if change != nil {
		change(&p)
	}
	s := &scene{T: t, now: begin}
	var err error
	if s.Guard, err = New(p, begin, func() float64 { return s.load }); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) pass(d time.Duration) { s.now = s.now.Add(d) }

func (s *scene) take(c Caller, class Class, n int) Verdict { return s.Take(s.now, c, class, n) }

// spend takes single tokens until they are refused, and returns how many there were.
func (s *scene) spend(c Caller, class Class) (n int) {
	s.Helper()
	for s.take(c, class, 1).Reason == Admitted {
		if n++; n > 1_000_000 {
			s.Fatal("there is no limit")
		}
	}
	return n
}

func at(last byte) AddressKey { return KeyOf(netip.AddrFrom4([4]byte{192, 0, 2, last})) }

var ada = Caller{Address: at(1), Key: 1, Account: 1}

// The numbers of the usual policy, for each class: a burst, and what comes back in ten seconds.
func TestUsualRates(t *testing.T) {
	stranger := Caller{Address: at(9)}
	for _, test := range []struct {
		who    Caller
		class  Class
		burst  int
		second float64
	}{
		{ada, General, 20, 10}, {ada, Orders, 10, 5}, {ada, MarketData, 60, 30}, {ada, Cancels, 200, 50},
		{stranger, MarketData, 60, 30}, {stranger, Authentication, 5, 1}, {stranger, General, 20, 10},
	} {
		t.Run(fmt.Sprintf("%s of key %d", test.class, test.who.Key), func(t *testing.T) {
			s := newScene(t, func(p *Policy) { p.Knocks = math.MaxInt32 })
			if got := s.spend(test.who, test.class); got != test.burst {
				t.Errorf("a burst of %d, not %d", got, test.burst)
			}
			v := s.take(test.who, test.class, 1)
			if v.Reason != RateLimited || v.Left != 0 || math.Abs(v.Retry.Seconds()-1/test.second) > 1e-6 {
				t.Errorf("%+v", v)
			}
			n := 0
			for range 1_000 {
				s.pass(10 * time.Millisecond)
				n += s.spend(test.who, test.class)
			}
			if want := int(10 * test.second); n < want-1 || n > want+1 {
				t.Errorf("%d in ten seconds, not %d", n, want)
			}
			s.pass(time.Hour)
			if got := s.spend(test.who, test.class); got != test.burst {
				t.Errorf("a burst of %d after an hour", got)
			}
		})
	}
}

func TestTiersAndAccounts(t *testing.T) {
	s := newScene(t, func(p *Policy) { p.Accounts = map[uint32]Tier{7: Institutional} })
	for account, want := range map[uint32]int{1: 10, 7: 10_000} {
		c := Caller{Address: at(byte(account)), Account: account, Key: uint64(account), Tier: s.KeyTier(account)}
		if got := s.spend(c, Orders); got != want {
			t.Errorf("account %d places %d orders, not %d", account, got, want)
		}
	}
	premium := Caller{Address: at(3), Key: 3, Account: 3, Tier: Premium}
	if got := s.spend(premium, Orders); got != 100 {
		t.Errorf("premium places %d", got)
	}
}

// Two keys of an account share what it has; a slower key of a fast account has its own limit and costs the account little.
func TestKeysShareTheirAccount(t *testing.T) {
	s := newScene(t, func(p *Policy) { p.Accounts = map[uint32]Tier{7: Institutional} })
	second := ada
	second.Key, second.Address = 2, at(2)
	if got := s.spend(ada, Orders) + s.spend(second, Orders); got != 10 {
		t.Errorf("two keys place %d orders", got)
	}
	slow := Caller{Address: at(7), Key: 71, Account: 7, Tier: Standard}
	fast := Caller{Address: at(8), Key: 72, Account: 7, Tier: Institutional}
	if got := s.spend(slow, Orders); got != 10 {
		t.Errorf("the slow key places %d", got)
	}
	if got := s.spend(fast, Orders); got != 10_000-10 {
		t.Errorf("the fast key places %d", got)
	}
}

// An address carries the traffic of ten accounts, and strangers there do not use it up.
func TestAddressesCarryManyAccounts(t *testing.T) {
	s := newScene(t, nil)
	s.spend(Caller{Address: at(1)}, General)
	n := 0
	for account := range uint32(50) {
		n += s.spend(Caller{Address: at(1), Key: uint64(account) + 1, Account: account + 1}, General)
	}
	if n != 200 {
		t.Errorf("%d requests from one address", n)
	}
}

// Tokens that are taken are taken from all buckets or from none.
func TestRefusedTakesNothing(t *testing.T) {
	s := newScene(t, nil)
	if v := s.take(ada, Orders, 11); v.Reason != TooMany {
		t.Fatalf("%+v", v)
	}
	s.take(ada, Orders, 4)
	if v := s.take(ada, Orders, 7); v.Reason != RateLimited || v.Retry != 200*time.Millisecond {
		t.Fatalf("%+v", v)
	}
	if v := s.take(ada, Orders, 6); v.Reason != Admitted || v.Left != 0 {
		t.Errorf("%+v", v)
	}
}

// Penalties begin with a minute, five for wrong credentials, and double; good conduct makes them shorter again.
func TestPenaltiesGrow(t *testing.T) {
	stranger := Caller{Address: at(9)}
	for _, test := range []struct {
		class Class
		who   Caller
		first time.Duration
	}{{Orders, ada, time.Minute}, {Authentication, stranger, 5 * time.Minute}} {
		t.Run(test.class.String(), func(t *testing.T) {
			s := newScene(t, nil)
			knock := func() Verdict {
				for n := range 10_000 {
					if v := s.take(test.who, test.class, 1); v.Reason == Boxed {
						if n < s.policy.Knocks-1 {
							t.Fatalf("shut out after %d requests", n)
						}
						return v
					}
				}
				t.Fatal("never shut out")
				return Verdict{}
			}
			for _, times := range []time.Duration{1, 2, 4, 8} {
				if v := knock(); v.Retry != times*test.first || v.Hold == 0 {
					t.Fatalf("%+v, not %v", v, times*test.first)
				}
				s.pass(times*test.first - 1)
				if v := s.take(test.who, test.class, 1); v.Reason != Boxed || v.Retry != 1 {
					t.Fatalf("%+v just before the end", v)
				}
				s.pass(1)
				if v := s.take(test.who, test.class, 1); v.Reason != Admitted {
					t.Fatalf("%+v just after the end", v)
				}
			}
			s.pass(25 * test.first) // of level 4, two remain, and then one
			if v := knock(); v.Retry != 2*test.first {
				t.Errorf("%+v after good conduct", v)
			}
			s.pass(48 * time.Hour)
			if v := knock(); v.Retry != test.first {
				t.Errorf("%+v after two days", v)
			}
			if got := s.Penalties(test.class); got != 6 {
				t.Errorf("%d penalties are counted", got)
			}
		})
	}
}

func TestPenaltiesHaveABound(t *testing.T) {
	b := box{level: 1 << 30}
	if got := b.length(int64(time.Minute)); got != mostBox {
		t.Errorf("%v", time.Duration(got))
	}
}

// Whoever waits between refusals is never shut out; the box of one key is not that of another, nor that of its address.
func TestWhoIsNotShutOut(t *testing.T) {
	s := newScene(t, nil)
	for range 100 {
		s.spend(ada, Orders)
		s.pass(11 * time.Second)
	}
	for range 100 {
		s.take(ada, Orders, 1)
	}
	if v := s.take(ada, General, 1); v.Reason != Boxed {
		t.Fatalf("%+v", v)
	}
	if v := s.take(ada, Cancels, 1); v.Reason != Admitted {
		t.Errorf("a cancel from the box: %+v", v)
	}
	second := ada
	second.Key = 2
	if v := s.take(second, General, 1); v.Reason != Admitted {
		t.Errorf("another key: %+v", v)
	}
	if v := s.take(Caller{Address: ada.Address}, MarketData, 1); v.Reason != Admitted {
		t.Errorf("a stranger at the same address: %+v", v)
	}
	wrong := Caller{Address: at(5)}
	for range 100 {
		s.take(wrong, Authentication, 1)
	}
	if v := s.take(wrong, Authentication, 1); v.Reason != Boxed {
		t.Errorf("%+v", v)
	}
	if v := s.take(wrong, MarketData, 1); v.Reason != Admitted {
		t.Errorf("market data after wrong credentials: %+v", v)
	}
}

func TestShare(t *testing.T) {
	for load, want := range map[float64]float64{
		-1: 1, 0: 1, 0.5: 1, 0.6: 1 - 0.99*0.04, 0.75: 0.7525, 0.9: 1 - 0.99*0.64, 1: 0.01, 7: 0.01, math.Inf(1): 0.01,
	} {
		if got := Share(load); math.Abs(got-want) > 1e-12 {
			t.Errorf("at a load of %v the share is %v, not %v", load, got, want)
		}
	}
	if Share(math.NaN()) != 1 {
		t.Error("a load that is no number must not stop anybody")
	}
}

// Under load rates go down, of the slower tiers first, and of cancels never; nobody is punished for it, and when the load is
// gone all is as before.
func TestLoadSlowsDown(t *testing.T) {
	callers := [Tiers]Caller{}
	for tier := range callers {
		callers[tier] = Caller{Address: at(byte(20 + tier)), Key: uint64(20 + tier), Account: uint32(20 + tier), Tier: Tier(tier)}
	}
	second := func(s *scene, c Caller, class Class) (n int) {
		s.spend(c, class)
		for range 2_000 {
			s.pass(5 * time.Millisecond)
			n += s.spend(c, class)
		}
		return n / 10
	}
	for _, test := range []struct {
		load float64
		want [Tiers]float64 // share
	}{
		{0.5, [Tiers]float64{1, 1, 1}},
		{0.75, [Tiers]float64{Share(0.75), Share(0.75 * 0.85), Share(0.75 * 0.7)}},
		{1, [Tiers]float64{0.01, Share(0.85), Share(0.7)}},
		{3, [Tiers]float64{0.01, 0.01, 0.01}},
	} {
		s := newScene(t, func(p *Policy) { p.Factors, p.Knocks = [Tiers]float64{100, 100, 100}, math.MaxInt32 })
		s.load = test.load
		for tier, c := range callers {
			want := 500 * test.want[tier]
			if got := second(s, c, Orders); math.Abs(float64(got)-want) > 1+want/100 {
				t.Errorf("at a load of %v the tier %s places %d a second, not %v", test.load, Tier(tier), got, want)
			}
			if v := s.take(c, Orders, 1); test.want[tier] < 1 && v.Reason != Throttled {
				t.Errorf("%+v", v)
			}
		}
		if got := second(s, callers[Standard], Cancels); got < 4_999 {
			t.Errorf("at a load of %v %d cancels a second", test.load, got)
		}
		s.load = 0
		s.pass(2*time.Second + 2*time.Millisecond)
		if got := s.spend(callers[Standard], Orders); got != 1_000 {
			t.Errorf("after the load a burst of %d", got)
		}
	}
}

// Whoever keeps knocking under load waits longer for the answers, and is not shut out.
func TestPressingUnderLoad(t *testing.T) {
	s := newScene(t, nil)
	s.load = 1
	s.pass(time.Second)
	s.spend(ada, Orders)
	for n := 2; n < 100; n++ {
		hold := holdThrottled
		if n > s.policy.Knocks {
			hold = holdPressing
		}
		if v := s.take(ada, Orders, 1); v.Reason != Throttled || v.Hold != hold {
			t.Fatalf("refusal %d: %+v", n, v)
		}
	}
	s.load = 0
	s.pass(2*time.Second + 20*time.Millisecond)
	if got := s.spend(ada, Orders); got != 10 {
		t.Errorf("%d orders when the load is gone", got)
	}
	if s.Penalties(Orders) != 0 {
		t.Error("somebody was punished for the load")
	}
}

// What was taken while clocks went slower is lacking for a moment when the load is gone. That is nobody's fault either; what is lacking
// later is.
func TestLoadIsRemembered(t *testing.T) {
	s := newScene(t, nil)
	s.load = 1
	s.pass(time.Second)
	s.spend(ada, Orders)
	s.load = 0
	for n := range 100 {
		s.pass(time.Millisecond)
		if v := s.take(ada, Orders, 1); v.Reason != Throttled {
			t.Fatalf("refusal %d: %+v", n, v)
		}
	}
	if s.Penalties(Orders) != 0 {
		t.Error("somebody was punished for the load")
	}
	s.pass(3 * time.Second)
	s.spend(ada, Orders)
	if v := s.take(ada, Orders, 1); v.Reason != RateLimited {
		t.Errorf("when nothing is left of the load: %+v", v)
	}
}

// A request that came before others and is looked at after them, because the process stood still in between, pays for itself alone.
func TestWhoStoodStillIsNotLate(t *testing.T) {
	s := newScene(t, nil)
	came := s.now
	s.pass(time.Minute)
	s.take(ada, Orders, 1)
	if v := s.Take(came, ada, Orders, 1); v.Reason != Admitted {
		t.Errorf("a trader: %+v", v)
	}
	stranger := Caller{Address: ada.Address}
	s.take(stranger, MarketData, 1)
	if v := s.Take(came, stranger, MarketData, 1); v.Reason != Admitted {
		t.Errorf("a stranger: %+v", v)
	}
}

// The load is the greatest of what is measured, and a latency that is not measured any more is forgotten.
func TestLoadIsMeasured(t *testing.T) {
	s := newScene(t, func(p *Policy) { p.TargetLatency = 40 * time.Millisecond })
	load := func() float64 {
		s.pass(2 * time.Millisecond)
		l, _ := s.Load(s.now, Standard)
		return l
	}
	s.load = 0.3
	if got := load(); got != 0.3 {
		t.Errorf("%v", got)
	}
	for range 1_000 {
		s.pass(time.Millisecond)
		s.Observe(s.now, 30*time.Millisecond)
	}
	if got := load(); math.Abs(got-0.75) > 0.01 {
		t.Errorf("%v", got)
	}
	s.pass(2500 * time.Millisecond)
	if got := load(); got != 0.3 {
		t.Errorf("%v when nothing was observed for long", got)
	}
	for range 1_000 {
		s.pass(time.Millisecond)
		s.Observe(s.now, time.Hour) // a leader was lost
	}
	if got := load(); got > mostObserved {
		t.Errorf("%v", got)
	}
}

func TestPolicyIsChecked(t *testing.T) {
	for name, spoil := range map[string]func(*Policy){
		"no rate":         func(p *Policy) { p.Rates[Orders].PerSecond = 0 },
		"not a number":    func(p *Policy) { p.Rates[Orders].PerSecond = math.NaN() },
		"infinite":        func(p *Policy) { p.Rates[Orders].PerSecond = math.Inf(1) },
		"no burst":        func(p *Policy) { p.Rates[General].Burst = 0 },
		"a slower tier":   func(p *Policy) { p.Factors[Premium] = 0.5 },
		"no address":      func(p *Policy) { p.AddressFactor = 0 },
		"no refusals":     func(p *Policy) { p.Knocks = 0 },
		"a long penalty":  func(p *Policy) { p.Shut = 48 * time.Hour },
		"no penalty":      func(p *Policy) { p.ShutAuthentication = 0 },
		"no connections":  func(p *Policy) { p.AddressConns = 0 },
		"a short target":  func(p *Policy) { p.TargetLatency = time.Microsecond },
		"a small table":   func(p *Policy) { p.Entries = 1 },
		"a table too big": func(p *Policy) { p.Entries = 1 << 30 },
	} {
		p := Default()
		spoil(&p)
		if _, err := New(p, begin); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := newScene(t, nil)
	for _, step := range []struct {
		n    int
		want string
	}{{1, `"orders";r=9;t=1`}, {4, `"orders";r=5;t=1`}, {5, `"orders";r=0;t=2`}, {1, `"orders";r=0;t=2`}} {
		v := s.take(ada, Orders, step.n)
		if got := s.RateLimit(&v)[0]; got != step.want {
			t.Errorf("%s, not %s", got, step.want)
		}
		if got := s.RateLimitPolicy(&v)[0]; got != `"orders";q=10;w=2` {
			t.Error(got)
		}
		if v.Reason != Admitted && v.RetryAfter() != "1" {
			t.Error(v.RetryAfter())
		}
	}
	fast := Caller{Address: at(2), Key: 9, Account: 9, Tier: Institutional}
	v := s.take(fast, Orders, 1)
	if got := s.RateLimit(&v)[0]; got != `"orders";r=9900;t=1` {
		t.Error(got)
	}
}
