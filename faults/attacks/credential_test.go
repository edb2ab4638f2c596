package attacks

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
)

// expiring is the secret of a key of ada's that is good for so long.
func (g *ground) expiring(d time.Duration) string {
	g.t.Helper()
	end := api.Time(time.Now().Add(d).UnixNano())
	return take[api.KeyAnswer](g, "createKey", request{token: g.ada.session, body: `{"expires_at":"` + end.String() + `"}`}).Secret
}

func (g *ground) untilRefused(secret string) {
	for g.do(route("getAccount"), request{token: secret}).status == 200 {
	}
}

// expired is the secret of a key of ada's that is not good any more.
func (g *ground) expired() string {
	g.t.Helper()
	secret := g.expiring(300 * time.Millisecond)
	g.untilRefused(secret)
	return secret
}

// Every route with every kind of credential that is not enough for it. All that are no credential are answered alike.
func TestCredentials(t *testing.T) {
	g := newGround(t)
	expired := g.expired()
	before := g.count()
	key, admin := g.ada.key, g.AdminKey()
	none := []struct{ name, header string }{
		{"none", ""}, {"empty", "Bearer "}, {"malformed", "Bearer pm_xyz"}, {"cut", "Bearer " + key[:len(key)-1]}, {"longer", "Bearer " + key + "A"},
		{"other scheme", "Basic " + key}, {"no scheme", key}, {"other prefix", "Bearer xx_" + key[3:]}, {"two spaces", "Bearer  " + key},
		{"other case", "Bearer " + strings.ToUpper(key)}, {"two in one", "Bearer " + key + ", Bearer " + key}, {"long", "Bearer " + strings.Repeat("pm_", 2_000)},
		{"unknown", "Bearer pm_" + strings.Repeat("A", 43)}, {"revoked", "Bearer " + g.ada.revoked}, {"expired", "Bearer " + expired},
		{"beginning of the operator's", "Bearer " + admin[:len(admin)-1]},
	}
	guarded := routesThat(func(r *api.Route) bool { return r.Need != api.NeedNothing })
	for _, r := range guarded {
		bad := none
		switch r.Need {
		case api.NeedOperator:
			bad = append(bad[:len(bad):len(bad)], []struct{ name, header string }{
				{"trader's key", "Bearer " + key}, {"trader's session", "Bearer " + g.ada.session}, {"reading key", "Bearer " + g.ada.reading}}...)
		default:
			bad = append(bad[:len(bad):len(bad)], struct{ name, header string }{"operator's", "Bearer " + admin})
		}
		var first string
		for _, c := range bad {
			a := g.do(&r, request{header: map[string]string{"Authorization": c.header}})
			if a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s, %s: %d %s", r.Name, c.name, a.status, a.body)
			}
			if first == "" {
				first = a.body
			}
			if a.body != first {
				t.Errorf("%s: %s is answered differently:\n%s\n%s", r.Name, c.name, a.body, first)
			}
		}
		if r.Need == api.NeedTrade {
			if a := g.do(&r, request{token: g.ada.reading}); a.code() != "forbidden" {
				t.Errorf("%s, a key that may only read: %d %s", r.Name, a.status, a.body)
			}
		}
	}
	g.covered("credentials", guarded, before)

	// What is enough is taken, be it a key or a session.
	for _, r := range guarded {
		tokens := []string{admin}
		if r.Need != api.NeedOperator {
			tokens = []string{g.ada.key, g.ada.session}
		}
		if r.Need == api.NeedRead {
			tokens = append(tokens, g.ada.reading)
		}
		for _, token := range tokens {
			if r.Name == "logout" || r.Name == "revokeKey" || r.Name == "setPassword" { // the next one would have none
				continue
			}
			if a := g.do(&r, request{token: token, ids: map[string]string{"key": "999"}}); a.status == 401 && a.code() != "login_failed" || a.status == 403 {
				t.Errorf("%s: %d %s", r.Name, a.status, a.body)
			}
		}
	}
}

// A route of one address does not exist at the other, whoever asks.
func TestAddressesAreApart(t *testing.T) {
	g := newGround(t)
	for _, r := range api.Routes() {
		req := g.build(&r, request{token: g.AdminKey()})
		req.URL.Host = g.AdminAddr()
		if r.Listener == api.Admin {
			req.URL.Host = g.Addr()
		}
		res, err := g.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", r.Name, res.StatusCode)
		}
	}
}

// What is another's is answered exactly like what there is not, on every route that names something.
func TestOtherPeoplesThings(t *testing.T) {
	g := newGround(t)
	before := g.count()
	own := []string{"{order}", "{group}", "{key}", "{seq}"}
	naming := routesThat(func(r *api.Route) bool {
		for _, name := range own {
			if r.Listener == api.Public && strings.Contains(r.Path, name) {
				return true
			}
		}
		return false
	})
	alike := func(r *api.Route, theirs, nobodys request) {
		t.Helper()
		theirs.token, nobodys.token = g.eve.key, g.eve.key
		a, b := g.do(r, theirs), g.do(r, nobodys)
		if a.status != 404 || a.unrecorded() != b.unrecorded() {
			t.Errorf("%s: %d %s\nbut for nobody's %d %s", r.Name, a.status, a.body, b.status, b.body)
		}
	}
	nothing := map[string]string{"order": "77", "group": "77", "key": "77", "seq": "99999999"}
	for _, r := range naming {
		alike(&r, request{}, request{ids: nothing})
		alike(&r, request{ids: map[string]string{"order": g.things["done"], "seq": "2"}}, request{ids: nothing})
	}
	g.covered("other people's things", naming, before)

	order := func(group string) request {
		return request{body: fmt.Sprintf(`{"outcome":"yes","side":"buy","price":"0.1","quantity":1,"group":%q}`, group)}
	}
	alike(route("placeOrder"), order(g.things["group"]), order("77"))
	cancel := func(order string) string {
		a := g.do(route("batch"), request{token: g.eve.key, body: fmt.Sprintf(`{"cancels":[{"market":%q,"order":%q}]}`, g.things["market"], order)})
		return a.unrecorded()
	}
	if a, b := cancel(g.things["order"]), cancel("77"); !strings.Contains(a, "order_not_found") || drop(a) != drop(b) {
		t.Errorf("a batch cancels another's order: %s\nand nobody's: %s", a, b)
	}
	for _, r := range routesThat(func(r *api.Route) bool {
		return r.Need == api.NeedRead && !r.Mutation() && !strings.Contains(r.Path, "{")
	}) {
		a := g.do(&r, request{token: g.eve.key})
		for _, secret := range []string{g.things["order"], g.ada.session, g.ada.key, `"ada"`, `"group":"` + g.things["group"] + `"`} {
			if strings.Contains(a.body, secret) {
				t.Errorf("%s shows what is another's: %s", r.Name, a.body)
			}
		}
	}
	for _, query := range []string{"order=" + g.things["done"], "order=" + g.things["order"]} {
		if a := g.do(route("listFills"), request{token: g.eve.key, query: query}); !strings.Contains(a.body, `"fills":[]`) {
			t.Errorf("fills of another's order: %s", a.body)
		}
	}
	if o := take[api.Order](g, "getOrder", request{token: g.ada.key}); o.Status != api.StatusOpen || o.Version != 1 {
		t.Errorf("ada's order was touched: %+v", o)
	}
}

// drop leaves out what differs between any two answers.
func drop(s string) string {
	_, rest, _ := strings.Cut(s, `"cancels"`)
	return rest
}

// An unknown name and a wrong password are answered alike.
func TestEnumeration(t *testing.T) {
	g := newGround(t)
	g.do(route("createAccount"), request{}) // house, which has no password
	try := func(name, password string) answer {
		return g.do(route("login"), request{body: fmt.Sprintf(`{"name":%q,"password":%q}`, name, password)})
	}
	first := try("ada", "wrong horse battery")
	for _, a := range []answer{try("nobody", "correct horse battery"), try("house", "!"), try("house", ""), try("", ""), try("ADA", "correct horse battery"),
		try("ada ", "correct horse battery"), try("ada", "correct horse battery ")} {
		if a.status != 401 || a.body != first.body {
			t.Errorf("%d %s, but for a wrong password %s", a.status, a.body, first.body)
		}
	}
}
