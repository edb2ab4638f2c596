package feed

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/latency"
)

// metrics are what a feed measures.
type metrics struct {
	connections   prometheus.Counter
	subscriptions prometheus.Gauge
	messages      prometheus.Counter
	bytes         prometheus.Counter
	writes        prometheus.Counter
	images        prometheus.Counter
	gaps          prometheus.Counter
	latency       prometheus.Histogram
	markets       prometheus.Gauge
	streams       prometheus.Gauge
	waiting       prometheus.Gauge
}

func newMetrics(r *prometheus.Registry, f *Feed) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "hustings_feed_" + name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "hustings_feed_" + name, Help: help})
	}
	m := &metrics{
		connections:   counter("connections_opened_total", "Connections that were opened."),
		subscriptions: gauge("subscriptions", "Subscriptions: a channel of a market, or an account, of one connection each."),
		messages:      counter("messages_total", "Messages that were encoded, however many got them."),
		bytes:         counter("sent_bytes_total", "Bytes that were written to connections."),
		writes:        counter("writes_total", "Calls that wrote them."),
		images:        counter("beginnings_total", "Images and other beginnings of subscriptions that were sent, those after a gap included."),
		gaps:          counter("gaps_total", "Subscriptions that had to begin anew because their connection was too slow."),
		latency: prometheus.NewHistogram(latency.Opts("hustings_feed_latency_seconds",
			"Time from when an event was committed to when its message was written to all connections of a lane.")),
		markets: gauge("markets", "Markets that are followed."),
		streams: gauge("streams", "Streams that somebody gets."),
		waiting: gauge("queue_records", "Records of journals that wait for the feed."),
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hustings_feed_connections", Help: "Connections that are open."},
		func() float64 { return float64(f.open.Load()) })
	r.MustRegister(m.connections, m.subscriptions, m.messages, m.bytes, m.writes, m.images, m.gaps, m.latency, m.markets, m.streams, m.waiting, open)
	return m
}

// levels brings the gauges up to date that are not counted as they change.
func (m *metrics) levels(f *Feed) {
	m.markets.Set(float64(len(f.markets)))
	m.streams.Set(float64(len(f.streams)))
	waiting := 0
	for _, in := range f.inlets {
		in.mu.Lock()
		waiting += len(in.waiting)
		in.mu.Unlock()
		waiting += len(in.held)
	}
	m.waiting.Set(float64(waiting))
}
