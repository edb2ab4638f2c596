package peer

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	a := authority(t)
	m := start(t, Config{Self: 1, Credentials: certify(t, a, 1), Handler: newRecorder(), Registerer: registry})
	conn, _ := rawLink(t, certify(t, a, 2), m.address(), hello{version, forMessages, 2, 1})
	conn.Write(frame(header{kind: kindMessage}, make([]byte, 80)))
	want := map[string]float64{
		"hustings_peer_links": 1, "hustings_peer_queue_bytes": 0, "hustings_peer_sent_bytes_total": 0,
		"hustings_peer_received_bytes_total": 100, "hustings_peer_dropped_messages_total": 1,
	}
	eventually(t, func() bool { return m.find(2) != nil && m.find(2).received.Load() == 100 }, func() string { return "nothing came" })
	m.Send(2, 0, nil) // there is no link to it
	families, err := registry.Gather()
	if err != nil || len(families) != len(want) {
		t.Fatalf("%v, %v", families, err)
	}
	for _, f := range families {
		s := f.Metric[0]
		if got := s.GetGauge().GetValue() + s.GetCounter().GetValue(); got != want[f.GetName()] || s.Label[0].GetValue() != "2" {
			t.Errorf("%v, want %v", f, want[f.GetName()])
		}
	}
	m.Close()
	if families, _ = registry.Gather(); len(families) != 0 {
		t.Errorf("after the end: %v", families)
	}
}
