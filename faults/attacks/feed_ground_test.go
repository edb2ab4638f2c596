package attacks

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/feed"
	"github.com/hustings/hustings/node"
)

// patience is for what must come, on a slow machine too.
const patience = time.Minute

// manyRequests lets one connection to the feed send as much as it likes.
func manyRequests(c *node.Config) { c.Feed.MaxRequests = 1 << 20 }

// socket is a connection to the feed.
type socket struct {
	g *ground
	net.Conn
}

// upgrade asks for a connection to the feed, and returns the status of a refusal.
func (g *ground) upgrade(header http.Header) (*socket, int) {
	g.t.Helper()
	d := ws.Dialer{Timeout: patience, Header: ws.HandshakeHeaderHTTP(header)}
	conn, _, _, err := d.Dial(g.t.Context(), "ws://"+g.Addr()+feed.Path)
	var status ws.StatusError
	if errors.As(err, &status) {
		return nil, int(status)
	}
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { conn.Close() })
	return &socket{g: g, Conn: conn}, http.StatusSwitchingProtocols
}

func (g *ground) connect(token string) *socket {
	g.t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	s, status := g.upgrade(header)
	if s == nil {
		g.t.Fatalf("no connection to the feed: %d", status)
	}
	return s
}

// ended is the status of an answer that did not come, because the connection was closed.
const ended = 0

// said is a message of the feed.
type said struct {
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Status  jsontext.Value `json:"status"` // of an answer; that of a market is a word
	Body    jsontext.Value `json:"body"`
	Problem jsontext.Value `json:"problem"`
	raw     string
}

// hear returns the next message. A connection that was closed says nothing but why, as raw.
func (s *socket) hear() said {
	s.g.t.Helper()
	_ = s.SetReadDeadline(time.Now().Add(patience))
	b, err := wsutil.ReadServerText(s.Conn)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		s.g.t.Fatal("the feed does not answer")
	}
	if err != nil {
		return said{raw: err.Error()}
	}
	m := said{raw: string(b)}
	if err := json.Unmarshal(b, &m); err != nil || m.Type == "" {
		s.g.t.Fatalf("%s: %v", b, err)
	}
	return m
}

// do sends a request and checks what is answered to it like an answer of the HTTP API. What comes of subscriptions is passed over.
func (s *socket) do(o *feed.Operation, text string) answer {
	s.g.t.Helper()
	s.g.requests["/ws "+o.Name]++
	if err := wsutil.WriteClientText(s.Conn, []byte(text)); err != nil {
		return answer{status: ended, body: err.Error()}
	}
	for {
		m := s.hear()
		a := answer{status: ended, body: m.raw}
		switch m.Type {
		case "":
		case "ack", "pong":
			a.status = http.StatusOK
		case "answer":
			a.status, _ = strconv.Atoi(string(m.Status)) // 0 would be no status
			a.body = string(m.Body)
			s.g.check(s.g.routeOf(o), a)
		case "error":
			a.body = string(m.Problem)
			a.status = s.g.checkProblem(o, a.body)
		default:
			continue
		}
		s.g.statuses[a.status]++
		return a
	}
}

func (g *ground) routeOf(o *feed.Operation) *api.Route {
	g.t.Helper()
	if o.Route == "" {
		g.t.Fatalf("%s is answered like a route of the HTTP API", o.Name)
	}
	return route(o.Route)
}

func (g *ground) checkProblem(o *feed.Operation, body string) int {
	g.t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		g.t.Fatalf("%s: %v in %s", o.Name, err, body)
	}
	if err := g.schemas[reflect.TypeFor[api.Problem]()].Validate(v); err != nil {
		g.t.Errorf("%s: %s is not as described: %v", o.Name, body, err)
	}
	var p api.Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.Status < 400 || p.Status >= 500 {
		g.t.Errorf("%s: %s %v", o.Name, body, err)
	}
	return p.Status
}

// field returns a value that a field of an operation may have, as JSON.
func (g *ground) field(o *feed.Operation, name string) string {
	g.t.Helper()
	switch name {
	case "body":
		return string(g.example(g.routeOf(o)))
	case "key":
		g.keys++
		return fmt.Sprintf(`"feed-%d"`, g.keys)
	}
	v, ok := map[string]string{
		"op": `"` + o.Name + `"`, "id": `"x"`, "channels": `["book"]`, "markets": `["` + g.things["market"] + `"]`, "all": `false`, "conflate_ms": `100`, "min_seq": `"1"`,
		"resume": `[{"market":"` + g.things["market"] + `","channel":"book","epoch":0,"seq":"1"}]`, "market": `"` + g.things["market"] + `"`,
		"order": `"` + g.things["order"] + `"`, "group": `"` + g.things["group"] + `"`, "channel": `"book"`, "after": `{"epoch":0,"seq":"1"}`,
		"up_to": `{"epoch":0,"seq":"2"}`, "secret": `"` + g.ada.key + `"`, "if_match": `"1"`, "enabled": `true`,
	}[name]
	if !ok {
		g.t.Fatalf("say in this table what a field %q may be", name)
	}
	return v
}

// text is a good request with some fields as given, "" for one that is left out, and more behind it.
func (g *ground) text(o *feed.Operation, fields map[string]string, more ...string) string {
	g.t.Helper()
	var all []string
	for _, name := range append([]string{"op"}, o.Fields...) {
		v, given := fields[name]
		if !given {
			v = g.field(o, name)
		}
		if v != "" {
			all = append(all, fmt.Sprintf("%q:%s", name, v))
		}
	}
	for name, v := range fields {
		if name == "id" {
			all = append(all, `"id":`+v)
		}
	}
	return "{" + strings.Join(append(all, more...), ",") + "}"
}

func operation(name string) *feed.Operation {
	all := feed.Operations()
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	panic("the feed has no operation " + name)
}

func namesOf(all []feed.Operation) []string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = "/ws " + all[i].Name
	}
	return names
}
