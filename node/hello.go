package node

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/peer"
)

// helloAnswer is what a node says of itself. What it says of members and the log is of the home shard.
type helloAnswer struct {
	Node        uint16    `json:"node"`
	Incarnation uint64    `json:"incarnation"`
	First       []founder `json:"first"`
	Joined      bool      `json:"joined"` // it belongs to an exchange, or did
	Version     string    `json:"version"`
	Region      string    `json:"region"`
	Rules       uint32    `json:"rules"`            // the greatest version that it knows
	Begins      uint32    `json:"begins,omitempty"` // the one with which its exchange began, or would if it founded one; 0 leaves that to the operator

	Traces bool `json:"traces,omitempty"` // it takes requests that carry a trace

	Generation uint8     `json:"generation"`
	Members    []founder `json:"members"`
	Last       uint64    `json:"last"` // index of the last entry in its log
	LastTerm   uint64    `json:"last_term"`

	Others []logEnd  `json:"others,omitempty"` // how far it has the other shards' logs
	Seized []seizing `json:"seized,omitempty"` // who had to begin what anew when the generation began
	Groups []group   `json:"groups,omitempty"` // who belongs to the shards
}

// logEnd is the last entry that a node has of a shard's log.
type logEnd struct {
	Shard    exchange.ShardID `json:"shard"`
	Last     uint64           `json:"last"`
	LastTerm uint64           `json:"last_term"`
}

// more reports whether a node has more of a log than another one.
func (e logEnd) more(than logEnd) bool {
	return e.LastTerm > than.LastTerm || e.LastTerm == than.LastTerm && e.Last > than.Last
}

// home is how far the node has the home shard's log.
func (h *helloAnswer) home() logEnd { return logEnd{exchange.HomeShard, h.Last, h.LastTerm} }

// logs are how far the node has the logs of all shards.
func (h *helloAnswer) logs() []logEnd { return append([]logEnd{h.home()}, h.Others...) }

// introduce says who this node is.
func (m *member) introduce() helloAnswer {
	id := m.identity.Load()
	h := helloAnswer{Node: m.config.Node, Incarnation: id.Incarnation, First: id.First, Begins: id.Begins,
		Version: m.version, Region: m.config.Region, Rules: uint32(m.rules), Traces: true, Seized: id.Seized, Groups: m.groups()}
	if len(id.First) == 0 {
		h.Begins = uint32(m.rules)
	}
	for _, o := range m.shards.all() {
		if s := o.replica.Status(); o.id != exchange.HomeShard && s.Last > 0 {
			h.Others = append(h.Others, logEnd{o.id, s.Last, s.LastTerm})
		}
	}
	if r := m.shards.home(); r != nil {
		s := r.Status()
		h.Joined, h.Last, h.LastTerm = len(s.Members) > 0, s.Last, s.LastTerm
		if h.Joined {
			h.Begins = id.Begins
		}
		for _, o := range s.Members {
			h.Members = append(h.Members, founder{o.Replica.Node(), incarnation(o.Replica), o.Address})
			h.Generation = o.Replica.Generation()
		}
	}
	return h
}

// hello asks a node who it is.
func (m *member) hello(ctx context.Context, node uint16) (h helloAnswer, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	b, err := m.call(ctx, node, exchange.HomeShard, methodHello, nil)
	if err == nil {
		err = json.Unmarshal(b, &h)
	}
	if err == nil {
		m.mu.Lock()
		m.known[node] = h
		m.mu.Unlock()
	}
	return h, err
}

// call asks a node something about a shard.
func (m *member) call(ctx context.Context, node uint16, shard exchange.ShardID, method uint8, request []byte) ([]byte, error) {
	return m.mesh.Call(ctx, peer.Node(node), uint32(shard), method, request)
}
