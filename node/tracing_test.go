package node_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/node"
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

// An order that is followed where it comes in is followed at the node that leads, too.
func TestAnOrderIsFollowedToTheLeader(t *testing.T) {
	ctx := bound(t)
	to := collector.Start(t)
	f := newFleetOf(t, 2, func(c *node.Config) { c.Tracing = tracing.Config{Endpoint: to.URL, Ratio: float64(c.Cluster.Node - 1)} })
	led := func() (term uint64) { // by node 1, which follows nothing by itself
		for {
			if s := f.status(ctx, 1, "led", func(s api.ClusterShard) bool { return s.Leader != 0 }); s.Leader == 1 {
				return s.Term
			}
			if _, err := f.nodes[1].admin.HandOver(ctx, 1); err != nil && ctx.Err() != nil {
				t.Fatal(err)
			}
		}
	}
	market := must[api.MarketAnswer](t)(f.nodes[2].admin.CreateMarket(ctx, "m", question)).Market
	token, _ := trader(t, ctx, f.nodes[2].public, "ada")
	for n, stood := 0, false; !stood; n++ { // until nobody else led while an order was placed
		term := led()
		must[api.OrderAnswer](t)(f.nodes[2].public.As(token).Place(ctx, market, fmt.Sprint("order-", n), api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 100, Quantity: 1}))
		stood = led() == term
	}
	for _, r := range f.nodes {
		r.close(t)
	}
	all, seen := to.Spans(), []string(nil)
	for _, order := range all {
		if order.Name != "placeOrder" {
			continue
		}
		got := stages(all, order, "router", "leader")
		if strings.TrimPrefix(got, "queue ") == "log apply" {
			return
		}
		seen = append(seen, got)
	}
	t.Errorf("stages of orders at the leader: %q", seen)
}

// stages are the names of the spans within the one to which a path of names leads.
func stages(all []*spans.Span, of *spans.Span, path ...string) string {
	var names []string
	for _, s := range all {
		if string(s.ParentSpanId) != string(of.SpanId) || string(s.TraceId) != string(of.TraceId) {
			continue
		}
		if len(path) > 0 && s.Name == path[0] {
			return stages(all, s, path[1:]...)
		}
		names = append(names, s.Name)
	}
	if len(path) > 0 {
		return "nothing is named " + path[0]
	}
	return strings.Join(names, " ")
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
