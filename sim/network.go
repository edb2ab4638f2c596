package sim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/hustings/hustings/replica"
)

// link carries messages for one life of a replica.
type link struct {
	from *host
	life int
}

func (n *link) alive() bool { return n.from.life == n.life && !n.from.cut }

// Send loses, repeats and delays messages.
func (n *link) Send(to replica.ID, m []byte) bool {
	w, from := n.from.w, n.from
	if !n.alive() || w.failure != nil {
		return false
	}
	if err := n.overhear(m); err != nil {
		w.fail(err)
		return false
	}
	dest := from.group.on(to.Node()) // which takes only what is for it
	w.note("send", uint64(from.group.shard), uint64(from.id), uint64(to), sumOf(m))
	switch {
	case dest == nil || w.isCut(from.node, dest.node):
		return w.chance(50) // the sender knows, or does not
	case w.permille(w.net.lost):
		w.count(MessageLoss)
		return w.chance(90)
	}
	m = bytes.Clone(m)
	w.after(n.delay(dest), func() { dest.hear(from.node, m) })
	if w.permille(w.net.twice) {
		w.count(MessageTwice)
		w.after(n.delay(dest), func() { dest.hear(from.node, m) })
	}
	return true
}

func (n *link) delay(to *host) time.Duration {
	w := n.from.w
	late := time.Duration(0)
	if w.permille(w.net.late) {
		w.count(MessageDelay)
		late = w.upTo(w.net.lateness)
	}
	if n.from.node.home != to.node.home {
		return w.net.far + w.upTo(w.net.far+time.Millisecond) + 4*late
	}
	if late > 0 {
		return late
	}
	return 30*time.Microsecond + w.upTo(300*time.Microsecond)
}

// overhear looks at what a replica promises.
func (n *link) overhear(b []byte) error {
	m := &raftpb.Message{}
	if err := proto.Unmarshal(b, m); err != nil {
		return err
	}
	if m.GetType() == raftpb.MsgVoteResp && !m.GetReject() {
		return n.from.group.oracle.voted(replica.ID(m.GetFrom()), replica.ID(m.GetTo()), m.GetTerm())
	}
	return nil
}

// hear takes a message, or keeps it back: the last words of a region that is lost come when others have begun.
func (h *host) hear(from *node, m []byte) {
	if h.deaf && from.home {
		h.unheard = append(h.unheard, m)
		return
	}
	h.receive(m)
}

// listen hears what was kept back.
func (h *host) listen() {
	words := h.unheard
	h.deaf, h.unheard = false, nil
	for _, m := range words {
		h.receive(m)
	}
}

func (h *host) receive(m []byte) {
	switch wait := h.node.stalled - h.w.now; {
	case !h.up:
	case wait > 0:
		h.w.after(wait, func() { h.receive(m) })
	default:
		h.w.note("receive", uint64(h.group.shard), uint64(h.id), sumOf(m))
		h.replica.Receive(m)
		h.kick()
	}
}

var (
	errLink   = errors.New("the connection is broken")
	errBroken = errors.New("the connection broke in the middle")
)

// other is the replica to copy from.
func (n *link) other(id replica.ID) (*host, error) {
	h := n.from.group.host(id)
	if h == nil || !h.up || !n.alive() || n.from.w.isCut(h.node, n.from.node) || n.from.w.isCut(n.from.node, h.node) {
		return nil, errLink
	}
	return h, nil
}

// Snapshot copies a snapshot file, and sometimes only a part of it.
func (n *link) Snapshot(_ context.Context, from replica.ID, index uint64, offset int64) (io.ReadCloser, error) {
	h, err := n.other(from)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := h.replica.CopySnapshot(&b, index, offset); err != nil {
		return nil, err
	}
	w := n.from.w
	w.note("copy", uint64(h.group.shard), uint64(from), index, uint64(offset), uint64(b.Len()))
	if w.chance(w.set.brokenFetches) {
		w.count(FetchBroken)
		part := b.Bytes()[:w.IntN(b.Len()+1)]
		return io.NopCloser(io.MultiReader(bytes.NewReader(part), brokenReader{})), nil
	}
	w.count(SnapshotFetch)
	return io.NopCloser(&b), nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

// Journal copies events.
func (n *link) Journal(ctx context.Context, from replica.ID, first, last uint64) (io.ReadCloser, error) {
	h, err := n.other(from)
	if err != nil {
		return nil, err
	}
	if h.replica.Journal().Last().Seq < last {
		return nil, errBroken // it would have to be waited for
	}
	var b bytes.Buffer
	err = h.replica.CopyJournal(ctx, &b, first, last)
	return io.NopCloser(&b), err
}
