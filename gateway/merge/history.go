package merge

import (
	"cmp"
	"iter"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
)

// History is the journals of all shards. It is a gateway.History and may be used concurrently. The events of an account are
// on several shards, and so are those of a market that has moved: they are shown by log time, and of one instant those of the
// greater shard later. Checkpoints are those of home; a proof is of the shard that its Seq names.
type History struct {
	gateway.History // of the home shard
	e               *Exchange
}

// History returns the history of all shards that are open here.
func (e *Exchange) History() *History { return &History{e.all()[0].History, e} }

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
	return h.show(visit, func(a, b happening) bool { return later(a, b) > 0 }, func(s *Shard, each gateway.Visit) error {
		own, err := start(s, before, from)
		if err != nil {
			return err
		}
		return s.History.Newest(key, own, func(seq exchange.Seq, at exchange.Time, frame []byte) bool {
			e := happening{JoinSeq(s.ID, seq), at, frame}
			return before != 0 && later(e, from) >= 0 || each(e.seq, at, frame)
		})
	})
}

// show merges the events of all shards, each of which walks over its own in order, until visit has enough.
func (h *History) show(visit gateway.Visit, first func(a, b happening) bool, walk func(*Shard, gateway.Visit) error) error {
	var failed error
	all := h.e.all()
	if len(all) == 1 {
		return walk(all[0], visit)
	}
	sources := make([]func() (happening, bool), len(all))
	heads, there := make([]happening, len(all)), make([]bool, len(all))
	for i, s := range all {
		next, stop := iter.Pull(func(yield func(happening) bool) {
			err := walk(s, func(seq exchange.Seq, at exchange.Time, frame []byte) bool { return yield(happening{seq, at, frame}) })
			failed = cmp.Or(failed, err)
		})
		defer stop()
		sources[i] = next
		heads[i], there[i] = next()
	}
	for failed == nil {
		best := -1
		for i := range heads {
			if there[i] && (best < 0 || first(heads[i], heads[best])) {
				best = i
			}
		}
		if best < 0 || !visit(heads[best].seq, heads[best].at, heads[best].frame) {
			break
		}
		heads[best], there[best] = sources[best]()
	}
	return failed
}

// instant finds an event of a key, of which the Seq is known, and when it was.
func (h *History) instant(key uint64, seq exchange.Seq) (e happening, err error) {
	if seq == 0 {
		return e, nil
	}
	id, own := SplitSeq(seq)
	s := h.e.shard(id)
	if s == nil {
		return e, errNoShard
	}
	e.seq = seq
	err = s.History.Newest(key, own+1, func(_ exchange.Seq, at exchange.Time, _ []byte) bool {
		e.at = at // of the event itself or, where the key has none there, of the one before
		return false
	})
	return e, err
}

// start is below which Seq of its own a shard's events are to be looked at, for those before an event: 0 for all.
func start(s *Shard, before exchange.Seq, from happening) (exchange.Seq, error) {
	if before == 0 {
		return 0, nil
	}
	if id, own := SplitSeq(before); id == s.ID {
		return own, nil
	}
	last, found, err := s.History.LastAt(from.at)
	if err != nil {
		return 0, err
	}
	if !found {
		return 1, nil // there is nothing below the first event
	}
	return last + 1, nil
}

// Oldest implements gateway.History.
func (h *History) Oldest(key uint64, after, until exchange.Seq, visit gateway.Visit) error {
	id, _ := SplitSeq(max(after, until))
	s := h.e.shard(id)
	if s == nil {
		return errNoShard
	}
	return oneShard{s.History, s.ID}.Oldest(key, after, until, visit)
}

// Prove implements gateway.History.
func (h *History) Prove(seq exchange.Seq) (gateway.Proof, bool, error) {
	id, own := SplitSeq(seq)
	s := h.e.shard(id)
	if s == nil {
		return gateway.Proof{}, false, errNoShard
	}
	return s.History.Prove(own)
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
