package merge

import (
	"cmp"
	"iter"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/placement"
)

// History is the journals of all shards. It is a gateway.History and may be used concurrently. The events of an account are
// on several shards: they are shown by log time, and of one instant those of the greater shard later. Checkpoints are those
// of home; a proof is of the shard that its Seq names.
type History struct {
	gateway.History // of the home shard
	shards          []gateway.History
	places          *placement.Map
}

// NewHistory returns the history of shards 1, 2, …
func NewHistory(shards []gateway.History, places *placement.Map) *History {
	return &History{shards[0], shards, places}
}

// happening is an event while it is shown.
type happening struct {
	seq   exchange.Seq
	at    exchange.Time
	frame []byte
}

// later compares by log time, then by shard, then by place in the journal.
func later(a, b happening) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) }

// Newest implements gateway.History.
func (h *History) Newest(key uint64, before exchange.Seq, visit gateway.Visit) error {
	from, err := h.instant(key, before)
	if err != nil {
		return err
	}
	var failed error
	sources := make([]func() (happening, bool), len(h.shards))
	for i, s := range h.shards {
		own, err := h.start(i, before, from)
		if err != nil {
			return err
		}
		events := func(yield func(happening) bool) {
			err := s.Newest(key, own, h.named(i, func(e happening) bool {
				return before != 0 && later(e, from) >= 0 || yield(e)
			}))
			failed = cmp.Or(failed, err)
		}
		next, stop := iter.Pull(events)
		defer stop()
		sources[i] = next
	}
	show(sources, func(a, b happening) bool { return later(a, b) > 0 }, visit)
	return failed
}

// show merges what sources give, each in order, until visit has enough.
func show(sources []func() (happening, bool), first func(a, b happening) bool, visit gateway.Visit) {
	heads, there := make([]happening, len(sources)), make([]bool, len(sources))
	for i, next := range sources {
		heads[i], there[i] = next()
	}
	for {
		best := -1
		for i := range heads {
			if there[i] && (best < 0 || first(heads[i], heads[best])) {
				best = i
			}
		}
		if best < 0 || !visit(heads[best].seq, heads[best].at, heads[best].frame) {
			return
		}
		heads[best], there[best] = sources[best]()
	}
}

// instant finds an event of a key, of which the Seq is known, and when it was.
func (h *History) instant(key uint64, seq exchange.Seq) (e happening, err error) {
	if seq == 0 {
		return e, nil
	}
	shard, own := SplitSeq(seq)
	if int(shard) > len(h.shards) {
		return e, errNoShard
	}
	e.seq = seq
	err = h.shards[shard-exchange.HomeShard].Newest(key, own+1, func(found exchange.Seq, at exchange.Time, _ []byte) bool {
		e.at = at // of the event itself or, where the key has none there, of the one before
		return false
	})
	return e, err
}

// start is below which Seq of its own a shard's events are to be looked at, for those before an event: 0 for all.
func (h *History) start(i int, before exchange.Seq, from happening) (exchange.Seq, error) {
	if before == 0 {
		return 0, nil
	}
	if shard, own := SplitSeq(before); int(shard-exchange.HomeShard) == i {
		return own, nil
	}
	last, found, err := h.shards[i].LastAt(from.at)
	if err != nil {
		return 0, err
	}
	if !found {
		return 1, nil // there is nothing below the first event
	}
	return last + 1, nil
}

// named gives events the Seqs of their shard.
func (h *History) named(i int, do func(happening) bool) gateway.Visit {
	return func(seq exchange.Seq, at exchange.Time, frame []byte) bool {
		return do(happening{JoinSeq(exchange.HomeShard+exchange.ShardID(i), seq), at, frame})
	}
}

// Oldest implements gateway.History, for events of one shard: that of the Seq after which they are.
func (h *History) Oldest(key uint64, after, until exchange.Seq, visit gateway.Visit) error {
	shard, _ := SplitSeq(after)
	if int(shard) > len(h.shards) {
		return errNoShard
	}
	return h.of(shard).Oldest(key, after, until, visit)
}

// Of implements gateway.History.
func (h *History) Of(market exchange.MarketID) (gateway.History, exchange.Seq) {
	shard := h.places.Of(market)
	_, end := h.shards[shard-exchange.HomeShard].Of(market)
	return h.of(shard), JoinSeq(shard, end)
}

// Prove implements gateway.History.
func (h *History) Prove(seq exchange.Seq) (gateway.Proof, bool, error) {
	shard, own := SplitSeq(seq)
	if int(shard) > len(h.shards) {
		return gateway.Proof{}, false, errNoShard
	}
	return h.shards[shard-exchange.HomeShard].Prove(own)
}

func (h *History) of(shard exchange.ShardID) gateway.History {
	return oneShard{h.shards[shard-exchange.HomeShard], shard}
}

// oneShard is the history of a shard in Seqs that name it.
type oneShard struct {
	gateway.History
	shard exchange.ShardID
}

func (o oneShard) named(visit gateway.Visit) gateway.Visit {
	return func(seq exchange.Seq, at exchange.Time, frame []byte) bool {
		return visit(JoinSeq(o.shard, seq), at, frame)
	}
}

// Newest implements gateway.History.
func (o oneShard) Newest(key uint64, before exchange.Seq, visit gateway.Visit) error {
	_, before = SplitSeq(before)
	return o.History.Newest(key, before, o.named(visit))
}

// Oldest implements gateway.History.
func (o oneShard) Oldest(key uint64, after, until exchange.Seq, visit gateway.Visit) error {
	_, after = SplitSeq(after)
	_, until = SplitSeq(until)
	return o.History.Oldest(key, after, until, o.named(visit))
}

// LastAt implements gateway.History.
func (o oneShard) LastAt(at exchange.Time) (exchange.Seq, bool, error) {
	seq, ok, err := o.History.LastAt(at)
	return joined(o.shard, seq), ok, err
}
