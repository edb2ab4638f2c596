package gateway

import (
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts requests by route and status, and measures each stage of a request from socket to answer. Nothing
// is counted by account: that would be as many series as there are accounts.
type metrics struct {
	requests *prometheus.CounterVec
	stages   *prometheus.HistogramVec
	unrouted prometheus.Counter
	handler  http.Handler
}

// Stages of a request.
const (
	stageRead   = "read"   // authenticate, read the body, decode, encode commands
	stageSubmit = "submit" // queue, log, apply: until the replies are there
	stageAnswer = "answer" // write the answer
	stageTotal  = "total"
)

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hustings_http_requests_total", Help: "Requests answered, by route and HTTP status.",
		}, []string{"route", "status"}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hustings_http_stage_seconds", Help: "Time that a stage of a request took, by route.",
			Buckets: []float64{10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 1, 5},
		}, []string{"route", "stage"}),
		unrouted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hustings_http_unrouted_total", Help: "Requests for a path or method that does not exist.",
		}),
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	registry.MustRegister(m.requests, m.stages, m.unrouted)
	return m
}

// routeMetrics holds the series of one route, so that a request looks none up. They are made by the first request.
type routeMetrics struct {
	all      *metrics
	name     string
	stages   atomic.Pointer[stageSeries]
	statuses [600]atomic.Pointer[counter]
}

type stageSeries struct{ read, submit, answer, total prometheus.Observer }

type counter struct{ prometheus.Counter }

func (m *metrics) route(name string) *routeMetrics { return &routeMetrics{all: m, name: name} }

// observe records a call that was answered.
func (r *routeMetrics) observe(c *call) {
	s := r.stages.Load()
	if s == nil {
		of := func(stage string) prometheus.Observer { return r.all.stages.WithLabelValues(r.name, stage) }
		s = &stageSeries{of(stageRead), of(stageSubmit), of(stageAnswer), of(stageTotal)}
		r.stages.Store(s)
	}
	now := c.s.now()
	s.total.Observe(now.Sub(c.started).Seconds())
	if !c.submitted.IsZero() {
		s.read.Observe(c.submitted.Sub(c.started).Seconds())
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
