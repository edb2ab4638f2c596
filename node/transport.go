package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
)

// transport carries what the replica of a shard has for others, and commands to its leader.
type transport struct {
	*member
	shard exchange.ShardID
}

func (t transport) Send(to replica.ID, b []byte) bool {
	return t.mesh.Send(peer.Node(to.Node()), uint32(t.shard), b)
}

func (t transport) Snapshot(ctx context.Context, from replica.ID, index uint64, offset int64) (io.ReadCloser, error) {
	return t.get(ctx, from, fmt.Sprintf("/snapshot?%s=%d&index=%d&offset=%d", shardParam, t.shard, index, offset))
}

func (t transport) Journal(ctx context.Context, from replica.ID, first, last uint64) (io.ReadCloser, error) {
	return t.get(ctx, from, fmt.Sprintf("/journal?%s=%d&first=%d&last=%d", shardParam, t.shard, first, last))
}

func (t transport) get(ctx context.Context, from replica.ID, path string) (io.ReadCloser, error) {
	client, base := t.mesh.Client(peer.Node(from.Node()))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("node %d answers %s", from.Node(), answer.Status), answer.Body.Close())
	}
	return answer.Body, nil
}

// Submit implements router.Remote.
func (t transport) Submit(ctx context.Context, node uint16, commands []byte, n int) ([]byte, error) {
	call := t.mesh.Call
	if wire.OnlyCancels(commands, n) { // which have room of their own here as everywhere
		call = t.mesh.CallUrgent
	}
	answer, err := call(ctx, peer.Node(node), uint32(t.shard), methodSubmit, router.Request(commands, n, t.carry(ctx, node)))
	var told *peer.RemoteError
	switch {
	case err == nil:
		return answer, nil
	case errors.As(err, &told) && told.Code == peer.CodeOverload:
		return nil, router.Error(router.CodeOverloaded, err.Error())
	case errors.As(err, &told):
		return nil, router.Error(told.Code, err.Error())
	case errors.Is(err, peer.ErrNotSent):
		return nil, router.Error(router.CodeNotSubmitted, err.Error())
	}
	return nil, err
}

// carry returns which trace a request to another node is a part of; nil if it is not followed, or not known there.
func (m *member) carry(ctx context.Context, node uint16) []byte {
	carried := m.tracer.Carry(ctx)
	if carried == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.known[node].Traces {
		return nil
	}
	return carried
}
