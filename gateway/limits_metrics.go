package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/guard"
)

// registerLimits exports what the guard does.
func registerLimits(registry *prometheus.Registry, g *guard.Guard, held *gate, now func() time.Time) {
	counter := func(name, help string, labels prometheus.Labels, value func() uint64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels},
			func() float64 { return float64(value()) }))
	}
	gauge := func(name, help string, labels prometheus.Labels, value func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, value))
	}
	for c := range guard.Class(guard.Classes) {
		for r := guard.RateLimited; r < guard.Reasons; r++ {
			counter("hustings_limits_refused_total", "Requests refused by a limit, by class and reason.",
				prometheus.Labels{"class": c.String(), "reason": r.String()}, func() uint64 { return g.Refused(c, r) })
		}
		counter("hustings_limits_penalties_total", "Times that somebody was put into the penalty box.",
			prometheus.Labels{"class": c.String()}, func() uint64 { return g.Penalties(c) })
	}
	for i, size := range g.Sizes() {
		labels := prometheus.Labels{"table": size.Name}
		gauge("hustings_limits_entries", "Accounts, keys and addresses that are remembered.", labels,
			func() float64 { return float64(g.Sizes()[i].Entries) })
		counter("hustings_limits_evictions_total", "Entries that gave way to others.", labels,
			func() uint64 { return g.Sizes()[i].Evicted })
	}
	counter("hustings_limits_connections_refused_total", "Connections of addresses that had too many.", nil, g.ConnsRefused)
	gauge("hustings_limits_held_answers", "Refusals that are held back now.", nil, func() float64 { return float64(held.inside.Load()) })
	gauge("hustings_load_ratio", "How loaded the exchange is: 1 is as much as it can bear.", nil, func() float64 {
		load, _ := g.Load(now(), guard.Standard)
		return load
	})
	for t := range guard.Tier(guard.Tiers) {
		gauge("hustings_admitted_ratio", "Share of its rate that a tier is granted under the load.", prometheus.Labels{"tier": t.String()},
			func() float64 {
				_, share := g.Load(now(), t)
				return share
			})
	}
}
