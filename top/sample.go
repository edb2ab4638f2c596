// Package top shows what an exchange is doing, as a person reads it: throughput, latencies, queues, shards with their leaders, and
// the busiest markets. It knows only what nodes export as metrics; two samples of these make a board.
package top

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/hustings/hustings/client"
)

// Node is a node to look at.
type Node struct {
	Name   string // as it is shown
	Client *client.Client
}

// Sample is what all nodes exported at one time.
type Sample struct {
	At    time.Time
	Nodes []Reading
}

// Reading is what one node exported, or why it did not.
type Reading struct {
	Name     string
	Err      error
	Families map[string]*dto.MetricFamily
}

// Take asks all nodes at once. It fails if none answers.
func Take(ctx context.Context, nodes []Node) (Sample, error) {
	s := Sample{Nodes: make([]Reading, len(nodes))}
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() { s.Nodes[i] = read(ctx, n) })
	}
	all.Wait()
	s.At = time.Now()
	for _, r := range s.Nodes {
		if r.Err == nil {
			return s, nil
		}
	}
	return s, fmt.Errorf("no node tells what it measures: %w", s.Nodes[0].Err)
}

func read(ctx context.Context, n Node) (r Reading) {
	r.Name = n.Name
	page, err := n.Client.Send(ctx, client.Request{Method: http.MethodGet, Path: "/metrics"})
	if err == nil {
		r.Families, err = Parse(page)
	}
	r.Err = err
	return r
}

// Parse reads a page of metrics in Prometheus' text format.
func Parse(page []byte) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	return parser.TextToMetricFamilies(bytes.NewReader(page))
}

// label returns a label of a series.
func label(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

func has(m *dto.Metric, labels map[string]string) bool {
	for name, value := range labels {
		if label(m, name) != value {
			return false
		}
	}
	return true
}

func value(m *dto.Metric) float64 {
	switch {
	case m.GetCounter() != nil:
		return m.GetCounter().GetValue()
	case m.GetGauge() != nil:
		return m.GetGauge().GetValue()
	}
	return m.GetUntyped().GetValue()
}

// each visits the series of a family on all nodes that answer.
func (s *Sample) each(family string, visit func(node string, m *dto.Metric)) {
	for i := range s.Nodes {
		for _, m := range s.Nodes[i].Families[family].GetMetric() {
			visit(s.Nodes[i].Name, m)
		}
	}
}

// sum adds up over nodes: what each of them does by itself.
func (s *Sample) sum(family string, labels map[string]string) (total float64) {
	s.each(family, func(_ string, m *dto.Metric) {
		if has(m, labels) {
			total += value(m)
		}
	})
	return total
}

// byShard gives the greatest value of any node for each shard: of what all nodes tell, that of the one that is furthest.
func (s *Sample) byShard(family string) map[string]float64 {
	greatest := map[string]float64{}
	s.each(family, func(_ string, m *dto.Metric) {
		shard := label(m, "shard")
		greatest[shard] = max(greatest[shard], value(m))
	})
	return greatest
}

func (s *Sample) shards(family string) (total float64) {
	for _, v := range s.byShard(family) {
		total += v
	}
	return total
}
