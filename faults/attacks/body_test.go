package attacks

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
)

func hasBody(r *api.Route) bool { return r.Request != nil }

// A field that nobody asked for, one that is there twice, and one in another case are refused, in every object of every body.
func TestMassAssignment(t *testing.T) {
	g := newGround(t)
	before := g.count()
	refused := func(r *api.Route, body []byte, code string) {
		t.Helper()
		if a := g.do(r, request{text: body}); a.status != 400 || a.code() != code {
			t.Errorf("%s: %d %s for %s, not %s", r.Name, a.status, a.body, body, code)
		}
	}
	for _, r := range api.Routes() {
		if r.Request == nil {
			for _, body := range []string{`{"account":"1"}`, `{"":0}`, `{"force":true}`} {
				refused(&r, []byte(body), "unknown_field")
			}
			continue
		}
		_, objects := places(reflect.TypeOf(r.Request))
		for _, object := range objects {
			known := fieldsOf(t, g.example(&r), object)
			for name, v := range map[string]string{"id": `"1"`, "account": `"1"`, "admin": `true`, "permissions": `["admin"]`, "cash": `"9999"`,
				"seq": `"1"`, "__proto__": `{}`, "constructor": `{}`, "": `0`, "price ": `"0.5"`} {
				if known[name] == "" {
					refused(&r, add(t, g.example(&r), object.path, fmt.Sprintf("%q:%s", name, v)), "unknown_field")
				}
			}
			for name, v := range known {
				twice := fmt.Sprintf("%q:%s", name, v)
				path := append(object.path[:len(object.path):len(object.path)], name)
				refused(&r, put(t, g.example(&r), path, v+","+twice), "duplicate_field")
				escaped := fmt.Sprintf(`"\u%04x%s":%s`, name[0], name[1:], v)
				refused(&r, put(t, g.example(&r), path, v+","+escaped), "duplicate_field")
				cased := strings.ToUpper(name[:1]) + name[1:]
				refused(&r, add(t, g.example(&r), object.path, fmt.Sprintf("%q:%s", cased, v)), "unknown_field")
				refused(&r, add(t, g.example(&r), object.path, fmt.Sprintf("%q:%s", strings.ToUpper(name), v)), "unknown_field")
			}
		}
	}
	g.covered("mass assignment", api.Routes(), before)
}

func listFor(t reflect.Type) []value {
	switch {
	case t == reflect.TypeFor[api.Time]():
		return instants
	case reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()):
		return decimals
	case t.Kind() == reflect.String:
		return texts
	case t.Kind() == reflect.Bool:
		return flags
	}
	return whole
}

// Numbers, texts, times and flags that are not what they look like, in every field of every body.
func TestValues(t *testing.T) {
	g := newGround(t)
	before, tried := g.count(), 0
	for _, r := range routesThat(hasBody) {
		values, _ := places(reflect.TypeOf(r.Request))
		for _, place := range values {
			for _, v := range listFor(place.typ) {
				tried++
				a := g.do(&r, request{text: put(t, g.example(&r), place.path, v.raw)})
				if a.status < 400 && !v.taken {
					t.Errorf("%s: %s was taken for %s: %s", r.Name, v.raw[:min(len(v.raw), 60)], place, a.body)
				}
			}
		}
	}
	for line := range strings.Lines(g.log.String()) {
		if strings.HasPrefix(line, injected) {
			t.Errorf("a text made a line of the log: %s", line)
		}
	}
	t.Logf("%d bad values", tried)
	g.covered("numbers, texts, times, flags", routesThat(hasBody), before)
}

// Bodies that are too large, too deep, compressed, cut off, or of another type, to every route.
func TestBodies(t *testing.T) {
	g := newGround(t)
	before := g.count()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 1_000 {
		_, _ = z.Write(make([]byte, 10_000))
	}
	_ = z.Close()
	zipped := map[string]string{"Content-Encoding": "gzip"}
	for _, r := range api.Routes() {
		for _, attack := range []struct {
			name   string
			q      request
			status int
		}{
			{"a byte too many", request{text: bytes.Repeat([]byte(" "), api.MaxBody+1)}, 413},
			{"deep", request{text: bytes.Repeat([]byte("["), 20_000)}, 400},
			{"deep in an object", request{text: []byte(strings.Repeat(`{"a":`, 10_000))}, 400},
			{"bomb", request{text: bomb.Bytes(), header: zipped}, 415},
			{"form", request{body: "a=b", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, 415},
			{"multipart", request{body: "--x--", header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}}, 415},
			{"untyped", request{body: "{}", header: map[string]string{"Content-Type": ""}}, 415},
			{"cut off", request{body: `{"`}, 400}, {"list", request{body: `[]`}, 400}, {"text", request{body: `"x"`}, 400},
			{"null", request{body: `null`}, 400}, {"number", request{body: `1`}, 400}, {"two", request{body: `{}{}`}, 400},
			{"mark", request{body: "\xef\xbb\xbf{}"}, 400}, {"other encoding", request{body: "{\x00}\x00"}, 400},
		} {
			if a := g.do(&r, attack.q); a.status != attack.status {
				t.Errorf("%s, %s: %d %s, not %d", r.Name, attack.name, a.status, a.body, attack.status)
			}
		}
	}
	g.covered("bodies", api.Routes(), before)
}

// Parameters that are unknown, there twice, in another case or not text, to every route; and what the known ones cannot be.
func TestQueries(t *testing.T) {
	g := newGround(t)
	before := g.count()
	for _, r := range api.Routes() {
		bad := []string{"account=1", "a;b", "%zz=1", "%00=1", "=1", "limit%00=1", "x=" + strings.Repeat("y", 8_000)}
		for _, p := range r.Query {
			bad = append(bad, p.Name+"=", p.Name+"=1&"+p.Name+"=1", strings.ToUpper(p.Name)+"=1", p.Name+"[]=1", p.Name+"=%ff")
			if p.Name != "q" && p.Name != "outcome" && p.Name != "name" {
				bad = append(bad, p.Name+"=-1", p.Name+"=1e3", p.Name+"=%EF%BC%91", p.Name+"=99999999999999999999", p.Name+"=%00", p.Name+"=1%20")
			}
		}
		if !r.Mutation() {
			bad = append(bad, "seq=-1", "seq=1&seq=1", "fresh=1", "fresh=TRUE")
		}
		for _, query := range bad {
			if a := g.do(&r, request{query: query}); a.status < 400 && !strings.Contains(query, "=%ff") {
				t.Errorf("%s was taken: %s?%s: %s", r.Name, r.Path, query[:min(len(query), 80)], a.body)
			}
		}
	}
	g.covered("queries", api.Routes(), before)
}
