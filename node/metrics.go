package node

import (
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/latency"
	"github.com/hustings/hustings/replica"
)

// metrics are what a node measures. Those of a shard are labelled with it.
type metrics struct {
	*prometheus.Registry
	stages  *prometheus.HistogramVec
	retries prometheus.Counter
	leaders *prometheus.CounterVec
	frozen  prometheus.Histogram
}

func newMetrics(version string) *metrics {
	m := &metrics{Registry: prometheus.NewRegistry()}
	m.stages = prometheus.NewHistogramVec(latency.Opts("hustings_log_stage_seconds",
		"Time that a stage of the replicated log took: queue, log (proposal to commit), apply and publish of an entry, fsync."),
		[]string{"shard", "stage"})
	m.retries = prometheus.NewCounter(prometheus.CounterOpts{Name: "hustings_router_retries_total",
		Help: "Submissions that were sent again because the leader changed."})
	m.leaders = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hustings_leader_changes_total",
		Help: "How often another replica than before has come to lead, as seen here since the start."}, shardLabels)
	m.frozen = prometheus.NewHistogram(latency.Opts("hustings_market_frozen_seconds",
		"Time that a market stood still when it moved from a shard led here to another one."))
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hustings_build_info",
		Help: "1, labelled with version, compiler and the greatest version of the rules that is known."}, []string{"version", "go", "rules"})
	info.WithLabelValues(version, runtime.Version(), strconv.Itoa(exchange.RulesVersion)).Set(1)
	m.MustRegister(m.stages, m.retries, m.leaders, m.frozen, info, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// moved is told how long a market stood still.
func (m *metrics) moved(stood time.Duration) { m.frozen.Observe(stood.Seconds()) }

// expiry tells when the certificate that is in use for something ends.
func expiry(use string, until func() time.Time) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hustings_certificate_expiry_timestamp_seconds",
		Help: "When the certificate in use ends, in seconds since 1970, by use: api, operator, peers.", ConstLabels: prometheus.Labels{"use": use}},
		func() float64 { return float64(until().Unix()) })
}

func shardLabel(id exchange.ShardID) string { return strconv.Itoa(int(id)) }

// observe makes what measures a command's way through the log of a shard. The time of the last fsync is kept for health.
func (m *metrics) observe(id exchange.ShardID, fsync *atomic.Int64) func(replica.Stage, time.Duration) {
	var stages [replica.Stages]prometheus.Observer
	for s := range replica.Stages {
		stages[s] = m.stages.WithLabelValues(shardLabel(id), s.String())
	}
	return func(s replica.Stage, d time.Duration) {
		stages[s].Observe(d.Seconds())
		if s == replica.StageFsync {
			fsync.Store(int64(d))
		}
	}
}

// countLeaders counts how often the leader of a shard changes.
func (n *Node) countLeaders(h *hosted) {
	changes := n.metrics.leaders.WithLabelValues(shardLabel(h.id))
	for before := replica.ID(0); ; {
		leader, changed := h.replica.Leader()
		if leader != 0 && before != 0 && leader != before {
			changes.Inc()
		}
		if leader != 0 {
			before = leader
		}
		select {
		case <-changed:
		case <-n.ctx.Done():
			return
		}
	}
}
