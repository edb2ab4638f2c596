package node

import (
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
)

// metrics are what a node measures. Those of a shard are labelled with it.
type metrics struct {
	*prometheus.Registry
	stages  *prometheus.HistogramVec
	retries prometheus.Counter
	frozen  prometheus.Histogram
}

func newMetrics(version string) *metrics {
	m := &metrics{Registry: prometheus.NewRegistry()}
	m.stages = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "hustings_log_stage_seconds",
		Help: "Time that a stage of the replicated log took: queue, log (proposal to commit), apply and publish of an entry, fsync.",
		Buckets: []float64{1e-6, 5e-6, 20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3,
			0.1, 0.15, 0.2, 1},
	}, []string{"shard", "stage"})
	m.retries = prometheus.NewCounter(prometheus.CounterOpts{Name: "hustings_router_retries_total",
		Help: "Submissions that were sent again because the leader changed."})
	m.frozen = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "hustings_market_frozen_seconds",
		Help:    "Time that a market stood still when it moved from a shard led here to another one.",
		Buckets: []float64{1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 0.1, 0.2, 0.5, 1, 5}})
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hustings_build_info", Help: "1, labelled with version and compiler."},
		[]string{"version", "go"})
	info.WithLabelValues(version, runtime.Version()).Set(1)
	m.MustRegister(m.stages, m.retries, m.frozen, info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// moved is told how long a market stood still.
func (m *metrics) moved(stood time.Duration) { m.frozen.Observe(stood.Seconds()) }

func shardLabel(id exchange.ShardID) string { return strconv.Itoa(int(id)) }

// observe makes what measures a command's way through the log of a shard.
func (m *metrics) observe(id exchange.ShardID) func(replica.Stage, time.Duration) {
	var stages [replica.Stages]prometheus.Observer
	for s := range replica.Stages {
		stages[s] = m.stages.WithLabelValues(shardLabel(id), s.String())
	}
	return func(s replica.Stage, d time.Duration) { stages[s].Observe(d.Seconds()) }
}

// describe exports what a replica is and has.
func (m *metrics) describe(id exchange.ShardID, r *replica.Replica, b *breaker) {
	gauge := func(name, help string, value func() float64) {
		m.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help,
			ConstLabels: prometheus.Labels{"shard": shardLabel(id)}}, value))
	}
	gauge("hustings_leader", "1 while commands are accepted here.", func() float64 {
		if r.Leading() {
			return 1
		}
		return 0
	})
	gauge("hustings_shard_shut", "1 while commands are refused at once because the shard does not answer.", func() float64 {
		if b.IsOpen() {
			return 1
		}
		return 0
	})
	gauge("hustings_log_queue_ratio", "Share of the queue of the log that is taken.", r.QueueFill)
	gauge("hustings_journal_seq", "Seq of the newest event in the journal.", func() float64 { return float64(r.Journal().Last().Seq) })
	gauge("hustings_read_model_seq", "Seq of the newest event in the read model.", func() float64 { return float64(r.View().Seq()) })
	gauge("hustings_recovery_commands", "Commands replayed at the last start.", func() float64 { return float64(r.Recovery().Commands) })
	gauge("hustings_recovery_seconds", "Time that the last start took to read the snapshot and replay the log.", func() float64 {
		return (r.Recovery().SnapshotTime + r.Recovery().ReplayTime).Seconds()
	})
}
