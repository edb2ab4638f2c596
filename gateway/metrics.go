package gateway

import (
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/latency"
)

// metrics counts requests by route and status, and measures each stage of a request from socket to answer. Nothing
// is counted by account: that would be as many series as there are accounts.
type metrics struct {
	requests *prometheus.CounterVec
	stages   *prometheus.HistogramVec
	unrouted prometheus.Counter
	replies  *prometheus.CounterVec
	codes    [256]atomic.Pointer[counter] // of replies, by exchange.Reject
	trades   prometheus.Histogram
	handler  http.Handler
}

// Stages of a request.
const (
	stageRead     = "read"       // authenticate, read the body from the socket
	stageValidate = "validation" // decode it strictly, encode commands
	stageSubmit   = "submit"     // queue, log, apply: until the replies are there
	stageAnswer   = "answer"     // write the answer
	stageTotal    = "total"
)

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hustings_http_requests_total", Help: "Requests answered, by route and HTTP status.",
		}, []string{"route", "status"}),
		stages: prometheus.NewHistogramVec(latency.Opts("hustings_http_stage_seconds",
			"Time that a stage of a request took, by route: read, validation, submit, answer, and total from the first byte to the last."),
			[]string{"route", "stage"}),
		unrouted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hustings_http_unrouted_total", Help: "Requests for a path or method that does not exist.",
		}),
		replies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hustings_commands_total", Help: "Commands that were replied to, by code: accepted, or why not.",
		}, []string{"code"}),
		trades: prometheus.NewHistogram(latency.Opts("hustings_order_to_trade_seconds",
			"Time from the arrival of a request to its answer, of those whose orders traded at once.")),
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}),
	}
	registry.MustRegister(m.requests, m.stages, m.unrouted, m.replies, m.trades)
	return m
}

// replied counts a reply.
func (m *metrics) replied(code exchange.Reject) {
	at := &m.codes[code]
	have := at.Load()
	if have == nil {
		have = &counter{m.replies.WithLabelValues(code.String())}
		at.Store(have)
	}
	have.Inc()
}

// routeMetrics holds the series of one route, so that a request looks none up. They are made by the first request.
type routeMetrics struct {
	all      *metrics
	name     string
	stages   atomic.Pointer[stageSeries]
	statuses [600]atomic.Pointer[counter]
}

type stageSeries struct{ read, validate, submit, answer, total prometheus.Observer }

type counter struct{ prometheus.Counter }

func (m *metrics) route(name string) *routeMetrics { return &routeMetrics{all: m, name: name} }

// observe records a call that was answered.
func (r *routeMetrics) observe(c *call) {
	s := r.stages.Load()
	if s == nil {
		of := func(stage string) prometheus.Observer { return r.all.stages.WithLabelValues(r.name, stage) }
		s = &stageSeries{of(stageRead), of(stageValidate), of(stageSubmit), of(stageAnswer), of(stageTotal)}
		r.stages.Store(s)
	}
	now := c.s.now()
	c.observe(s.total, now.Sub(c.started))
	if c.traded {
		c.observe(r.all.trades, now.Sub(c.started))
	}
	if !c.submitted.IsZero() {
		s.read.Observe(c.read.Sub(c.started).Seconds())
		s.validate.Observe(c.submitted.Sub(c.read).Seconds())
		s.submit.Observe(c.replied.Sub(c.submitted).Seconds())
		s.answer.Observe(now.Sub(c.replied).Seconds())
	}
	r.count(c.status)
}

func (r *routeMetrics) count(status int) {
	at := &r.statuses[status%len(r.statuses)]
	have := at.Load()
	if have == nil {
		have = &counter{r.all.requests.WithLabelValues(r.name, strconv.Itoa(status))}
		at.Store(have)
	}
	have.Inc()
}
