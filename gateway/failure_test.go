package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
)

// A thousand requests with one key have one effect, and all get one answer.
func TestEqualKeysInParallel(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market("")
	bodies := make([]string, 1000)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			w := s.do(ask{method: "POST", path: fmt.Sprintf("/api/markets/%d/orders", m), token: ada.token,
				body: `{"outcome":"yes","side":"buy","price":"0.5","quantity":1,"client_order_id":"one"}`})
			bodies[i] = fmt.Sprint(w.Code, w.Body)
		})
	}
	wg.Wait()
	for _, b := range bodies {
		if b != bodies[0] || !strings.HasPrefix(b, "201") {
			t.Fatalf("%s\n%s", b, bodies[0])
		}
	}
	if open := want[api.Orders](t, 200, s.get(ada, "/api/orders")).Orders; len(open) != 1 {
		t.Errorf("%d orders", len(open))
	}
}

// The same with keys and log-ins, whose commands hold a time and a secret.
func TestEqualKeysOfSecretsInParallel(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "")
	bodies := make([]string, 100)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			w := s.do(ask{method: "POST", path: "/api/keys", token: ada.token, key: "one", body: `{}`})
			bodies[i] = fmt.Sprint(w.Code, w.Body)
		})
	}
	wg.Wait()
	for _, b := range bodies {
		if b != bodies[0] || !strings.HasPrefix(b, "201") {
			t.Fatalf("%s\n%s", b, bodies[0])
		}
	}
	if got := want[api.Keys](t, 200, s.get(ada, "/api/keys")).Keys; len(got) != 2 {
		t.Errorf("%d keys", len(got))
	}
}

func TestSubmitterFails(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market("")
	body := `{"outcome":"yes","side":"buy","price":"0.5","quantity":1,"client_order_id":"one"}`
	order := ask{method: "POST", path: fmt.Sprintf("/api/markets/%d/orders", m), token: ada.token, body: body}
	unknown, none := errors.New("lost leadership\nlevel=INFO forged=true"), fmt.Errorf("no leader: %w", ErrNotSubmitted)
	s.fail.Store(&unknown)
	w := s.do(order)
	p := refused(t, w, 503, "unavailable", "")
	if p.Retry != api.RetryLater || w.Header().Get("Retry-After") != "1" || strings.Contains(w.Body.String(), "leader") {
		t.Errorf("%+v", p)
	}
	if strings.Contains(s.log.String(), "\nlevel=INFO forged") {
		t.Error("a line was forged in the log")
	}
	s.fail.Store(&none)
	refused(t, s.do(order), 503, "overloaded", "")
	s.fail.Store(nil)
	want[api.OrderAnswer](t, 201, s.do(order))
}

// A flood of orders does not keep cancels out, nor the other way round; and a cancel waits for its turn rather than being refused.
func TestCancelsHaveRoomOfTheirOwn(t *testing.T) {
	s := newSite(t, func(c *Config) { c.MaxInFlight = 1 })
	ada := s.trader("ada", "100")
	m := s.market("")
	o := s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":1}`)
	s.server.orderGate.enter()
	refused(t, s.tryPlace(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":1}`), 503, "overloaded", "")
	refused(t, s.do(ask{method: "POST", path: "/api/orders/batch", token: ada.token, key: "b",
		body: fmt.Sprintf(`{"orders":[{"market":"%d","outcome":"yes","side":"buy","price":"0.5","quantity":1}]}`, m)}), 503, "overloaded", "")
	for _, a := range []ask{
		{method: "POST", path: "/api/orders/batch", body: fmt.Sprintf(`{"cancels":[{"market":"%d","order":"%d"}]}`, m, o.Order), key: "c"},
		{method: "DELETE", path: "/api/orders"},
		{method: "PUT", path: "/api/dead-mans-switch", body: `{"timeout_seconds":5}`},
	} {
		a.token = ada.token
		if w := s.do(a); w.Code != 200 {
			t.Errorf("%s: %s", a.path, w.Body)
		}
	}
	s.server.orderGate.leave()
	s.server.cancelRoom <- struct{}{}
	o = s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":1}`)
	cancelled := make(chan *httptest.ResponseRecorder)
	go func() { cancelled <- s.do(ask{method: "DELETE", path: "/api/orders", token: ada.token}) }()
	s.server.leaveCancels()
	if got := want[api.MassCancelAnswer](t, 200, <-cancelled); got.Orders != 1 {
		t.Errorf("%d orders were cancelled, not order %d", got.Orders, o.Order)
	}
}

// A read that names a seq waits for it; one that does not gets what there is.
func TestReadYourWrites(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market("")
	s.lagging()
	o := s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":1}`)
	if open := want[api.Orders](t, 200, s.get(ada, "/api/orders")).Orders; len(open) != 0 {
		t.Fatalf("%+v", open)
	}
	paths := []ask{
		{method: "GET", path: "/api/orders?seq=" + o.Seq.String(), token: ada.token},
		{method: "GET", path: "/api/orders", token: ada.token, header: map[string]string{api.HeaderMinSeq: o.Seq.String()}},
		{method: "GET", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order), token: ada.token}, // it is known to exist
	}
	answers := make([]*httptest.ResponseRecorder, len(paths))
	var wg sync.WaitGroup
	for i, a := range paths {
		wg.Go(func() { answers[i] = s.do(a) })
	}
	time.Sleep(20 * time.Millisecond)
	s.catchUp()
	wg.Wait()
	for i, w := range answers {
		if w.Code != 200 || !strings.Contains(w.Body.String(), o.Order.String()) {
			t.Errorf("%s: %d %s", paths[i].path, w.Code, w.Body)
		}
		if got := w.Header().Get(api.HeaderSeq); got < o.Seq.String() {
			t.Errorf("%s: seq %s", paths[i].path, got)
		}
	}
}

func TestReadThatIsNotCaughtUp(t *testing.T) {
	s := newSite(t)
	s.market("")
	w := s.do(ask{method: "GET", path: fmt.Sprintf("/api/markets?seq=%d", s.view.Seq()+1)})
	refused(t, w, 503, "not_caught_up", "")
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// An order in a market that was made a moment ago finds it, though the read model has not seen it.
func TestOrderInANewMarket(t *testing.T) {
	for _, elsewhere := range []bool{false, true} {
		t.Run(fmt.Sprintf("elsewhere=%t", elsewhere), func(t *testing.T) { orderInANewMarket(t, elsewhere) })
	}
}

func orderInANewMarket(t *testing.T, elsewhere bool) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	s.lagging()
	m := s.market(`,"outcomes":["A","B"]`)
	if elsewhere {
		s.server.lastSeq[0].Store(0) // another server has made it
	}
	done := make(chan *httptest.ResponseRecorder)
	go func() { done <- s.tryPlace(ada, m, `{"outcome":"B","side":"buy","price":"0.5","quantity":1}`) }()
	time.Sleep(20 * time.Millisecond)
	s.catchUp()
	want[api.OrderAnswer](t, 201, <-done)
}

// Two tries for a key, of which the second comes later and before the read model has seen the first, get one answer;
// and when it is there the key works.
func TestSecretsAreReadyWhenTheyAreShown(t *testing.T) {
	var clock atomic.Int64
	clock.Store(time.Now().UnixNano())
	s := newSite(t, func(c *Config) { c.Now = func() time.Time { return time.Unix(0, clock.Add(1e6)) } })
	ada := s.trader("ada", "")
	s.lagging()
	bodies := make([]string, 2)
	var tries sync.WaitGroup
	for i := range bodies {
		before := s.submits.Load()
		tries.Go(func() {
			w := s.do(ask{method: "POST", path: "/api/keys", token: ada.token, key: "one", body: `{}`})
			bodies[i] = w.Body.String()
			k := want[api.KeyAnswer](t, 201, w)
			want[api.AccountInfo](t, 200, s.get(trader{token: k.Secret}, "/api/account"))
		})
		for s.submits.Load() == before {
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(20 * time.Millisecond)
	s.catchUp()
	tries.Wait()
	if bodies[0] != bodies[1] {
		t.Errorf("%s\n%s", bodies[0], bodies[1])
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	s := newSite(t)
	broken := &endpoint{Route: api.Route{Name: "broken", Path: "/x"}, handle: func(*call) *api.Problem { panic("oh no") }, metrics: s.server.metrics.route("broken")}
	w := httptest.NewRecorder()
	broken.serve(s.server, w, httptest.NewRequest(http.MethodGet, "/x", nil))
	refused(t, w, 500, "internal", "")
	if !strings.Contains(s.log.String(), "oh no") {
		t.Errorf("the log says %s", s.log)
	}
}
