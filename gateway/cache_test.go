package gateway

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
)

func (s *site) ifNoneMatch(path, tag string) *httptest.ResponseRecorder {
	return s.do(ask{method: "GET", path: path, header: map[string]string{"If-None-Match": tag}})
}

// A cache that asks first is told exactly when what it has is no longer what it would get, wherever on the exchange something
// happened.
func TestPublicReadsAreRevalidated(t *testing.T) {
	s := newSite(t)
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	m, other := s.market(""), s.market("")
	path := fmt.Sprintf("/api/markets/%d", m)
	reads := []string{path, path + "/orderbook", path + "/trades", "/api/markets", "/api/markets?status=open&limit=1"}
	tags := map[string]string{}
	remember := func() {
		for _, p := range reads {
			w := s.do(ask{method: "GET", path: p})
			tags[p] = w.Header().Get("ETag")
			if w.Code != 200 || tags[p] == "" || w.Header().Get("Cache-Control") != "public, no-cache" {
				t.Fatalf("%s: %d %v", p, w.Code, w.Header())
			}
		}
	}
	changed := func(what string, want ...string) {
		t.Helper()
		var got []string
		for _, p := range reads {
			switch w := s.ifNoneMatch(p, tags[p]); w.Code {
			case http.StatusNotModified:
				if w.Body.Len() > 0 || w.Header().Get("ETag") != tags[p] || w.Header().Get(api.HeaderSeq) == "" || w.Header().Get("Content-Type") != "" {
					t.Errorf("%s: %v %s", p, w.Header(), w.Body)
				}
			case 200:
				got = append(got, p)
			default:
				t.Errorf("%s: %d %s", p, w.Code, w.Body)
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: changed are %q, not %q", what, got, want)
		}
		remember()
	}
	remember()
	changed("nothing")
	s.trader("cleo", "5")
	changed("an account that was made")
	s.place(ada, other, `{"outcome":"yes","side":"buy","price":"0.5","quantity":5}`)
	changed("an order in another market", "/api/markets", "/api/markets?status=open&limit=1")
	s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":5}`)
	changed("an order", path, path+"/orderbook", "/api/markets")
	s.place(bob, m, `{"outcome":"no","side":"buy","price":"0.5","quantity":5}`)
	changed("a trade", path, path+"/orderbook", path+"/trades", "/api/markets")
	want[api.MarketAnswer](t, 200, s.admin("POST", fmt.Sprintf("/markets/%d/suspend", m), ""))
	changed("a suspension", path, "/api/markets", "/api/markets?status=open&limit=1") // the page is the last one now
	if s.ifNoneMatch(path, `"x", `+tags[path]+`, W/"y"`).Code != 304 || s.ifNoneMatch(path, "*").Code != 304 || s.ifNoneMatch(path, `"x"`).Code != 200 ||
		s.ifNoneMatch(path, tags[reads[1]]).Code != 200 {
		t.Error("lists of tags are read wrongly")
	}
}

// The tag of a market serves for If-Match too.
func TestTagsSayTheVersion(t *testing.T) {
	s := newSite(t)
	m := s.market("")
	path := fmt.Sprintf("/api/markets/%d", m)
	tag := s.do(ask{method: "GET", path: path}).Header().Get("ETag")
	act := func(word string) *httptest.ResponseRecorder {
		return s.do(ask{method: "POST", path: fmt.Sprintf("/api/admin/markets/%d/%s", m, word), token: adminKey, key: fresh(), header: map[string]string{"If-Match": tag}})
	}
	want[api.MarketAnswer](t, 200, act("suspend"))
	refused(t, act("resume"), 412, "version_mismatch", "")
}

// What is an account's own is not kept by anybody, and neither is a refusal.
func TestPrivateReadsAreNotKept(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	for _, r := range api.Routes() {
		if r.Need == api.NeedNothing || r.Mutation() {
			continue
		}
		a := someRequest(&r)
		a.token = ada.token
		if r.Listener == api.Admin {
			a.token = adminKey
		}
		a.header = map[string]string{"If-None-Match": "*"}
		if w := s.do(a); w.Header().Get("Cache-Control") != "no-store" || w.Code == 304 {
			t.Errorf("%s: %d %v", r.Name, w.Code, w.Header())
		}
	}
	if w := s.do(ask{method: "GET", path: "/api/markets/99", header: map[string]string{"If-None-Match": "*"}}); w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// HEAD answers as GET does, without the body.
func TestHead(t *testing.T) {
	site := newSite(t)
	ada := site.trader("ada", "100")
	site.market("")
	s := serveSite(t, site)
	for _, path := range []string{"/api/markets", "/api/markets/1", "/api/account", "/api/markets/9", "/docs", "/api/openapi.json", "/health"} {
		request := func(method string) (int, http.Header) {
			r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.public+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+ada.token)
			r.Header.Set("Accept-Encoding", "identity")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			return res.StatusCode, res.Header
		}
		status, get := request("GET")
		headStatus, head := request("HEAD")
		for _, name := range []string{"Content-Type", "Content-Length", "ETag", "Cache-Control", api.HeaderSeq} {
			if headStatus != status || head.Get(name) != get.Get(name) {
				t.Errorf("%s: HEAD %d %v\nGET %d %v", path, headStatus, head, status, get)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func FuzzEntityTags(f *testing.F) {
	f.Add(`W/"3-xJC-oEI3J_4Dw-ON-EKz"`, []byte(`{"a":1,"seq":"7"}`))
	f.Add(`"3"`, []byte(`{"seq":"7"}`))
	f.Add(`"a", W/"b",*`, []byte(`,"seq":"}`))
	f.Fuzz(func(t *testing.T, given string, body []byte) {
		if v, ok := tagVersion(given); ok && (v == 0 || !strings.Contains(given, fmt.Sprint(v))) {
			t.Fatalf("%q: version %d", given, v)
		}
		tag := entityTag(3, body)
		if v, ok := tagVersion(tag); !ok || v != 3 {
			t.Fatalf("%s: version %d", tag, v)
		}
		if !tagMatches([]string{given + "," + tag}, tag) || tagMatches([]string{given}, tag) && !strings.Contains(given, "*") && !strings.Contains(given, tag[2:]) {
			t.Fatalf("%q against %s", given, tag)
		}
		if rest := withoutSeq(body); len(rest) < len(body) && entityTag(0, append(rest[:len(rest):len(rest)], `,"seq":"99"}`...)) != entityTag(0, body) {
			t.Fatalf("%q", body)
		}
	})
}

func BenchmarkEntityTag(b *testing.B) {
	body := []byte(`{"books":[` + strings.Repeat(`{"price":"0.5000","quantity":100,"orders":3},`, 80) + `{}],"seq":"123456"}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		entityTag(3, body)
	}
}
