package feed

import (
	"sync"
	"sync/atomic"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// seqBits is how many low bits of a Seq, as the API gives it, are the Seq in the journal of its shard.
const seqBits = 48

// joinSeq returns the Seq of an event of a shard as the API gives it.
func joinSeq(shard exchange.ShardID, seq exchange.Seq) exchange.Seq {
	return exchange.Seq(shard-exchange.HomeShard)<<seqBits | seq
}

// record is a record of a journal with what it has changed in books.
type record struct {
	now     exchange.Time
	first   exchange.Seq
	count   int
	events  []byte
	changes []projection.Change
	lost    bool // instead: records were left out, the last of them with Seq first
}

func (r *record) last() exchange.Seq {
	if r.lost {
		return r.first
	}
	return r.first + exchange.Seq(r.count) - 1
}

// inletBytes is how much may wait for the hub. The read model never waits for it: what comes then is lost to the feed, and
// everybody gets an image.
const inletBytes = 32 << 20

// inlet is where the records of one shard come in.
type inlet struct {
	shard exchange.ShardID
	view  *projection.View
	wake  func()
	deaf  *atomic.Bool

	mu      sync.Mutex
	waiting []*record
	bytes   int
	spare   []*record // for use again

	// What follows belongs to the hub.
	seen exchange.Seq // of the last event that was folded
	held []*record    // taken, and not folded yet
	hold *adoption    // what the first of them waits for
}

// Folded implements projection.Follower. What comes while the feed is deaf is in the read model before anything is read from there.
func (in *inlet) Folded(now exchange.Time, first exchange.Seq, events []byte, count int, changes []projection.Change) {
	if in.deaf.Load() {
		return
	}
	in.mu.Lock()
	size := len(events) + 16*len(changes)
	if in.bytes+size > inletBytes {
		in.lose(first + exchange.Seq(count) - 1)
	} else {
		in.bytes += size
		r := in.make()
		r.now, r.first, r.count, r.lost = now, first, count, false
		r.events, r.changes = append(r.events[:0], events...), append(r.changes[:0], changes...)
		in.waiting = append(in.waiting, r)
	}
	in.mu.Unlock()
	in.wake()
}

// Replaced implements projection.Follower.
func (in *inlet) Replaced(seq exchange.Seq) {
	if in.deaf.Load() {
		return
	}
	in.mu.Lock()
	in.lose(seq)
	in.mu.Unlock()
	in.wake()
}

func (in *inlet) make() *record {
	if n := len(in.spare); n > 0 {
		r := in.spare[n-1]
		in.spare = in.spare[:n-1]
		return r
	}
	return new(record)
}

// lose forgets what waits, up to a Seq.
func (in *inlet) lose(seq exchange.Seq) {
	in.waiting, in.bytes = append(in.waiting[:0], &record{first: seq, lost: true}), 0
}

// take moves what waits to held. It is not called while held waits, so that the bound holds.
func (in *inlet) take() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.held = append(in.held, in.waiting...)
	in.waiting, in.bytes = in.waiting[:0], 0
}

// done gives folded records back.
func (in *inlet) done(folded []*record) {
	const most, large = 1_024, 64 << 10
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, r := range folded {
		if len(in.spare) < most && cap(r.events)+16*cap(r.changes) <= large {
			in.spare = append(in.spare, r)
		}
	}
}
