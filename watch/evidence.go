package watch

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Evidence names an event that led to a finding.
type Evidence struct {
	Seq    exchange.Seq // in the journal of the shard
	Market exchange.MarketID
	Shard  exchange.ShardID
}

// moment is where an event happened, and when.
type moment struct {
	now exchange.Time
	Evidence
}

// mostEvidence is how many events a finding has at most.
const mostEvidence = 8

// trail remembers the events that led somewhere: the first ones, and always the last.
type trail struct {
	events [mostEvidence]Evidence
	n      uint8
}

func (t *trail) add(e Evidence) {
	if t.n > 0 && t.events[t.n-1] == e {
		return
	}
	if int(t.n) == len(t.events) {
		t.events[t.n-1] = e
		return
	}
	t.events[t.n] = e
	t.n++
}

func (t *trail) list() []Evidence { return slices.Clone(t.events[:t.n]) }

// tally counts how often accounts did something within an hour, in whichever markets.
type tally struct {
	start     exchange.Time
	times     uint32
	contracts uint32 // of wash_pair: in these trades
	told      bool
	trail     trail
}

// add takes in that it happened once more, by these events, which began at a time.
func (t *tally) add(now, begun exchange.Time, events ...Evidence) {
	if now-t.start >= hour {
		*t = tally{start: begun}
	}
	t.times++
	for _, e := range events {
		t.trail.add(e)
	}
}
