package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// observe records a time of the call. Where the call is followed, the bucket that it falls into names its trace.
func (c *call) observe(o prometheus.Observer, d time.Duration) {
	if c.span != nil {
		if e, ok := o.(prometheus.ExemplarObserver); ok {
			e.ObserveWithExemplar(d.Seconds(), prometheus.Labels{"trace_id": c.span.SpanContext().TraceID().String()})
			return
		}
	}
	o.Observe(d.Seconds())
}

// endTrace tells what became of a call that is followed, and when its stages began and ended. What is between them, from router to
// state machine, has told of itself.
func (c *call) endTrace() {
	if c.span == nil {
		return
	}
	c.span.SetAttributes(attribute.String("http.route", c.endpoint.Path), attribute.String("http.request.method", c.endpoint.Method),
		attribute.Int("http.response.status_code", c.status), attribute.Int64("hustings.seq", int64(c.seq)))
	if c.status >= 500 {
		c.span.SetStatus(codes.Error, "")
	}
	if !c.submitted.IsZero() {
		t, ctx := c.s.tracer, c.r.Context()
		t.Past(ctx, stageRead, c.started, c.read)
		t.Past(ctx, stageValidate, c.read, c.submitted)
		t.Past(ctx, stageAnswer, c.replied, c.s.now())
	}
	c.span.End()
}
