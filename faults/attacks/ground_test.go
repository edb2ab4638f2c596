package attacks

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/openapi"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// ground is an exchange that is attacked, and the people on it.
type ground struct {
	*node.Node
	config  node.Config
	t       *testing.T
	http    *http.Client
	log     *syncBuffer
	schemas map[reflect.Type]*jsonschema.Schema

	ada, bob, eve person // ada has something of everything, bob traded with her, eve is after it
	things        map[string]string

	keys     int
	requests map[string]int             // by route, path or operation of the feed
	statuses map[int]int                // how often each was answered
	seen     map[string]map[string]bool // codes, by route
}

// person is an account with one credential of each kind.
type person struct {
	account                        api.ID
	session, key, reading, revoked string
	keyID                          api.ID
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// newGround starts an exchange in memory on which ada has one of everything.
func newGround(t *testing.T, change ...func(*node.Config)) *ground {
	t.Helper()
	g := &ground{
		t: t, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}, log: new(syncBuffer),
		schemas: map[reflect.Type]*jsonschema.Schema{}, requests: map[string]int{}, statuses: map[int]int{},
		seen: map[string]map[string]bool{}, things: map[string]string{},
	}
	g.config = node.Config{
		Dir: "data", Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", TraderDeposits: true, AccessLog: true,
		Replica: replica.Config{FS: vfs.NewMem(), WALSegment: 1 << 20, CheckpointEvery: 5 * time.Millisecond}, Log: slog.New(slog.NewTextHandler(g.log, nil)),
	}
	for _, f := range change {
		f(&g.config)
	}
	g.start()
	t.Cleanup(g.stop)
	g.compileSchemas()
	g.settle()
	return g
}

func (g *ground) start() {
	g.t.Helper()
	n, err := node.Start(g.config)
	if err != nil {
		g.t.Fatal(err)
	}
	g.Node = n
}

func (g *ground) stop() {
	g.t.Helper()
	g.http.CloseIdleConnections()
	if err := g.Close(); err != nil {
		g.t.Error(err)
	}
}

func (g *ground) compileSchemas() {
	d, err := openapi.New()
	if err != nil {
		g.t.Fatal(err)
	}
	text, err := d.JSON()
	if err != nil {
		g.t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		g.t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("openapi.json", document); err != nil {
		g.t.Fatal(err)
	}
	of := func(shape any) {
		typ := reflect.TypeOf(shape)
		g.schemas[typ] = c.MustCompile("openapi.json#/components/schemas/" + typ.Name())
	}
	of(api.Problem{})
	for _, r := range api.Routes() {
		of(r.Answer)
	}
}

// settle makes the people and their things.
func (g *ground) settle() {
	market := take[api.MarketAnswer](g, "createMarket", request{}).Market
	spare := take[api.MarketAnswer](g, "createMarket", request{body: `{"question":"Is this one to spare?"}`}).Market
	g.things["market"], g.things["spare"] = market.String(), spare.String()
	g.ada, g.bob, g.eve = g.person("ada"), g.person("bob"), g.person("eve")
	g.things["account"], g.things["key"] = g.ada.account.String(), g.ada.keyID.String()
	order := func(p *person, body string) api.OrderAnswer {
		return take[api.OrderAnswer](g, "placeOrder", request{token: p.key, body: body})
	}
	order(&g.bob, `{"outcome":"yes","side":"sell","price":"0.70","quantity":5}`)
	traded := order(&g.ada, `{"outcome":"yes","side":"buy","price":"0.70","quantity":5}`)
	g.things["done"] = traded.Order.String()
	g.things["order"] = order(&g.ada, `{"outcome":"yes","side":"buy","price":"0.40","quantity":5}`).Order.String()
	g.things["group"] = take[api.GroupAnswer](g, "createGroup", request{token: g.ada.key}).Group.String()
	fills := take[api.Fills](g, "listFills", request{token: g.ada.key, query: "seq=" + traded.Seq.String()}).Fills
	g.things["seq"] = fills[0].Seq.String()
	g.things["node"], g.things["shard"], g.things["proposal"] = "1", "1", "1"
	for ready := false; !ready; { // until a checkpoint covers the trade
		res, err := g.http.Do(g.build(route("getTradeProof"), request{}))
		if err != nil {
			g.t.Fatal(err)
		}
		res.Body.Close()
		ready = res.StatusCode == http.StatusOK
	}
}

func (g *ground) person(name string) person {
	account := take[api.RegisterAnswer](g, "register", request{body: `{"name":"` + name + `","password":"correct horse battery"}`}).Account
	login := take[api.KeyAnswer](g, "login", request{body: `{"name":"` + name + `","password":"correct horse battery"}`})
	p := person{account: account, session: login.Secret}
	made := take[api.KeyAnswer](g, "createKey", request{token: p.session, body: `{}`})
	p.key, p.keyID = made.Secret, made.Key
	p.reading = take[api.KeyAnswer](g, "createKey", request{token: p.session, body: `{"permissions":["read"]}`}).Secret
	gone := take[api.KeyAnswer](g, "createKey", request{token: p.session, body: `{}`})
	take[api.KeyRevoked](g, "revokeKey", request{token: p.session, ids: map[string]string{"key": gone.Key.String()}})
	p.revoked = gone.Secret
	take[api.TransferAnswer](g, "deposit", request{token: p.session, body: `{"amount":"1000"}`})
	return p
}

// request is a request to a route. What is left out is what makes it a good one: the right credential, identifiers of things
// that there are, a fresh idempotency key, and the example of the body.
type request struct {
	token, query, body string
	bare               bool // without body, if none is given
	ids                map[string]string
	header             map[string]string // "" takes one away
	text               []byte            // instead of body
}

type answer struct {
	status int
	header http.Header
	body   string
}

func route(name string) *api.Route {
	for _, r := range api.Routes() {
		if r.Name == name {
			return &r
		}
	}
	panic("there is no route " + name)
}

var inBraces = regexp.MustCompile(`\{([a-z]+)\}`)

// build makes the HTTP request.
func (g *ground) build(r *api.Route, q request) *http.Request {
	base := g.Addr()
	if r.Listener == api.Admin {
		base = g.AdminAddr()
	}
	path := inBraces.ReplaceAllStringFunc(r.Path, func(m string) string {
		name := m[1 : len(m)-1]
		if id, ok := q.ids[name]; ok {
			return id
		}
		if r.Listener == api.Admin && name == "market" && r.Mutation() {
			return g.things["spare"]
		}
		return g.things[name]
	})
	if q.query == "" && r.Name == "getMarketAt" {
		q.query = "time=" + g.now()
	}
	if q.query != "" {
		path += "?" + q.query
	}
	body := q.text
	if q.body != "" {
		body = []byte(q.body)
	} else if body == nil && !q.bare {
		body = g.example(r)
	}
	req, err := http.NewRequestWithContext(g.t.Context(), r.Method, "http://"+base+path, bytes.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if q.token == "" {
		q.token = g.rightToken(r)
	}
	if q.token != "" {
		req.Header.Set("Authorization", "Bearer "+q.token)
	}
	if r.Mutation() {
		g.keys++
		req.Header.Set(api.HeaderKey, fmt.Sprint("key-", g.keys))
	}
	for k, v := range q.header {
		req.Header.Del(k)
		if v != "" {
			req.Header.Set(k, v)
		}
	}
	return req
}

func (g *ground) now() string {
	return take[api.TransferAnswer](g, "deposit", request{token: g.bob.key, body: `{"amount":"0.0001"}`}).Time.String()
}

func (g *ground) rightToken(r *api.Route) string {
	switch r.Need {
	case api.NeedNothing:
		return ""
	case api.NeedOperator:
		return g.AdminKey()
	}
	return g.ada.key
}

// example is a route's example about things that there are here.
func (g *ground) example(r *api.Route) []byte {
	body, _ := openapi.Example(r)
	return bytes.ReplaceAll(body, []byte(`"16777217"`), []byte(`"`+g.things["order"]+`"`))
}

// do sends a request and checks that the answer is one that the route is described to have.
func (g *ground) do(r *api.Route, q request) answer {
	g.t.Helper()
	res, err := g.http.Do(g.build(r, q))
	if err != nil {
		g.t.Fatalf("%s: %v", r.Name, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatalf("%s: %v", r.Name, err)
	}
	a := answer{res.StatusCode, res.Header, string(b)}
	g.requests[r.Name]++
	g.statuses[a.status]++
	g.check(r, a)
	return a
}

func (g *ground) check(r *api.Route, a answer) {
	g.t.Helper()
	typ := reflect.TypeOf(r.Answer)
	switch {
	case a.status >= 500:
		g.t.Errorf("%s: %d %s", r.Name, a.status, a.body)
	case a.status >= 400:
		typ = reflect.TypeFor[api.Problem]()
	case a.status == http.StatusAccepted && r.Proposed: // it waits for a second operator
	case a.status != r.Status:
		g.t.Errorf("%s: %d, not %d: %s", r.Name, a.status, r.Status, a.body)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err != nil {
		g.t.Fatalf("%s: %v in %s", r.Name, err, a.body)
	}
	if err := g.schemas[typ].Validate(v); err != nil {
		g.t.Errorf("%s: %s is not as described: %v", r.Name, a.body, err)
	}
	if code := a.code(); code != "" {
		if g.seen[r.Name] == nil {
			g.seen[r.Name] = map[string]bool{}
		}
		g.seen[r.Name][code] = true
		if !slices.Contains(openapi.Refusals(r), code) {
			g.t.Errorf("%s: it is not described that it is refused with %s: %s", r.Name, code, a.body)
		}
	}
}

// code is the code of a refusal, "" for a success.
func (a *answer) code() string {
	var p api.Problem
	if a.status < 400 || json.Unmarshal([]byte(a.body), &p) != nil {
		return ""
	}
	return p.Code
}

// unrecorded is the body without the place in the journal, which differs from refusal to refusal.
func (a *answer) unrecorded() string {
	return regexp.MustCompile(`,"seq":"\d+"`).ReplaceAllString(a.body, "")
}

// take sends a good request and reads the answer.
func take[T any](g *ground, name string, q request) T {
	g.t.Helper()
	a := g.do(route(name), q)
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status >= 400 {
		g.t.Fatalf("%s: %d %s %v", name, a.status, a.body, err)
	}
	return v
}

// covered fails the test if a route was not attacked, and prints what was done.
func (g *ground) covered(kind string, routes []api.Route, before map[string]int) {
	g.t.Helper()
	names := make([]string, len(routes))
	for i := range routes {
		names[i] = routes[i].Name
	}
	g.coveredNames(kind, "routes", names, before)
}

func (g *ground) coveredNames(kind, what string, names []string, before map[string]int) {
	g.t.Helper()
	sent, reached := 0, 0
	for _, name := range names {
		n := g.requests[name] - before[name]
		sent += n
		if n > 0 {
			reached++
		} else {
			g.t.Errorf("%s: %s was not attacked", kind, name)
		}
	}
	faults := 0
	for status, n := range g.statuses {
		if status >= 500 {
			faults += n
		}
	}
	g.t.Logf("%-28s %3d of %3d %s  %6d requests  %d 5xx", kind, reached, len(names), what, sent, faults)
}

func (g *ground) count() map[string]int { return maps.Clone(g.requests) }

func routesThat(keep func(*api.Route) bool) []api.Route {
	return slices.DeleteFunc(api.Routes(), func(r api.Route) bool { return !keep(&r) })
}
