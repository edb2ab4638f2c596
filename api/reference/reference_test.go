package reference

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
)

func page(t *testing.T, path string) *Page {
	t.Helper()
	all, err := Pages()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Path == path {
			return &all[i]
		}
	}
	t.Fatalf("there is no %s", path)
	return nil
}

// Every route and every code is there, under the anchor that others link to.
func TestEverythingIsThere(t *testing.T) {
	routes, errors := string(page(t, api.PathDocs).Body), string(page(t, api.PathErrors).Body)
	for _, r := range api.Routes() {
		if !strings.Contains(routes, `id="`+r.Name+`"`) || !strings.Contains(routes, "<code>"+r.Path+"</code>") {
			t.Errorf("%s is not on the page", r.Name)
		}
	}
	for _, e := range api.Catalogue() {
		path, anchor, _ := strings.Cut(api.ProblemURI(e.Code), "#")
		if path != api.PathErrors || !strings.Contains(errors, `id="`+anchor+`"`) {
			t.Errorf("the type of %s leads nowhere", e.Code)
		}
	}
}

var (
	idOf    = regexp.MustCompile(` id="([^"]+)"`)
	linkOf  = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	scripts = regexp.MustCompile(`<script[^>]*>[^<]|<style| style="| on[a-z]+="`)
)

// Links lead somewhere, ids are there once, and nothing comes from elsewhere or needs more than the policy allows.
func TestPagesAreSound(t *testing.T) {
	all, err := Pages()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]map[string]bool{}
	for _, p := range all {
		ids[p.Path] = map[string]bool{}
		for _, m := range idOf.FindAllStringSubmatch(string(p.Body), -1) {
			if strings.HasPrefix(p.ContentType, "text/html") && ids[p.Path][m[1]] {
				t.Errorf("%s has the id %s twice", p.Path, m[1])
			}
			ids[p.Path][m[1]] = true
		}
	}
	for _, p := range all {
		if z, err := gzip.NewReader(bytes.NewReader(p.Gzipped)); err != nil {
			t.Error(err)
		} else if b, err := io.ReadAll(z); err != nil || !bytes.Equal(b, p.Body) {
			t.Errorf("%s is not what it is when compressed: %v", p.Path, err)
		}
		if !strings.HasPrefix(p.ContentType, "text/html") {
			continue
		}
		if found := scripts.FindString(string(p.Body)); found != "" {
			t.Errorf("%s has %s, which its policy does not allow", p.Path, found)
		}
		for _, m := range linkOf.FindAllStringSubmatch(string(p.Body), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if path == "" {
				path = p.Path
			}
			if known, there := ids[path]; !there || anchor != "" && !known[anchor] {
				t.Errorf("%s links to %s, which is not there", p.Path, m[1])
			}
		}
	}
}

// A real browser shows the pages: the script runs under the policy, a search leaves what fits, and nothing is complained about.
func TestInABrowser(t *testing.T) {
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
		}
	}
	if browser == "" {
		t.Skip("no Chromium is installed")
	}
	all, err := Pages()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, p := range all {
		mux.HandleFunc("GET "+p.Path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", p.ContentType)
			w.Header().Set("Content-Security-Policy", Policy)
			_, _ = w.Write(p.Body)
		})
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	open := func(path string) string {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
			"--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom", server.URL+path)
		var out, complaints bytes.Buffer
		c.Stdout, c.Stderr = &out, &complaints
		if err := c.Run(); err != nil {
			t.Skipf("the browser does not run here: %v\n%s", err, complaints.String())
		}
		for line := range strings.Lines(complaints.String()) {
			if strings.Contains(line, "CONSOLE") {
				t.Errorf("%s: %s", path, line)
			}
		}
		return out.String()
	}
	routes := open(api.PathDocs + "?q=dead-mans-switch#setDeadMansSwitch")
	for _, want := range []string{`<details id="setDeadMansSwitch" data-entry="" open="">`, `<details id="register" data-entry="" hidden="">`, ` found</output>`} {
		if !strings.Contains(routes, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if errors := open(api.PathErrors + "?q=post-only"); !strings.Contains(errors, `id="post_only_crosses" data-entry="">`) ||
		!strings.Contains(errors, `id="name_taken" data-entry="" hidden="">`) {
		t.Error("a search of the errors does not leave what fits")
	}
}
