package node_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// healthPage is what a machine reads about health.
type healthPage struct {
	code   int
	Status string   `json:"status"`
	Reason string   `json:"reason"`
	Recent *float64 `json:"events_last_60s"`
	Checks []struct {
		Name      string  `json:"name"`
		Status    string  `json:"status"`
		LatencyMS float64 `json:"latency_ms"`
	} `json:"dependencies"`
}

func health(t *testing.T, ctx context.Context, addr, path string) (p healthPage) {
	t.Helper()
	req := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil))
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.Unmarshal(must[[]byte](t)(io.ReadAll(resp.Body)), &p); err != nil {
		t.Fatal(err)
	}
	p.code = resp.StatusCode
	return p
}

// failing returns the names of dependencies that are not well.
func (p healthPage) failing() (names []string) {
	for _, c := range p.Checks {
		if c.Status != "ok" {
			names = append(names, c.Name)
		}
	}
	return names
}

// A node says how everything that it needs is, and how long it took.
func TestDeepHealthNamesEveryDependency(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	makeFirstTrade(t, ctx, r)
	p := health(t, ctx, r.AdminAddr(), "/health/deep")
	var names []string
	for _, c := range p.Checks {
		names = append(names, c.Name)
	}
	if got := fmt.Sprint(names); p.code != 200 || p.Status != "ok" || p.Recent == nil || got != "[shard 1 majority shard 1 read model shard 1 disk]" {
		t.Errorf("%+v", p)
	}
	if p := health(t, ctx, r.Addr(), "/readyz?verbose"); p.code != 200 || len(p.Checks) != 3 {
		t.Errorf("%+v", p)
	}
}

// A node whose shard has no majority says that orders reach no leader, and which dependencies are to blame. It still answers, and
// says that it lives.
func TestHealthWithoutAMajority(t *testing.T) {
	ctx := bound(t)
	f := newFleet(t, 3)
	addr, admin := f.nodes[1].Addr(), f.nodes[1].AdminAddr()
	if p := health(t, ctx, addr, "/matching/health"); p.code != 200 {
		t.Fatalf("%+v", p)
	}
	f.nodes[2].close(t)
	f.nodes[3].close(t)
	var p healthPage
	for p = health(t, ctx, addr, "/matching/health"); p.code == 200; p = health(t, ctx, addr, "/matching/health") {
		select {
		case <-ctx.Done():
			t.Fatal("orders are said to reach a leader, and two of three nodes are gone")
		case <-time.After(5 * time.Millisecond):
		}
	}
	if p.Status != "no leader" || !strings.Contains(p.Reason, "shard 1") {
		t.Errorf("%+v", p)
	}
	for _, path := range []string{"/livez", "/health"} {
		if p := health(t, ctx, addr, path); p.code != 200 {
			t.Errorf("%s: %+v", path, p)
		}
	}
	for p = (healthPage{}); !strings.Contains(fmt.Sprint(p.failing()), "shard 1 majority"); p = health(t, ctx, admin, "/health/deep") {
		if ctx.Err() != nil {
			t.Fatalf("%+v", p)
		}
	}
	if p.code != 200 || p.Status != "degraded" || !strings.Contains(fmt.Sprint(p.failing()), "node 2") {
		t.Errorf("%+v", p)
	}
	f.restart(2)
	for p = health(t, ctx, addr, "/matching/health"); p.code != 200; p = health(t, ctx, addr, "/matching/health") {
		if ctx.Err() != nil {
			t.Fatalf("a majority is back: %+v", p)
		}
	}
}
