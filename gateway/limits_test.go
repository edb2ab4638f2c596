package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/guard"
)

// limited is a site with limits, whose clock and load a test sets, and which notes how long answers were held back.
type limited struct {
	*site
	clock time.Time
	load  float64
	held  []time.Duration
}

func newLimited(t *testing.T, change func(*guard.Policy)) *limited {
	t.Helper()
	p := guard.Default()
	if change != nil {
		change(&p)
	}
	l := &limited{clock: time.Now()}
	l.site = newSite(t, func(c *Config) {
		c.Limits, c.Now, c.Loads = &p, func() time.Time { return l.clock }, []func() float64{func() float64 { return l.load }}
	})
	l.server.limits.hold = func(_ context.Context, d time.Duration) { l.held = append(l.held, d) }
	return l
}

func (l *limited) pass(d time.Duration) { l.clock = l.clock.Add(d) }

const someOrder = `{"outcome":"yes","side":"buy","price":"0.01","quantity":1}`

// refusedFor checks a refusal of a limit, with the headers that belong to it.
func refusedFor(t *testing.T, w *httptest.ResponseRecorder, status int, code, retryAfter string) {
	t.Helper()
	refused(t, w, status, code, "")
	if got := w.Header().Get("Retry-After"); got != retryAfter {
		t.Errorf("Retry-After %q, not %q", got, retryAfter)
	}
}

func TestOrdersAreLimited(t *testing.T) {
	s := newLimited(t, nil)
	m := s.market("")
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	for n := range 10 {
		w := s.tryPlace(ada, m, someOrder)
		want[api.OrderAnswer](t, 201, w)
		if got, want := w.Header().Get("RateLimit"), fmt.Sprintf(`"orders";r=%d;t=%d`, 9-n, (n+5)/5); got != want {
			t.Errorf("RateLimit %s, not %s", got, want)
		}
		if got := w.Header().Get("RateLimit-Policy"); got != `"orders";q=10;w=2` {
			t.Errorf("RateLimit-Policy %s", got)
		}
	}
	before := s.submits.Load()
	w := s.tryPlace(ada, m, someOrder)
	refusedFor(t, w, 429, "rate_limited", "1")
	if got := w.Header().Get("RateLimit"); got != `"orders";r=0;t=2` || s.submits.Load() != before {
		t.Errorf("%s", got)
	}
	want[api.OrderAnswer](t, 201, s.tryPlace(bob, m, someOrder))
	want[api.MassCancelAnswer](t, 200, s.do(ask{method: "DELETE", path: "/api/orders", token: ada.token}))
	want[api.AccountInfo](t, 200, s.get(ada, "/api/account"))
	s.pass(200 * time.Millisecond)
	want[api.OrderAnswer](t, 201, s.tryPlace(ada, m, someOrder))
	refusedFor(t, s.tryPlace(ada, m, someOrder), 429, "rate_limited", "1")
}

// A batch costs as much as it has orders, and one of cancels alone nothing of theirs.
func TestBatchesCostWhatTheyHave(t *testing.T) {
	s := newLimited(t, nil)
	m := s.market("")
	ada := s.trader("ada", "100")
	batch := func(list, item string, n int) *httptest.ResponseRecorder {
		items := strings.TrimSuffix(strings.Repeat(item+",", n), ",")
		return s.do(ask{method: "POST", path: "/api/orders/batch", token: ada.token, key: fresh(), body: `{"` + list + `":[` + items + `]}`})
	}
	order := fmt.Sprintf(`{"market":"%d",%s`, m, someOrder[1:])
	w := batch("orders", order, 11)
	p := refused(t, w, 422, "over_burst", "")
	if !strings.Contains(p.Detail, "11 at once") || !strings.Contains(p.Detail, "which is 10 for orders") || w.Header().Get("Retry-After") != "" {
		t.Errorf("%+v", p)
	}
	want[api.BatchAnswer](t, 200, batch("orders", order, 4))
	refusedFor(t, batch("orders", order, 7), 429, "rate_limited", "1")
	w = batch("orders", order, 6)
	want[api.BatchAnswer](t, 200, w)
	if got := w.Header().Get("RateLimit"); got != `"orders";r=0;t=2` {
		t.Error(got)
	}
	cancel := fmt.Sprintf(`{"market":"%d","order":"1"}`, m)
	w = batch("cancels", cancel, 100)
	want[api.BatchAnswer](t, 200, w)
	if got := w.Header().Get("RateLimit"); !strings.HasPrefix(got, `"cancels";r=9`) {
		t.Error(got)
	}
}

// Whoever keeps knocking is shut out, is held back, and can cancel all the same.
func TestPenaltyBox(t *testing.T) {
	s := newLimited(t, nil)
	m := s.market("")
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	for range 10 {
		s.place(ada, m, someOrder)
	}
	for n := range 19 {
		refusedFor(t, s.tryPlace(ada, m, someOrder), 429, "rate_limited", "1")
		if n == 2 && len(s.held) != 0 {
			t.Errorf("a polite client was held back for %v", s.held)
		}
	}
	if len(s.held) != 16 {
		t.Errorf("%d answers were held back", len(s.held))
	}
	refusedFor(t, s.tryPlace(ada, m, someOrder), 429, "penalty_box", "60")
	s.pass(30 * time.Second)
	refusedFor(t, s.get(ada, "/api/account"), 429, "penalty_box", "30")
	if last := s.held[len(s.held)-1]; last != time.Second {
		t.Errorf("held back for %v", last)
	}
	if got := want[api.MassCancelAnswer](t, 200, s.do(ask{method: "DELETE", path: "/api/orders", token: ada.token})); got.Orders != 10 {
		t.Errorf("%d orders were cancelled", got.Orders)
	}
	want[api.AccountInfo](t, 200, s.get(bob, "/api/account"))
	s.pass(30 * time.Second)
	want[api.OrderAnswer](t, 201, s.tryPlace(ada, m, someOrder))
	page := s.do(ask{method: "GET", path: "/metrics"}).Body.String()
	for _, line := range []string{
		`hustings_limits_refused_total{class="orders",reason="rate_limited"} 19`,
		`hustings_limits_refused_total{class="orders",reason="penalty_box"} 1`,
		`hustings_limits_refused_total{class="general",reason="penalty_box"} 1`,
		`hustings_limits_penalties_total{class="orders"} 1`,
		`hustings_limits_entries{table="accounts"} 2`,
		`hustings_admitted_ratio{tier="standard"} 1`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}

// Wrong credentials cost the address, whoever has it; the right ones still work there.
func TestWrongCredentialsAreLimited(t *testing.T) {
	s := newLimited(t, nil)
	ada := s.trader("ada", "100")
	wrong := func() *httptest.ResponseRecorder {
		return s.get(trader{token: writeSecret(make([]byte, 32))}, "/api/account")
	}
	for range 5 {
		refused(t, wrong(), 401, "unauthenticated", "Authorization")
	}
	for range 19 {
		refusedFor(t, wrong(), 429, "rate_limited", "1")
	}
	refusedFor(t, wrong(), 429, "penalty_box", "300")
	refusedFor(t, s.do(ask{method: "POST", path: "/api/login", body: `{"name":"ada","password":"correct horse"}`}), 429, "penalty_box", "300")
	refusedFor(t, s.do(ask{method: "GET", path: "/api/admin/accounts", token: "wrong"}), 429, "penalty_box", "300")
	want[api.AccountInfo](t, 200, s.get(ada, "/api/account"))
	want[api.Accounts](t, 200, s.do(ask{method: "GET", path: "/api/admin/accounts", token: adminKey}))
	s.pass(5 * time.Minute)
	refused(t, wrong(), 401, "unauthenticated", "Authorization")
}

// Market data is limited by address, or by key where one is sent; and so is what does not exist.
func TestMarketDataIsLimited(t *testing.T) {
	s := newLimited(t, nil)
	s.market("")
	ada := s.trader("ada", "100")
	from := func(address, token string) *httptest.ResponseRecorder {
		r := ask{method: "GET", path: "/api/markets/1", token: token}.request()
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		s.server.Public().ServeHTTP(w, r)
		return w
	}
	for range 60 {
		want[api.MarketInfo](t, 200, from("[2001:db8::1]:1", ""))
	}
	refusedFor(t, from("[2001:db8::2]:1", ""), 429, "rate_limited", "1")
	want[api.MarketInfo](t, 200, from("[2001:db8:0:1::1]:1", ""))
	want[api.MarketInfo](t, 200, from("[2001:db8::2]:1", ada.token))
	want[api.MarketInfo](t, 200, from("192.0.2.7:1", "unknown"))
	for range 20 {
		refused(t, s.do(ask{method: "GET", path: "/nowhere"}), 404, "not_found", "")
	}
	refusedFor(t, s.do(ask{method: "GET", path: "/nowhere"}), 429, "rate_limited", "1")
}

// A spoofed header changes nothing; that of a trusted proxy is believed.
func TestForwardedAddresses(t *testing.T) {
	for name, test := range map[string]struct {
		trusted string
		want    int
	}{"nobody is trusted": {"10.0.0.0/8", 429}, "the proxy is trusted": {"192.0.2.0/24", 401}} {
		t.Run(name, func(t *testing.T) {
			s := newLimited(t, func(p *guard.Policy) { p.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(test.trusted)} })
			var w *httptest.ResponseRecorder
			for n := range 50 { // httptest comes from 192.0.2.1
				w = s.do(ask{method: "GET", path: "/api/account", token: "wrong", header: map[string]string{"X-Forwarded-For": fmt.Sprintf("198.51.100.%d", n)}})
			}
			if w.Code != test.want {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// Under load rates are lower, except for cancels, and nobody is punished.
func TestLoadIsShedEarly(t *testing.T) {
	s := newLimited(t, nil)
	m := s.market("")
	ada := s.trader("ada", "100")
	for range 10 {
		s.place(ada, m, someOrder)
	}
	s.load = 1
	for range 100 {
		s.pass(5 * time.Millisecond)
		refusedFor(t, s.tryPlace(ada, m, someOrder), 503, "overloaded", "20")
	}
	for range 20 {
		want[api.DeadMansSwitchAnswer](t, 200, s.do(ask{method: "PUT", path: "/api/dead-mans-switch", token: ada.token, body: `{"timeout_seconds":5}`}))
	}
	s.load = 0
	s.pass(2 * time.Second)
	want[api.OrderAnswer](t, 201, s.tryPlace(ada, m, someOrder))
}

// When as many orders are under way as may be, another one is refused before its credential is looked at.
func TestHopelessOrdersCostLittle(t *testing.T) {
	s := newSite(t, func(c *Config) { c.MaxInFlight = 1 })
	m := s.market("")
	s.server.orderGate.enter()
	refused(t, s.tryPlace(trader{token: "wrong"}, m, "not even JSON"), 503, "overloaded", "")
}

// What the operator gives an account, and else what the policy says, decides how much its keys may do, and a key may have less.
func TestTierOfACredential(t *testing.T) {
	p := guard.Default()
	p.Tier = guard.Premium
	s := newSite(t, func(c *Config) { c.Limits = &p })
	s.latestRules()
	m := s.market("")
	ada := s.trader("ada", "100")
	policy := func(token string) string {
		return s.tryPlace(trader{token: token}, m, someOrder).Header().Get("RateLimit-Policy")
	}
	low := s.keyFor(ada, `{"tier":"standard"}`).Secret
	if a, b := policy(ada.token), policy(low); a != `"orders";q=100;w=2` || b != `"orders";q=10;w=2` {
		t.Errorf("%s, and with the lower key %s", a, b)
	}
	want[api.AccountAnswer](t, 200, s.admin("PUT", fmt.Sprintf("/accounts/%d/tier", ada.account), `{"tier":"institutional"}`))
	if a := policy(ada.token); a != `"orders";q=10000;w=2` {
		t.Error(a)
	}
}

func TestTooManyHeaders(t *testing.T) {
	s := newSite(t)
	a := ask{method: "GET", path: "/api/markets", header: map[string]string{}}
	for i := range maxHeaders {
		a.header[fmt.Sprintf("X-%d", i)] = "y"
	}
	want[api.Markets](t, 200, s.do(a))
	a.header["X-One-More"] = "y"
	refused(t, s.do(a), 431, "too_many_headers", "")
}

// Every answer has the headers that keep a browser from doing more with it than show it.
func TestEveryAnswerIsSecure(t *testing.T) {
	s := newSite(t)
	for _, a := range []ask{
		{method: "GET", path: "/api/markets"}, {method: "GET", path: "/nowhere"}, {method: "GET", path: "//"}, {method: "POST", path: "/api/account"},
		{method: "GET", path: "/metrics"}, {method: "GET", path: "/health"}, {method: "GET", path: "/api/admin/accounts"},
	} {
		h := s.do(a).Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s %s: %v", a.method, a.path, h)
		}
	}
}

// An address has so many connections and no more: the next one is reset at once, and there is room again when one has gone.
func TestConnectionsOfAnAddress(t *testing.T) {
	p := guard.Default()
	p.AddressConns = 2
	s := serveSite(t, newSite(t, func(c *Config) { c.Limits = &p }))
	ask := func(from string) (net.Conn, error) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		c, err := d.Dial("tcp", s.public)
		if err != nil {
			t.Skipf("this machine does not call all of 127.0.0.0/8 its own: %v", err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		_, err = io.ReadFull(c, make([]byte, 12))
		return c, err
	}
	first, err := ask("127.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask("127.0.0.2"); err != nil {
		t.Fatal(err)
	}
	if _, err := ask("127.0.0.2"); err == nil {
		t.Error("a third connection was answered")
	}
	if _, err := ask("127.0.0.3"); err != nil {
		t.Errorf("another address: %v", err)
	}
	first.Close()
	for {
		if _, err := ask("127.0.0.2"); err == nil {
			break // the server has noticed
		}
	}
}

// A refusal that is to be held back is so on a real connection too, and a server that stops does not wait for it for long.
func TestRefusalsAreHeldBack(t *testing.T) {
	p := guard.Default()
	p.Knocks = 1
	s := newSite(t, func(c *Config) { c.Limits, c.MaxConns = &p, 2 })
	r := serveSite(t, s)
	request := "GET /api/account HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for range 5 {
		if status, _ := r.raw(t, request); status != "HTTP/1.1 401 Unauthorized" {
			t.Fatal(status)
		}
	}
	done := make(chan string)
	go func() {
		status, _ := r.raw(t, request)
		done <- status
	}()
	for s.server.limits.held.inside.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	// There is room for one: the next one is told to go instead.
	if status, rest := r.raw(t, strings.Replace(request, "Connection: close\r\n", "", 1)); status != "HTTP/1.1 429 Too Many Requests" || !strings.Contains(rest, "Connection: close") {
		t.Errorf("%s\n%s", status, rest)
	}
	if status := <-done; status != "HTTP/1.1 429 Too Many Requests" {
		t.Error(status)
	}
}

// What counts for the address list of a key is the address by which limits go: behind a trusted proxy that of the proxy's client,
// over HTTP, at the operator's listener and for whoever connects to the feed. Headers from anybody else change nothing.
func TestAddressListsBehindAProxy(t *testing.T) {
	seen := ""
	l := newLimited(t, func(p *guard.Policy) { p.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	l.latestRules()
	ada := l.trader("ada", "100")
	key := l.keyFor(ada, `{"permissions":["read","trade","admin"],"addresses":["198.51.100.7","2001:db9::/64"]}`).Secret
	l.server.sockets = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.RemoteAddr
		if _, p := l.server.Authenticate(r); p != nil {
			w.WriteHeader(p.Status)
		}
	})
	var err error
	if l.server.public, err = l.server.mux(api.Public); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		peer, forwarded string
		status          int
	}{
		{"198.51.100.7:5", "", 200},
		{"192.0.2.9:5", "198.51.100.7", 403}, // nobody trusts it
		{"198.51.100.7:5", "192.0.2.9", 200},
		{"10.0.0.1:5", "198.51.100.7", 200},
		{"[::ffff:10.0.0.1]:5", "198.51.100.7", 200},
		{"10.0.0.1:5", "192.0.2.9, 198.51.100.7, 10.0.0.2", 200},
		{"10.0.0.1:5", "[2001:db9::5]:4711", 200},
		{"10.0.0.1:5", "198.51.100.7, 192.0.2.9", 403}, // the client pretends
		{"10.0.0.1:5", "192.0.2.9", 403},
		{"10.0.0.1:5", "198.51.100.7, unknown", 403},
		{"10.0.0.1:5", "", 403},
	} {
		for _, path := range []string{"/api/account", "/api/admin/accounts", "/ws"} {
			r, w := ask{method: "GET", path: path, token: key}.request(), httptest.NewRecorder()
			r.RemoteAddr = c.peer
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			h := l.server.Public()
			if path == "/api/admin/accounts" {
				h = l.server.Admin()
			}
			if h.ServeHTTP(w, r); w.Code != c.status {
				t.Errorf("%s from %s, for %q: %d %s, not %d", path, c.peer, c.forwarded, w.Code, w.Body, c.status)
			}
		}
		who, _ := l.view.CredentialByHash(sha(key)) // what a socket asks for later goes by what was found when it came
		if status, body := l.server.Do(t.Context(), who, SocketRequest{Method: "DELETE", Path: "/api/orders", From: seen}); status != c.status {
			t.Errorf("over a socket from %s, for %q: %d %s, not %d", c.peer, c.forwarded, status, body, c.status)
		}
		l.pass(time.Minute)
	}
}

// Who guesses at credentials when he connects to the feed keeps nobody else from it.
func TestGuessesAtTheFeedAreCountedByAddress(t *testing.T) {
	l := newLimited(t, nil)
	guess := func(address string) string {
		r := ask{method: "GET", path: "/ws", token: "pm_wrong"}.request()
		r.RemoteAddr = address
		_, p := l.server.Authenticate(r)
		return p.Code
	}
	for range 50 {
		guess("192.0.2.1:5")
	}
	if one, other := guess("192.0.2.1:6"), guess("192.0.2.2:5"); one != "penalty_box" || other != "unauthenticated" {
		t.Errorf("%s for who guesses, %s for another", one, other)
	}
}
