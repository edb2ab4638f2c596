package gateway

import "github.com/prometheus/client_golang/prometheus"

// pool is something of which there is so much and no more.
type pool struct {
	name string
	most int64
	used func() int64
}

// pools lists all that a server has, so that an operator sees which one runs out.
func (s *Server) pools() []pool {
	places := func(c chan struct{}) func() int64 { return func() int64 { return int64(len(c)) } }
	return []pool{
		{"orders", s.orderGate.most, s.orderGate.inside.Load},
		{"cancels", int64(cap(s.cancelRoom)), places(s.cancelRoom)},
		{"logins", int64(cap(s.passwords.room)), places(s.passwords.room)},
		{"past_reads", int64(cap(s.moments)), places(s.moments)},
		{"unknown_credentials", int64(cap(s.strangers)), places(s.strangers)},
		{"public_connections", int64(s.maxConns), s.publicConns.Load},
		{"admin_connections", int64(s.maxConns), s.adminConns.Load},
	}
}

var (
	poolUsed = prometheus.NewDesc("hustings_pool_used", "Places of a bounded pool of the gateway that are taken.", []string{"pool"}, nil)
	poolSize = prometheus.NewDesc("hustings_pool_size", "Places that a bounded pool of the gateway has.", []string{"pool"}, nil)
)

// poolCollector exports the pools of a server.
type poolCollector struct{ *Server }

// Describe implements prometheus.Collector.
func (c poolCollector) Describe(out chan<- *prometheus.Desc) { out <- poolUsed; out <- poolSize }

// Collect implements prometheus.Collector.
func (c poolCollector) Collect(out chan<- prometheus.Metric) {
	for _, p := range c.pools() {
		out <- prometheus.MustNewConstMetric(poolUsed, prometheus.GaugeValue, float64(p.used()), p.name)
		out <- prometheus.MustNewConstMetric(poolSize, prometheus.GaugeValue, float64(p.most), p.name)
	}
}
