package tracing_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/hustings/hustings/tracing"
	"github.com/hustings/hustings/tracing/collector"
)

const theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func request(parent string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if parent != "" {
		r.Header.Set("traceparent", parent)
	}
	return r
}

// Which requests are followed, and as a part of whose trace.
func TestWhoIsFollowed(t *testing.T) {
	const unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
	for _, c := range []struct {
		name     string
		ratio    float64
		trust    bool
		parent   string
		followed bool
		child    bool // of the client's trace
		links    int
	}{
		{"nobody", 0, false, "", false, false, 0},
		{"everybody", 1, false, "", true, false, 0},
		{"a stranger decides nothing", 0, false, theirs, false, false, 0},
		{"a stranger's trace is a link", 1, false, theirs, true, false, 1},
		{"a trusted client decides", 0, true, theirs, true, true, 0},
		{"a trusted client that does not want it", 0, true, unsampled, false, false, 0},
		{"nonsense", 0, true, "00-nonsense-01", false, false, 0},
		{"nonsense, followed anyway", 1, false, "00-nonsense-01", true, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := collector.Start(t)
			tracer, err := tracing.New(tracing.Config{Endpoint: to.URL, Ratio: c.ratio, Trust: c.trust})
			if err != nil {
				t.Fatal(err)
			}
			ctx, span := tracer.Request(request(c.parent), "placeOrder")
			if (span != nil) != c.followed || tracer.Followed(context.Background()) {
				t.Fatalf("followed: %v", span != nil)
			}
			if span != nil {
				if !tracer.Followed(ctx) {
					t.Error("the context does not say so")
				}
				span.End()
			}
			if err := tracer.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			spans := to.Spans()
			if !c.followed {
				if len(spans) != 0 {
					t.Errorf("%v", spans)
				}
				return
			}
			s := spans[0]
			child := trace.TraceID(s.TraceId).String() == strings.Split(theirs, "-")[1]
			if len(spans) != 1 || s.Name != "placeOrder" || child != c.child || len(s.Links) != c.links {
				t.Errorf("%v", spans)
			}
		})
	}
}

// A trace goes on at another node, and nowhere else than where it was told of.
func TestTraceIsCarried(t *testing.T) {
	to := collector.Start(t)
	here, there := must(tracing.New(tracing.Config{Endpoint: to.URL, Ratio: 1})), must(tracing.New(tracing.Config{Endpoint: to.URL}))
	ctx, span := here.Request(request(""), "placeOrder")
	carried := here.Carry(ctx)
	if len(carried) != tracing.CarriedSize || here.Carry(t.Context()) != nil {
		t.Fatalf("%x is carried", carried)
	}
	further, inner := there.Continue(t.Context(), carried, "leader")
	if !there.Followed(further) {
		t.Error("it is not followed there")
	}
	inner.End()
	unsampled := append([]byte(nil), carried...)
	unsampled[tracing.CarriedSize-1] = 0
	for _, nothing := range [][]byte{nil, carried[1:], make([]byte, tracing.CarriedSize), unsampled} {
		if ctx, span := there.Continue(t.Context(), nothing, "leader"); there.Followed(ctx) || span.IsRecording() {
			t.Errorf("%x is followed", nothing)
		}
	}
	if ctx, span := (*tracing.Tracer)(nil).Continue(t.Context(), carried, "leader"); ctx != t.Context() || span.IsRecording() {
		t.Error("it is followed where nothing is")
	}
	span.End()
	for _, tracer := range []*tracing.Tracer{here, there} {
		if err := tracer.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	parents := map[string]string{}
	for _, s := range to.Spans() {
		parents[s.Name] = fmt.Sprintf("%x %x", s.TraceId, s.ParentSpanId)
	}
	of := span.SpanContext()
	if len(parents) != 2 || parents["leader"] != fmt.Sprint(of.TraceID(), " ", of.SpanID()) {
		t.Errorf("%v within %v", parents, of)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []tracing.Config{{Endpoint: "localhost:4318"}, {Endpoint: "ftp://x"}, {Endpoint: "http://x", Ratio: 2}, {Endpoint: "http://x", Ratio: -1}} {
		if _, err := tracing.New(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	if tracer, err := tracing.New(tracing.Config{Ratio: 0.5}); tracer != nil || err != nil {
		t.Errorf("without a collector: %v, %v", tracer, err)
	}
}

// A request that is not followed costs no memory.
func TestNotFollowingAllocatesNothing(t *testing.T) {
	for _, tracer := range []*tracing.Tracer{nil, must(tracing.New(tracing.Config{Endpoint: "http://127.0.0.1:1"}))} {
		r := request(theirs)
		if n := testing.AllocsPerRun(100, func() {
			if ctx, _ := tracer.Request(r, "placeOrder"); ctx != nil || tracer.Followed(r.Context()) || tracer.Carry(r.Context()) != nil {
				t.Fatal("followed")
			}
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func BenchmarkNotFollowed(b *testing.B) {
	tracer := must(tracing.New(tracing.Config{Endpoint: "http://127.0.0.1:1", Ratio: 1e-9}))
	r := request(theirs)
	b.ReportAllocs()
	for b.Loop() {
		tracer.Request(r, "placeOrder")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
