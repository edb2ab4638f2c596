package node_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/hustings/hustings/client"
)

var familyName = regexp.MustCompile(`fqName: "(hustings_[^"]*)"`)

// families returns the names of all families that a node exports, those without a series yet included.
func families(t *testing.T, registry *prometheus.Registry) (all []string) {
	t.Helper()
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		registry.Describe(descs)
	}()
	for d := range descs {
		if m := familyName.FindStringSubmatch(d.String()); m != nil {
			all = append(all, m[1])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// docs/metrics.md lists what a node exports, all of it and nothing else.
func TestEveryMetricIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	exported := families(t, newFleet(t, 2).nodes[1].Metrics())
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(hustings_[a-z0-9_]*)` \\|").FindAllStringSubmatch(string(page), -1) {
		documented = append(documented, m[1])
	}
	for _, name := range exported {
		if !slices.Contains(documented, name) {
			t.Errorf("docs/metrics.md does not have %s", name)
		}
	}
	for _, name := range documented {
		if !slices.Contains(exported, name) {
			t.Errorf("docs/metrics.md has %s, which is not exported", name)
		}
	}
	if len(exported) < 40 {
		t.Errorf("only %d families are exported: %s", len(exported), strings.Join(exported, " "))
	}
}

// The names and units are those that Prometheus wants.
func TestMetricsAreNamedWell(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	makeFirstTrade(t, ctx, r)
	problems, err := testutil.GatherAndLint(r.Metrics())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "hustings_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// Metrics tell a stranger how busy the exchange is, so the public address has them only if the operator wants that.
func TestMetricsAreNotPublic(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	if page, err := r.public.Send(ctx, client.Request{Method: http.MethodGet, Path: "/metrics"}); err == nil {
		t.Errorf("the public address has metrics: %.100s", page)
	}
	if page, err := r.public.Send(ctx, client.Request{Method: http.MethodGet, Path: "/health/deep"}); err == nil {
		t.Errorf("the public address tells how the dependencies are: %.100s", page)
	}
	r.close(t)
	config := configOf(t.TempDir())
	config.PublicMetrics = true
	r = start(t, config)
	if page := text(t, ctx, r.public, "/metrics"); !strings.Contains(page, "hustings_leader") {
		t.Errorf("the public address has no metrics: %.100s", page)
	}
}
