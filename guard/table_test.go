package guard

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Ever more addresses take no more room than the table has, and those who were quiet for longest give way first.
func TestMemoryIsBounded(t *testing.T) {
	s := newScene(t, func(p *Policy) { p.Entries = 1 << 10 })
	for i := range uint32(200_000) {
		s.pass(time.Microsecond)
		s.take(Caller{Address: KeyOf(netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}))}, MarketData, 1)
	}
	size := s.Sizes()[3]
	if size.Name != "strangers" || size.Entries > 1<<10 || size.Entries < 1<<9 || size.Evicted+uint64(size.Entries) != 200_000 {
		t.Errorf("%+v", size)
	}
}

// Whoever is in the penalty box stays there however many others come.
func TestBoxedAreNotForgotten(t *testing.T) {
	s := newScene(t, func(p *Policy) { p.Entries = 8 * ways })
	wrong := Caller{Address: at(1)}
	for range 100 {
		s.take(wrong, Authentication, 1)
	}
	for i := range 100_000 {
		s.pass(time.Microsecond)
		s.take(Caller{Address: AddressKey(1_000 + i)}, MarketData, 1)
	}
	if v := s.take(wrong, Authentication, 1); v.Reason != Boxed {
		t.Errorf("%+v", v)
	}
}

// A set behaves like a list of at most eight from which the one used longest ago is dropped.
func TestSetsForgetTheOldest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tab table
		tab.init(ways, rapid.Uint64().Draw(t, "seed"))
		var model []uint64 // oldest first
		for now := int64(1); now < 60; now++ {
			key := rapid.Uint64Range(1, 12).Draw(t, "key")
			s, e := tab.lock(key, now)
			known := e.buckets[Orders] != 0
			e.buckets[Orders] = 1
			s.mu.Unlock()
			want := false
			for i, k := range model {
				if k == key {
					want, model = true, append(model[:i:i], model[i+1:]...)
					break
				}
			}
			if known != want {
				t.Fatalf("key %d is known: %t, at %d with %v", key, known, now, model)
			}
			if model = append(model, key); len(model) > ways {
				model = model[1:]
			}
		}
		if tab.taken.Load() != int64(len(model)) {
			t.Fatalf("%d entries, not %d", tab.taken.Load(), len(model))
		}
	})
}

// Many at once get no more than there is.
func TestManyAtOnce(t *testing.T) {
	s := newScene(t, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	admitted := 0
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				c := Caller{Address: at(byte(i)), Key: uint64(i + 1), Account: 1}
				if s.Take(begin, c, Orders, 1).Reason == Admitted {
					mu.Lock()
					admitted++
					mu.Unlock()
				}
				s.Observe(begin, time.Millisecond)
			}
		})
	}
	wg.Wait()
	if admitted != 10 {
		t.Errorf("%d orders at once", admitted)
	}
}

func BenchmarkTake(b *testing.B) {
	p := Default()
	g, err := New(p, begin)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	now := begin
	for i := 0; b.Loop(); i++ {
		now = now.Add(100 * time.Microsecond)
		n := uint32(i)%640 + 1
		c := Caller{Address: 1 << 33, Key: uint64(n), Account: n, Tier: Institutional}
		if v := g.Take(now, c, Orders, 1); v.Reason != Admitted {
			b.Fatal(v)
		}
	}
}
