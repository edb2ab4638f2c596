package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config says what is followed and where it goes.
type Config struct {
	Endpoint string  // URL of a collector, such as http://127.0.0.1:4318; empty: nothing is followed
	Ratio    float64 // of the requests, 0 to 1
	// Trust has a request whose traceparent says so be followed as a part of its client's trace. Otherwise what clients say decides
	// nothing: a request that is followed names its client's trace as a link. Leave it off where clients are strangers.
	Trust   bool
	Version string       // of this program
	Node    uint16       // 0: the exchange is one node
	Log     *slog.Logger // is told what goes wrong on the way to the collector; nil: slog.Default()
}

// Check returns what is wrong with a configuration, or nil.
func (c *Config) Check() error {
	if c.Endpoint == "" {
		return nil
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("the collector's address %q is no URL: write one such as http://127.0.0.1:4318", c.Endpoint)
	}
	if !(c.Ratio >= 0 && c.Ratio <= 1) {
		return fmt.Errorf("the ratio of requests to follow is %v: it must be from 0 to 1", c.Ratio)
	}
	return nil
}

// Tracer follows requests. A nil *Tracer follows none. It may be used concurrently.
type Tracer struct {
	provider  *sdk.TracerProvider
	tracer    trace.Tracer
	threshold uint64 // a request whose draw is below it is followed
	trust     bool
}

// New returns a Tracer, nil if nothing is to be followed. Close it to send what is left.
func New(c Config) (*Tracer, error) {
	if err := c.Check(); err != nil || c.Endpoint == "" {
		return nil, err
	}
	log := c.Log
	if log == nil {
		log = slog.Default()
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are lost", "error", err) })) // of the whole process
	target := c.Endpoint
	if u, err := url.Parse(target); err == nil && (u.Path == "" || u.Path == "/") {
		target = u.JoinPath("v1/traces").String()
	}
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(target), otlptracehttp.WithTimeout(5*time.Second))
	if err != nil {
		return nil, fmt.Errorf("preparing to send traces: %w", err)
	}
	about := []attribute.KeyValue{attribute.String("service.name", "hustings"), attribute.String("service.version", c.Version)}
	if c.Node != 0 {
		about = append(about, attribute.Int("hustings.node", int(c.Node)))
	}
	p := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithSampler(sdk.AlwaysSample()), sdk.WithResource(resource.NewSchemaless(about...)))
	return &Tracer{provider: p, tracer: p.Tracer("github.com/hustings/hustings"), threshold: threshold(c.Ratio), trust: c.Trust}, nil
}

func threshold(ratio float64) uint64 {
	if ratio >= 1 {
		return math.MaxUint64
	}
	return uint64(ratio * math.MaxUint64)
}

// Close sends what is left, for as long as ctx allows.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("sending the last traces: %w", err)
	}
	return nil
}

var propagator propagation.TraceContext

// header is where a client names its trace (W3C Trace Context), as package http spells it.
const header = "Traceparent"

// Request decides whether a request is followed. If so it returns a context that carries the span, and the span; otherwise nil
// for both.
func (t *Tracer) Request(r *http.Request, name string) (context.Context, trace.Span) {
	if t == nil {
		return nil, nil
	}
	theirs := r.Header[header]
	drawn := rand.Uint64() < t.threshold || t.threshold == math.MaxUint64
	if !drawn && (theirs == nil || !t.trust) {
		return nil, nil
	}
	return t.begin(r, name, drawn)
}

func (t *Tracer) begin(r *http.Request, name string, drawn bool) (context.Context, trace.Span) {
	client := trace.SpanContextFromContext(propagator.Extract(context.Background(), propagation.HeaderCarrier(r.Header)))
	ctx := r.Context()
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer)}
	switch {
	case client.IsValid() && t.trust:
		if !client.IsSampled() && !drawn {
			return nil, nil
		}
		ctx = trace.ContextWithRemoteSpanContext(ctx, client)
	case !drawn: // what it named was no trace
		return nil, nil
	case client.IsValid():
		options = append(options, trace.WithLinks(trace.Link{SpanContext: client}))
	}
	return t.tracer.Start(ctx, name, options...)
}

// Within begins a span within that of a context. It is for contexts of Request and those made from them.
func (t *Tracer) Within(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	return t.tracer.Start(ctx, name, trace.WithAttributes(attributes...))
}

// Followed reports whether a context carries a span.
func (t *Tracer) Followed(ctx context.Context) bool {
	return t != nil && trace.SpanContextFromContext(ctx).IsSampled()
}

// Past adds a span, within that of a context, for what has happened already.
func (t *Tracer) Past(ctx context.Context, name string, begun, ended time.Time) {
	_, span := t.tracer.Start(ctx, name, trace.WithTimestamp(begun))
	span.End(trace.WithTimestamp(ended))
}

// CarriedSize is how many bytes Carry returns: trace 16, span 8, flags 1.
const CarriedSize = 25

// Carry returns what another node needs to go on following a request; nil if it is not followed.
func (t *Tracer) Carry(ctx context.Context) []byte {
	if !t.Followed(ctx) {
		return nil
	}
	of := trace.SpanContextFromContext(ctx)
	id, span := of.TraceID(), of.SpanID()
	return append(append(append(make([]byte, 0, CarriedSize), id[:]...), span[:]...), byte(of.TraceFlags()))
}

// Continue begins a span within one of another node, of which this is what Carry returned there. It returns the context as it is, and a
// span that nobody sees, where nothing is followed here or what came is none.
func (t *Tracer) Continue(ctx context.Context, carried []byte, name string) (context.Context, trace.Span) {
	if t == nil || len(carried) != CarriedSize {
		return ctx, trace.SpanFromContext(ctx)
	}
	of := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(carried[:16]), SpanID: trace.SpanID(carried[16:24]), TraceFlags: trace.TraceFlags(carried[24])})
	if !of.IsValid() || !of.IsSampled() {
		return ctx, trace.SpanFromContext(ctx)
	}
	return t.tracer.Start(trace.ContextWithRemoteSpanContext(ctx, of), name, trace.WithSpanKind(trace.SpanKindServer))
}
