package node_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/hustings/hustings/tracing"
	"github.com/hustings/hustings/tracing/collector"
)

// An order that is followed is seen at every stage from the gateway to the state machine, one within the other.
func TestAnOrderIsFollowed(t *testing.T) {
	ctx := bound(t)
	to := collector.Start(t)
	config := configOf(t.TempDir())
	config.Tracing = tracing.Config{Endpoint: to.URL, Ratio: 1}
	r := start(t, config)
	makeFirstTrade(t, ctx, r)
	exemplar(t, r)
	r.close(t)

	names, children := map[string]string{}, map[string][]string{}
	var order *spans.Span
	for _, s := range to.Spans() {
		names[string(s.SpanId)] = s.Name
		children[string(s.ParentSpanId)] = append(children[string(s.ParentSpanId)], s.Name)
		if s.Name == "placeOrder" {
			order = s
		}
		if s.EndTimeUnixNano < s.StartTimeUnixNano {
			t.Errorf("%s ended before it began", s.Name)
		}
	}
	if order == nil {
		t.Fatalf("no order among %v", names)
	}
	if diff := cmp.Diff([]string{"router", "read", "validation", "answer"}, children[string(order.SpanId)]); diff != "" {
		t.Errorf("stages of the request: %s", diff)
	}
	for id, name := range names {
		if name != "router" {
			continue
		}
		stages := strings.Join(children[id], " ")
		if strings.TrimPrefix(stages, "queue ") != "log apply" { // nothing waits in a queue that is just being emptied
			t.Errorf("stages of the log: %s", stages)
		}
	}
}

// exemplar checks that the metrics of a request which is followed name its trace.
func exemplar(t *testing.T, r *running) {
	t.Helper()
	req := must[*http.Request](t)(http.NewRequest(http.MethodGet, "http://"+r.AdminAddr()+"/metrics", nil))
	req.Header.Set("Accept", "application/openmetrics-text")
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page := string(must[[]byte](t)(io.ReadAll(resp.Body)))
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "hustings_order_to_trade_seconds_bucket") && strings.Contains(line, `# {trace_id="`) {
			return
		}
	}
	t.Error("no bucket of hustings_order_to_trade_seconds names a trace")
}

// A collector that is not there keeps nobody from trading or stopping.
func TestTracesNobodyTakes(t *testing.T) {
	config := configOf(t.TempDir())
	config.Tracing = tracing.Config{Endpoint: "http://127.0.0.1:1", Ratio: 1}
	r := start(t, config)
	makeFirstTrade(t, bound(t), r)
	r.close(t)
}
