package gateway

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/hustings/hustings/api"
)

// Whatever a query has, it is refused in a way that can be shown, or every reader of it stays within its bounds.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"limit=5&cursor=AQ", "q=%ff", "sort=newest&status=open", "time=2026-11-03T21:47:00Z&depth=1000", "seq=7&fresh=true", "a;b", "limit=5&limit=6", "%zz"} {
		f.Add(q)
	}
	e := &endpoint{Route: api.Route{Query: []api.Param{{Name: "limit"}, {Name: "cursor"}, {Name: "q"}, {Name: "sort"}, {Name: "status"}, {Name: "time"}, {Name: "depth"}, {Name: "market"}}}}
	f.Fuzz(func(t *testing.T, raw string) {
		c := &call{endpoint: e, r: &http.Request{URL: &url.URL{RawQuery: raw}, Header: http.Header{}}}
		if _, p := c.checkQuery(); p != nil {
			checkProblem(t, p)
			return
		}
		q := c.query()
		limit, depth, market := q.limit(), q.number("depth", api.MaxLevels, api.BookLevels), q.id("market", 1<<32-1)
		at, sort, cursor := q.time("time"), q.word("sort", 0, marketSorts...), q.cursor(2)
		if q.problem != nil {
			checkProblem(t, q.problem)
			return
		}
		if limit < 1 || limit > api.MaxPage || depth < 1 || depth > api.MaxLevels || market > 1<<32-1 || at < 0 || sort >= len(marketSorts) || len(cursor) != 2 {
			t.Fatalf("%q: %d %d %d %d %d %v", raw, limit, depth, market, at, sort, cursor)
		}
	})
}

// Headers are read or refused; what is read is what it may be.
func FuzzHeaders(f *testing.F) {
	f.Add("Bearer pm_AAAA", "key-1", `"3"`, "application/json; charset=utf-8")
	f.Add("bearer  x", "\x00", `W/"3-xJC-oEI3J_4Dw-ON-EKz"`, "application/json;;")
	f.Fuzz(func(t *testing.T, authorization, key, match, media string) {
		h := http.Header{"Authorization": {authorization}, api.HeaderKey: {key}, "If-Match": {match}, "Content-Type": {media}}
		if token := bearer(h); len(token) > len(authorization) {
			t.Fatalf("%q of %q", token, authorization)
		} else if _, ok := hashSecret(token); ok && len(token) != secretLen {
			t.Fatalf("%q can be a secret", token)
		}
		if k, p := headerKey(h); p != nil {
			checkProblem(t, p)
		} else if k != key || !printable([]byte(k)) {
			t.Fatalf("%q of %q", k, key)
		}
		if v, p := ifMatch(h, true); p != nil {
			checkProblem(t, p)
		} else if v == 0 {
			t.Fatalf("%q is no version", match)
		}
		if p := checkMediaType(h); p != nil {
			checkProblem(t, p)
		}
	})
}
