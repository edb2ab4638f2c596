package node

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/peer"
)

// A founder whose program leaves the rules to the operator, and one that has founded the exchange already, decide with which rules it
// begins.
func TestBeginsAsTheFoundersSay(t *testing.T) {
	dir := t.TempDir()
	if err := peer.MakeAuthority(dir); err != nil {
		t.Fatal(err)
	}
	var says [4]atomic.Value // map[string]any, by node
	m := &member{config: &Cluster{Node: 1, Listen: "one", Members: []Member{{Node: 1, Address: "one"}}}, rules: 4, known: map[uint16]helloAnswer{},
		shards: new(table), log: slog.New(slog.DiscardHandler)}
	m.identity.Store(&identity{Incarnation: 11})
	peers := map[peer.Node]string{}
	for n := peer.Node(2); n <= 3; n++ {
		other, address := openMesh(t, dir, n, answering(func(context.Context, []byte) ([]byte, error) { return json.Marshal(says[n].Load()) }))
		t.Cleanup(func() { other.Close() })
		m.config.Members = append(m.config.Members, Member{Node: uint16(n), Address: address})
		peers[n] = address
	}
	here, _ := openMesh(t, dir, 1, answering(nil))
	t.Cleanup(func() { here.Close() })
	here.SetPeers(peers)
	m.mesh = here
	for name, c := range map[string]struct {
		two, three map[string]any
		begins     uint32
		founders   int // 0: it is not to be founded by this node
	}{
		"all know the same":         {map[string]any{"rules": 4, "begins": 4}, map[string]any{"rules": 4, "begins": 4}, 4, 3},
		"one knows less":            {map[string]any{"rules": 4, "begins": 4}, map[string]any{"rules": 3, "begins": 3}, 3, 3},
		"one knows more":            {map[string]any{"rules": 5, "begins": 5}, map[string]any{"rules": 4, "begins": 4}, 4, 3},
		"one has an old program":    {map[string]any{"rules": 4, "begins": 4}, map[string]any{"rules": 4}, 0, 3},
		"founded with this node":    {map[string]any{"rules": 4, "begins": 2, "first": []founder{{Node: 1, Incarnation: 11}, {Node: 2}}}, nil, 2, 2},
		"founded by an old program": {map[string]any{"rules": 4, "first": []founder{{Node: 1, Incarnation: 11}, {Node: 2}}}, nil, 0, 2},
		"founded without this node": {map[string]any{"rules": 4, "begins": 3, "first": []founder{{Node: 1, Incarnation: 12}}}, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			says[2].Store(c.two)
			says[3].Store(c.three)
			var s survey
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
				if s = m.survey(t.Context()); len(s.waiting) == 0 {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("%v do not answer", s.waiting)
				}
			}
			if s.begins != c.begins || len(s.first) != c.founders || (s.others != nil) != (c.founders == 0) {
				t.Errorf("begins with %d and %d founders, others %+v", s.begins, len(s.first), s.others)
			}
		})
	}
}
