package failover

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/load/cluster"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/vfs"
)

// examine shuts the cluster down and reads in the journal of every node what became of what was acknowledged.
func (r *run) examine(ctx context.Context, res *Result) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	if err := r.settle(ctx); err != nil {
		return err
	}
	for _, n := range r.Cluster.Nodes() {
		if err := n.Shutdown(ctx); err != nil {
			return err
		}
	}
	for _, n := range r.Cluster.Nodes() {
		of, err := readJournal(n)
		if err != nil {
			return fmt.Errorf("examining node %d: %w", n.Number, err)
		}
		lost, doubled := of.compare(r.placed, r.gone)
		res.Lost, res.Doubled = max(res.Lost, lost), max(res.Doubled, doubled)
	}
	return nil
}

// settle waits until every node has seen all that was acknowledged: a follower hears a moment later than clients that an
// entry is committed, and one that stops in between has lost nothing.
func (r *run) settle(ctx context.Context) error {
	for _, node := range r.Public {
		if _, err := node.Markets(ctx, url.Values{api.ParamFresh: {"true"}}); err != nil {
			return fmt.Errorf("waiting until all nodes have seen everything: %w", err)
		}
	}
	return nil
}

// history is what became of orders in one journal.
type history struct {
	placed  map[string]uint64 // the first one under each client order id
	doubled int
	gone    map[uint64]struct{} // cancelled
	decoder wire.Decoder
}

// readJournal reads a node's journal and checks every byte of it.
func readJournal(n *cluster.Node) (*history, error) {
	h := &history{placed: map[string]uint64{}, gone: map[uint64]struct{}{}}
	dir := filepath.Join(node.ShardDir(filepath.Join(n.Dir, "data"), exchange.HomeShard), "journal")
	_, err := journal.Verify(vfs.OS, dir, journal.VerifyOptions{Each: h.record})
	return h, err
}

func (h *history) record(r journal.Record) error {
	for seq, frame := range r.All() {
		event, err := h.decoder.Event(frame)
		if err != nil {
			return fmt.Errorf("event %d: %w", seq, err)
		}
		h.event(event)
	}
	return nil
}

func (h *history) event(event exchange.Event) {
	switch e := event.(type) {
	case *exchange.OrderPlaced:
		if len(e.ClientID) == 0 {
			return
		}
		if _, twice := h.placed[string(e.ClientID)]; twice {
			h.doubled++
			return
		}
		h.placed[string(e.ClientID)] = uint64(e.Order)
	case *exchange.OrderCancelled:
		h.gone[uint64(e.Order)] = struct{}{}
	}
}

// compare counts the orders and cancels that were acknowledged and are not there as they were acknowledged, and the orders
// that are there twice.
func (h *history) compare(placed map[string]uint64, gone map[uint64]struct{}) (lost, doubled int) {
	for id, order := range placed {
		if h.placed[id] != order {
			lost++
		}
	}
	for order := range gone {
		if _, there := h.gone[order]; !there {
			lost++
		}
	}
	return lost, h.doubled
}
