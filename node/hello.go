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
	Rules       uint32    `json:"rules"` // the greatest version that it knows

	Generation uint8     `json:"generation"`
	Members    []founder `json:"members"`
	Last       uint64    `json:"last"` // index of the last entry in its log
	LastTerm   uint64    `json:"last_term"`
}

// introduce says who this node is.
func (m *member) introduce() helloAnswer {
	id := m.identity.Load()
	h := helloAnswer{Node: m.config.Node, Incarnation: id.Incarnation, First: id.First,
		Version: m.version, Region: m.config.Region, Rules: uint32(m.rules)}
	if r := m.shards.home(); r != nil {
		s := r.Status()
		h.Joined, h.Last, h.LastTerm = len(s.Members) > 0, s.Last, s.LastTerm
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
