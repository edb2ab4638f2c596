package node

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
)

// Methods of the calls between nodes. All but the first are about a shard.
const (
	methodHello  uint8 = iota + 1 // who are you
	methodSubmit                  // package router
	methodStatus                  // of the shard, by its leader
	methodChange                  // of the members, by the leader
	methodJoin                    // a node whose disk was lost asks for its place
	methodVotes                   // what a replica's state and journal hash to
)

// hosts returns the replica of a shard that another node speaks of, or nil.
func (m *member) hosts(shard uint32) *replica.Replica {
	if shard <= math.MaxUint16 {
		if h := m.shards.of(exchange.ShardID(shard)); h != nil {
			return h.replica
		}
	}
	return nil
}

// Message implements peer.Handler.
func (m *member) Message(_ peer.Node, shard uint32, b []byte) {
	if r := m.hosts(shard); r != nil {
		r.Receive(b)
	}
}

// Connected implements peer.Handler.
func (m *member) Connected(peer.Node) {}

// Disconnected implements peer.Handler.
func (m *member) Disconnected(n peer.Node) {
	for _, h := range m.shards.all() {
		h.replica.Lost(uint16(n))
	}
}

// errStarting answers for a shard that is not here, or not yet.
var errStarting = fmt.Errorf("the node is starting: %w", replica.ErrNotSubmitted)

// Call implements peer.Handler.
func (m *member) Call(ctx context.Context, from peer.Node, shard uint32, method uint8, request []byte) ([]byte, error) {
	if method == methodHello {
		return json.Marshal(m.introduce())
	}
	r := m.hosts(shard)
	if r == nil {
		return nil, remoteError(errStarting)
	}
	if method == methodSubmit {
		b, err := router.Serve(ctx, r, request, m.tracer)
		return b, remoteError(err)
	}
	answer, err := m.serve(ctx, exchange.ShardID(shard), r, uint16(from), method, request)
	if err != nil {
		return nil, remoteError(err)
	}
	return json.Marshal(answer)
}

// serve answers a call about the replica of a shard.
func (m *member) serve(ctx context.Context, shard exchange.ShardID, r *replica.Replica, from uint16, method uint8, request []byte) (answer any, err error) {
	switch method {
	case methodStatus:
		answer = m.shardStatus(shard, r)
	case methodChange:
		var c change
		if err = json.Unmarshal(request, &c); err == nil {
			err = m.changeHere(ctx, r, c)
		}
	case methodJoin:
		var j joining
		if err = json.Unmarshal(request, &j); err == nil {
			err = m.takeBack(ctx, r, from, j)
		}
	case methodVotes:
		var v replica.Votes
		if err = json.Unmarshal(request, &v); err == nil {
			r.TakeVotes(v)
		}
	default:
		err = fmt.Errorf("method %d is not one that this version knows", method)
	}
	return answer, err
}

func remoteError(err error) error {
	if err == nil {
		return nil
	}
	code := router.Code(err)
	if c := changeCode(err); c != 0 {
		code = c
	}
	return &peer.RemoteError{Code: code, Message: err.Error()}
}

// ServeHTTP implements peer.Handler: it serves what is copied in bulk.
func (m *member) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b := bulk{req: req, shard: uint64(exchange.HomeShard)}
	if req.URL.Query().Has(shardParam) { // an earlier version has no other shard, and does not say so
		b.shard = b.number(shardParam)
	}
	var copied func(r *replica.Replica) error
	switch req.URL.Path {
	case "/snapshot":
		index, offset := b.number("index"), b.number("offset")
		copied = func(r *replica.Replica) error { return r.CopySnapshot(w, index, int64(offset)) }
	case "/journal":
		first, last := b.number("first"), b.number("last")
		copied = func(r *replica.Replica) error { return r.CopyJournal(req.Context(), w, first, last) }
	default:
		http.NotFound(w, req)
		return
	}
	if b.err != nil {
		http.Error(w, b.err.Error(), http.StatusBadRequest)
		return
	}
	r := m.hosts(uint32(min(b.shard, math.MaxUint32)))
	if r == nil {
		http.Error(w, "the node is starting", http.StatusServiceUnavailable)
		return
	}
	if err := copied(r); err != nil {
		m.log.Warn("something was not copied to another node as a whole", "path", req.URL.Path, "node", peer.From(req.Context()), "error", err)
		panic(http.ErrAbortHandler) // so that it does not look whole
	}
}

const shardParam = "shard"

// bulk is a request for bulk while it is read.
type bulk struct {
	req   *http.Request
	shard uint64
	err   error // the first one
}

func (b *bulk) number(name string) uint64 {
	n, err := strconv.ParseUint(b.req.URL.Query().Get(name), 10, 63)
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("%s must be a number", name)
	}
	return n
}
