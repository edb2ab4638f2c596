package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hustings/hustings/api"
)

// All that wait share a look, and none that had begun before: what they ask about may have happened since.
func TestLooksAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooks()
		var began atomic.Int64
		fresh := func(context.Context) error {
			began.Add(1)
			time.Sleep(time.Second)
			return nil
		}
		var waiting sync.WaitGroup
		join := func(n int) {
			for range n {
				waiting.Go(func() {
					if !l.join(t.Context(), fresh) {
						t.Error("no look")
					}
				})
			}
			synctest.Wait()
		}
		join(1)
		if began.Load() != 1 {
			t.Fatalf("%d looks", began.Load())
		}
		join(1000)
		if began.Load() != 1 {
			t.Fatalf("%d looks at once", began.Load())
		}
		waiting.Wait()
		if began.Load() != 2 {
			t.Errorf("%d looks for those who came while the first was under way, and for it", began.Load())
		}
	})
}

func TestLooksAreRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooks()
		began := 0
		for start := time.Now(); time.Since(start) < time.Second; {
			l.join(t.Context(), func(context.Context) error { began++; return nil })
		}
		if most := int(time.Second/lookEvery) + 1; began > most {
			t.Errorf("%d looks in a second, more than %d", began, most)
		}
	})
}

func TestOneWhoLeavesDoesNotEndTheLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooks()
		gone, leave := context.WithCancel(t.Context())
		leave()
		l.join(gone, func(ctx context.Context) error { return ctx.Err() })
		ok := l.join(t.Context(), func(ctx context.Context) error { return ctx.Err() })
		if !ok {
			t.Error("the look of a later one has failed")
		}
	})
}

func TestNoncesAreBounded(t *testing.T) {
	const window = 5 * time.Second
	now := time.Unix(1_000_000, 0)
	n := newNonces(window, 1000)
	for i := range 1000 {
		if n.use(1, string(rune('a'+i)), now.Add(window), now) != nonceNew {
			t.Fatalf("nonce %d is not new", i)
		}
	}
	if n.use(1, "more", now.Add(window), now) != noncesFull {
		t.Error("one more has found room")
	}
	if n.use(1, "a", now.Add(window), now) != nonceUsed {
		t.Error("a full memory does not know what it holds")
	}
	if n.use(2, "b", now.Add(window), now.Add(window)) != noncesFull {
		t.Error("nonces were forgotten while their requests were in time")
	}
	for range 4 { // generations take turns
		now = now.Add(window + time.Second)
		n.use(1, "later", now.Add(window), now)
	}
	if left := len(n.now) + len(n.older); left > 4 {
		t.Errorf("%d nonces are left", left)
	}
}

// While its request is in time a nonce is known, whenever in a generation it was used.
func TestNoncesAreKeptInTime(t *testing.T) {
	const window = 5 * time.Second
	for offset := time.Duration(0); offset <= 12*time.Second; offset += 500 * time.Millisecond {
		n := newNonces(window, 1000)
		begin := time.Unix(1_000_000, 0)
		n.use(1, "first", begin.Add(window), begin)
		used := begin.Add(offset)
		end := used.Add(2 * window) // it is dated ahead as far as can be
		n.use(1, "ahead", end, used)
		for at := used; !at.After(end); at = at.Add(250 * time.Millisecond) {
			if n.use(1, "ahead", end, at) != nonceUsed {
				t.Fatalf("used at %v, it is forgotten at %v and in time until %v", used, at, end)
			}
		}
	}
}

// A key that is good elsewhere opens nothing here, on any route; neither does an operator's that has ended.
func TestEveryRouteAgainstAddressAndEnd(t *testing.T) {
	clock := time.Now()
	s := newSite(t, func(c *Config) { c.Now = func() time.Time { return clock } })
	s.latestRules()
	ada := s.trader("ada", "100")
	end := api.Time(clock.Add(time.Hour).UnixNano()).String()
	far := s.keyFor(ada, `{"permissions":["read","trade","admin"],"addresses":["203.0.113.0/24"]}`).Secret
	ended := s.keyFor(ada, `{"permissions":["admin"],"expires_at":"`+end+`"}`).Secret
	clock = clock.Add(time.Hour)
	for _, route := range api.Routes() {
		if route.Need == api.NeedNothing {
			continue
		}
		a := someRequest(&route)
		before := s.submits.Load()
		a.token = far
		refused(t, s.do(a), http.StatusForbidden, "address_not_allowed", "Authorization")
		a.token = ended
		refused(t, s.do(a), http.StatusUnauthorized, "unauthenticated", "Authorization")
		if s.submits.Load() != before {
			t.Errorf("%s was submitted", route.Name)
		}
	}
	if _, p := s.server.Authenticate(httptest.NewRequest(http.MethodGet, "/ws", nil)); p == nil || p.Code != "unauthenticated" {
		t.Errorf("nobody is let in: %+v", p)
	}
	r := httptest.NewRequest(http.MethodGet, "/ws", nil)
	r.Header.Set("Authorization", "Bearer "+ada.token)
	if who, p := s.server.Authenticate(r); p != nil || api.ID(who.Account) != ada.account || !s.server.Valid(&who) {
		t.Errorf("%+v, %+v", who, p)
	}
}
