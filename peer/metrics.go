package peer

import "github.com/prometheus/client_golang/prometheus"

var (
	peerLabel   = []string{"peer"}
	linksDesc   = prometheus.NewDesc("hustings_peer_links", "Links with a node that are up, in both directions; 6 if all is well.", peerLabel, nil)
	queueDesc   = prometheus.NewDesc("hustings_peer_queue_bytes", "Bytes that wait to be sent to a node.", peerLabel, nil)
	sentDesc    = prometheus.NewDesc("hustings_peer_sent_bytes_total", "Bytes of frames sent on links to a node.", peerLabel, nil)
	recvDesc    = prometheus.NewDesc("hustings_peer_received_bytes_total", "Bytes of frames received on links with a node.", peerLabel, nil)
	droppedDesc = prometheus.NewDesc("hustings_peer_dropped_messages_total", "Messages to a node that were not sent.", peerLabel, nil)
)

// collector reads the metrics where they are kept, so that a message counts nothing twice.
type collector struct{ m *Mesh }

func (collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{linksDesc, queueDesc, sentDesc, recvDesc, droppedDesc} {
		out <- d
	}
}

func (c collector) Collect(out chan<- prometheus.Metric) {
	for _, r := range c.m.all() {
		n := r.node.String()
		gauge := func(d *prometheus.Desc, v int) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), n)
		}
		count := func(d *prometheus.Desc, v uint64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), n)
		}
		gauge(linksDesc, r.up())
		gauge(queueDesc, r.queued())
		count(sentDesc, r.sent.Load())
		count(recvDesc, r.received.Load())
		count(droppedDesc, r.dropped.Load())
	}
}
