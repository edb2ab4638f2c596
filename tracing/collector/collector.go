// Package collector is an OpenTelemetry collector for tests: a real receiver of OTLP over HTTP that keeps what it is sent.
package collector

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	receive "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector keeps the spans that it was sent.
type Collector struct {
	URL  string
	mu   sync.Mutex
	kept []*spans.Span
}

// Start runs a collector until the test ends.
func Start(tb testing.TB) *Collector {
	c := &Collector{}
	s := httptest.NewServer(http.HandlerFunc(c.receive))
	tb.Cleanup(s.Close)
	c.URL = s.URL
	return c
}

func (c *Collector) receive(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/traces" || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	request, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.kept = append(c.kept, scope.GetSpans()...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf") // an empty body is an empty answer
}

func read(r *http.Request) (*receive.ExportTraceServiceRequest, error) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	request := &receive.ExportTraceServiceRequest{}
	return request, proto.Unmarshal(b, request)
}

// Spans returns what has come so far.
func (c *Collector) Spans() []*spans.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*spans.Span(nil), c.kept...)
}
