package attacks

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/reference"
	"github.com/hustings/hustings/feed"
	"github.com/hustings/hustings/gateway"
)

// beside are the paths that a listener serves beside the routes of the API.
func beside(t *testing.T, l api.Listener) []string {
	t.Helper()
	pages, err := reference.Pages()
	if err != nil {
		t.Fatal(err)
	}
	paths := gateway.Probes(l)
	for i := range pages {
		paths = append(paths, pages[i].Path)
	}
	if l == api.Public {
		paths = append(paths, feed.HealthPath)
	}
	return paths
}

// What is served beside the routes needs no credential, looks at none, changes nothing, shows nothing of anybody, and is nowhere else.
func TestBesideTheRoutes(t *testing.T) {
	g := newGround(t)
	before := g.count()
	addrs := map[api.Listener]string{api.Public: g.Addr(), api.Admin: g.AdminAddr()}
	var names []string
	for l, addr := range addrs {
		do := func(path, method, uri, body string, header http.Header) (status int, answered string) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+uri, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = header
			res, err := g.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			g.requests[path]++
			g.statuses[res.StatusCode]++
			if res.StatusCode >= 500 {
				t.Errorf("%s %s: %d %s", method, uri, res.StatusCode, b)
			}
			return res.StatusCode, string(b)
		}
		paths := beside(t, l)
		for _, path := range paths {
			status, good := do(path, "GET", path, "", nil)
			if status != 200 {
				t.Errorf("%s: %d %s", path, status, good)
			}
			for _, secret := range []string{g.ada.key, g.ada.session, g.AdminKey(), "Bearer pm_" + g.ada.key[3:10]} {
				if strings.Contains(good, secret) {
					t.Errorf("%s shows a credential", path)
				}
			}
			for _, header := range []http.Header{
				{"Authorization": {"Bearer pm_wrong"}}, {"Authorization": {"Bearer " + g.AdminKey()}}, {"Authorization": {"a", "b"}}, {"Range": {"bytes=0-0,-1,5-"}},
				{"Accept-Encoding": {"gzip;q=0, *"}}, {"If-None-Match": {strings.Repeat(`"x",`, 2_000)}}, {"X-Http-Method-Override": {"DELETE"}},
				{"X-Original-Url": {"/api/admin/accounts"}}, {"Cookie": {strings.Repeat("a=b;", 1_000)}}, {"Content-Length": {"0"}},
			} {
				if status, body := do(path, "GET", path, "", header); status != 200 || strings.Contains(body, `"accounts":[`) {
					t.Errorf("%s with %.80v: %d %.200s", path, header, status, body)
				}
			}
			for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"} {
				if status, body := do(path, method, path, `{"status":"draining"}`, nil); status != 404 && status != 405 {
					t.Errorf("%s %s: %d %s", method, path, status, body)
				}
			}
			for _, uri := range []string{"/" + path, path + "/", path + "/x", "/x/.." + path, path + "%00", path + "%2f", path + "/..;/", strings.ToUpper(path)} {
				if status, body := do(path, "GET", uri, "", nil); status != 404 && !slices.Contains(paths, uri) {
					t.Errorf("%s: %d %.200s", uri, status, body)
				}
			}
			for _, query := range []string{"a=1&a=2", "%zz", "verbose=%00", strings.Repeat("x", 8_000)} {
				if status, body := do(path, "GET", path+"?"+query, "", nil); status != 200 {
					t.Errorf("%s?%.80s: %d %s", path, query, status, body)
				}
			}
		}
		for _, path := range beside(t, api.Admin+api.Public-l) {
			if status, body := do(path, "GET", path, "", nil); !slices.Contains(paths, path) && status != 404 {
				t.Errorf("%s at the other address: %d %.200s", path, status, body)
			}
		}
		for _, path := range paths {
			if !slices.Contains(names, path) {
				names = append(names, path)
			}
		}
	}
	if o := take[api.Order](g, "getOrder", request{token: g.ada.key}); o.Status != api.StatusOpen {
		t.Errorf("ada's order was touched: %+v", o)
	}
	g.coveredNames("beside the routes", "paths", names, before)
}
