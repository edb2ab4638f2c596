package gateway

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
)

// someRequest is a request to a route that only its credentials can spoil. Identifiers are those of the first of each.
func someRequest(r *api.Route) ask {
	a := ask{method: r.Method, path: strings.NewReplacer("{market}", "1", "{account}", "1", "{order}", "1", "{group}", "1",
		"{key}", "1", "{seq}", "1").Replace(r.Path)}
	if r.Key != api.KeyNone {
		a.key = "k"
	}
	if r.Request != nil {
		a.body = "{}"
	}
	return a
}

// Every route against every kind of credential that is not enough for it.
func TestEveryRouteAgainstWrongCredentials(t *testing.T) {
	clock := time.Now()
	s := newSite(t, func(c *Config) { c.Now = func() time.Time { return clock } })
	s.market("")
	ada := s.trader("ada", "100")
	path := fmt.Sprintf("/accounts/%d/keys", ada.account)
	secret := func(body string) string {
		return want[api.KeyAnswer](t, 201, s.admin("POST", path, body)).Secret
	}
	reading := secret(`{"permissions":["read"]}`)
	expired := secret(`{"expires_at":"` + api.Time(clock.Add(time.Hour).UnixNano()).String() + `"}`)
	gone := want[api.KeyAnswer](t, 201, s.admin("POST", path, `{}`))
	want[api.KeyRevoked](t, 200, s.admin("DELETE", path+"/"+gone.Key.String(), ""))
	clock = clock.Add(2 * time.Hour)

	bearers := map[string]string{
		"none":         "",
		"expired":      "Bearer " + expired,
		"revoked":      "Bearer " + gone.Secret,
		"unknown":      "Bearer " + writeSecret(make([]byte, 32)),
		"no scheme":    ada.token,
		"other scheme": "Basic " + ada.token,
		"cut":          "Bearer " + ada.token[:len(ada.token)-1],
		"longer":       "Bearer " + ada.token + "A",
		"other prefix": "Bearer xx_" + ada.token[3:],
		"two spaces":   "Bearer  " + ada.token,
		"wrong case":   "Bearer " + strings.ToUpper(ada.token),
		"empty":        "Bearer ",
		"NUL":          "Bearer \x00",
		"its hash":     "Bearer " + fmt.Sprintf("%x", sha(ada.token)),
	}
	before := s.submits.Load()
	for _, route := range api.Routes() {
		if route.Need == api.NeedNothing {
			continue
		}
		a := someRequest(&route)
		var first string
		for name, bearer := range bearers {
			a.header = map[string]string{"Authorization": bearer}
			if bearer == "" {
				a.header = nil
			}
			w := s.do(a)
			refused(t, w, 401, "unauthenticated", "Authorization")
			if got := w.Header().Get("WWW-Authenticate"); got != "Bearer" {
				t.Errorf("%s, %s: WWW-Authenticate %q", route.Name, name, got)
			}
			if first == "" {
				first = w.Body.String()
			}
			if w.Body.String() != first {
				t.Errorf("%s: %s is answered differently:\n%s\n%s", route.Name, name, w.Body, first)
			}
		}
		r := a.request()
		r.Header["Authorization"] = []string{"Bearer " + ada.token, "Bearer " + ada.token}
		w := httptest.NewRecorder()
		if route.Listener == api.Admin {
			a.header = nil
			for _, token := range []string{ada.token, reading, adminKey + "x", adminKey[1:]} {
				a.token = token
				refused(t, s.do(a), 401, "unauthenticated", "Authorization")
			}
			s.server.Admin().ServeHTTP(w, r)
		} else {
			a.header, a.token = nil, adminKey
			refused(t, s.do(a), 401, "unauthenticated", "Authorization")
			if route.Need == api.NeedTrade {
				a.token = reading
				refused(t, s.do(a), 403, "forbidden", "Authorization")
			}
			s.server.Public().ServeHTTP(w, r)
		}
		refused(t, w, 401, "unauthenticated", "Authorization")
	}
	if s.submits.Load() != before {
		t.Error("something reached the exchange")
	}
	// The other way round: with the right credential none of them says that it is not.
	for _, route := range api.Routes() {
		a := someRequest(&route)
		a.token = ada.token
		if route.Listener == api.Admin {
			a.token = adminKey
		}
		if route.Name == "logout" {
			continue
		}
		if w := s.do(a); w.Code == 401 || w.Code == 403 || w.Code >= 500 && w.Code != 503 {
			t.Errorf("%s: %d %s", route.Name, w.Code, w.Body)
		}
	}
}

// A route of one listener does not exist on the other.
func TestListenersAreApart(t *testing.T) {
	s := newSite(t)
	for _, route := range api.Routes() {
		a := someRequest(&route)
		a.token = adminKey
		w := httptest.NewRecorder()
		if route.Listener == api.Admin {
			s.server.Public().ServeHTTP(w, a.request())
		} else {
			s.server.Admin().ServeHTTP(w, a.request())
		}
		refused(t, w, 404, "not_found", "")
	}
}

// What belongs to another is answered exactly like what does not exist.
func TestOtherPeoplesThings(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m := s.market("")
	o := s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":5}`)
	done := s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":5,"time_in_force":"ioc"}`)
	g := want[api.GroupAnswer](t, 201, s.do(ask{method: "POST", path: "/api/groups", token: ada.token, key: "g", body: `{"limit":5,"window_seconds":60}`}))
	mine := want[api.Keys](t, 200, s.get(ada, "/api/keys")).Keys[0]
	for _, try := range []struct{ theirs, nobodys ask }{
		{ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order)}, ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/orders/77", m)}},
		{ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, done.Order)}, ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/orders/77", m)}},
		{ask{method: "DELETE", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order)}, ask{method: "DELETE", path: fmt.Sprintf("/api/markets/%d/orders/77", m)}},
		{ask{method: "PATCH", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order), body: `{"price":"0.4"}`, key: "a"},
			ask{method: "PATCH", path: fmt.Sprintf("/api/markets/%d/orders/77", m), body: `{"price":"0.4"}`, key: "b"}},
		{ask{method: "PATCH", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order), body: `{"quantity":4}`, key: "c"},
			ask{method: "PATCH", path: fmt.Sprintf("/api/markets/%d/orders/77", m), body: `{"quantity":4}`, key: "d"}},
		{ask{method: "GET", path: fmt.Sprintf("/api/groups/%d", g.Group)}, ask{method: "GET", path: "/api/groups/77"}},
		{ask{method: "POST", path: fmt.Sprintf("/api/groups/%d/trigger", g.Group)}, ask{method: "POST", path: "/api/groups/77/trigger"}},
		{ask{method: "POST", path: fmt.Sprintf("/api/groups/%d/reset", g.Group)}, ask{method: "POST", path: "/api/groups/77/reset"}},
		{ask{method: "DELETE", path: fmt.Sprintf("/api/groups/%d", g.Group)}, ask{method: "DELETE", path: "/api/groups/77"}},
		{ask{method: "DELETE", path: fmt.Sprintf("/api/keys/%d", mine.Key)}, ask{method: "DELETE", path: "/api/keys/77"}},
	} {
		try.theirs.token, try.nobodys.token = bob.token, bob.token
		a, b := want[api.Problem](t, 404, s.do(try.theirs)), want[api.Problem](t, 404, s.do(try.nobodys))
		a.Seq, b.Seq = 0, 0
		if a != b {
			t.Errorf("%s %s: %+v, %+v", try.theirs.method, try.theirs.path, a, b)
		}
	}
	body := fmt.Sprintf(`{"outcome":"yes","side":"buy","price":"0.5","quantity":5,"group":"%d"}`, g.Group)
	refused(t, s.tryPlace(bob, m, body), 404, "group_not_found", "group")
	for _, list := range []string{"/api/orders", "/api/orders?status=all", "/api/fills", "/api/positions", "/api/groups", "/api/settlements"} {
		if w := s.get(bob, list); w.Code != 200 || strings.Contains(w.Body.String(), o.Order.String()) {
			t.Errorf("%s: %s", list, w.Body)
		}
	}
}

func TestPasswordsAndSessions(t *testing.T) {
	s := newSite(t)
	post := func(path, body string) ask { return ask{method: "POST", path: path, body: body} }
	want[api.RegisterAnswer](t, 201, s.do(post("/api/register", `{"name":"ada","password":"correct horse"}`)))
	refused(t, s.do(post("/api/register", `{"name":"ada","password":"battery staple"}`)), 409, "name_taken", "")

	wrong := refused(t, s.do(post("/api/login", `{"name":"ada","password":"battery staple"}`)), 401, "login_failed", "")
	unknown := refused(t, s.do(post("/api/login", `{"name":"eve","password":"battery staple"}`)), 401, "login_failed", "")
	if wrong != unknown {
		t.Errorf("%+v, %+v", wrong, unknown)
	}
	s.trader("robot", "") // without a password
	for _, password := range []string{"!", ""} {
		refused(t, s.do(post("/api/login", `{"name":"robot","password":"`+password+`"}`)), 401, "login_failed", "")
	}

	session := want[api.KeyAnswer](t, 201, s.do(post("/api/login", `{"name":"ada","password":"correct horse"}`)))
	life := session.ExpiresAt.Std().Sub(session.Time.Std())
	if life < 24*time.Hour-time.Minute || life > 24*time.Hour+time.Minute || !strings.HasPrefix(session.Secret, "pm_") {
		t.Errorf("%+v lives %v", session, life)
	}
	ada := trader{session.Account, session.Secret}
	other := want[api.KeyAnswer](t, 201, s.do(post("/api/login", `{"name":"ada","password":"correct horse"}`)))
	if other.Secret == session.Secret {
		t.Error("two sessions have one secret")
	}
	key := want[api.KeyAnswer](t, 201, s.do(ask{method: "POST", path: "/api/keys", token: ada.token, key: "k", body: `{"label":"bot","permissions":["read"]}`}))
	if life := key.ExpiresAt.Std().Sub(key.Time.Std()); life < 364*24*time.Hour || life > 366*24*time.Hour {
		t.Errorf("a key lives %v", life)
	}
	keys := want[api.Keys](t, 200, s.get(ada, "/api/keys")).Keys
	if len(keys) != 1 || keys[0].Key != key.Key || keys[0].Label != "bot" || len(keys[0].Permissions) != 1 {
		t.Errorf("%+v", keys)
	}
	if strings.Contains(s.get(ada, "/api/keys").Body.String(), key.Secret) {
		t.Error("a secret is shown again")
	}

	change := func(current, next string) ask {
		return ask{method: "PUT", path: "/api/password", token: ada.token, key: "new", body: `{"current":"` + current + `","new":"` + next + `"}`}
	}
	refused(t, s.do(change("battery staple", "tr0ub4dor&3")), 401, "login_failed", "current")
	first := want[api.AccountAnswer](t, 200, s.do(change("correct horse", "tr0ub4dor&3")))
	if again := want[api.AccountAnswer](t, 200, s.do(change("correct horse", "tr0ub4dor&3"))); again != first {
		t.Errorf("%+v, again %+v", first, again)
	}
	refused(t, s.do(post("/api/login", `{"name":"ada","password":"correct horse"}`)), 401, "login_failed", "")
	want[api.KeyAnswer](t, 201, s.do(post("/api/login", `{"name":"ada","password":"tr0ub4dor&3"}`)))

	want[api.KeyRevoked](t, 200, s.do(ask{method: "POST", path: "/api/logout", token: ada.token}))
	refused(t, s.get(ada, "/api/account"), 401, "unauthenticated", "Authorization")
	if w := s.get(trader{token: other.Secret}, "/api/account"); w.Code != 200 {
		t.Error("the other session ended too")
	}
}

// Tests hash cheaply, but for the one about hashes.
func TestMain(m *testing.M) {
	argonNow, decoy = cheap, cheap.format(make([]byte, saltLen), make([]byte, passwordHash))
	os.Exit(m.Run())
}

var dear, cheap = argonNow, argon{memoryKiB: 64, passes: 1, lanes: 1}

func TestPasswordHash(t *testing.T) {
	argonNow = dear
	defer func() { argonNow = cheap }()
	var p passwords
	phc := p.hash("correct horse", []byte("0123456789abcdef"))
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$") {
		t.Error(phc)
	}
	if !p.verify("correct horse", phc) || p.verify("correct horsf", phc) || p.verify("", phc) {
		t.Error("verify is wrong")
	}
	for _, bad := range []string{"", noPassword, decoy, strings.Replace(phc, "v=19", "v=16", 1), strings.Replace(phc, "m=19456", "m=99999999", 1),
		strings.Replace(phc, "t=2", "t=0", 1), strings.Replace(phc, "p=1", "p=0", 1), phc[:len(phc)-1], phc + "$", strings.Replace(phc, "argon2id", "argon2i", 1)} {
		if p.verify("correct horse", bad) {
			t.Errorf("verified against %q", bad)
		}
	}
}

func sha(s string) [32]byte { h, _ := hashSecret(s); return h }
