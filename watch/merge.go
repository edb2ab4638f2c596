package watch

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// Record is the events of a journal record of a shard.
type Record struct {
	Shard  exchange.ShardID
	Time   exchange.Time // log time
	First  exchange.Seq  // of its first event
	Count  int
	Events []byte
}

// Merge puts the records of several shards in one order: each shard's in theirs, and between shards those of the earlier log time
// first, of the lower shard where these are equal. What is there when it is asked is in this order whoever asks, so whole journals
// come in the same order everywhere. At their end records come as they do: one that becomes known after a later one of another
// shard was given is given after it. The zero Merge has no shards; it is for one goroutine.
type Merge struct {
	lanes []*lane
}

// lane is a shard's records.
type lane struct {
	shard exchange.ShardID
	next  func() (r Record, there bool, err error)
	head  Record // the next one, if it is there
	there bool
	dry   bool // there was no next one when it was asked for
}

// Add adds a shard. Next gives its next record if there is one yet; the bytes must be good until it is called again.
func (m *Merge) Add(shard exchange.ShardID, next func() (r Record, there bool, err error)) {
	m.lanes = append(m.lanes, &lane{shard: shard, next: next})
}

// Drop leaves out a shard from now on.
func (m *Merge) Drop(shard exchange.ShardID) {
	m.lanes = slices.DeleteFunc(m.lanes, func(l *lane) bool { return l.shard == shard })
}

// Next returns the next record, if there is one. Its bytes are good until the next call. Once there is none, it asks all shards
// again. An error is that of the shard in the record, which is dropped.
func (m *Merge) Next() (r Record, there bool, err error) {
	var first *lane
	for _, l := range m.lanes {
		if !l.there && !l.dry {
			if l.head, l.there, err = l.next(); err != nil {
				m.Drop(l.shard)
				return Record{Shard: l.shard}, false, err
			}
			l.dry = !l.there
		}
		if l.there && (first == nil || l.head.Time < first.head.Time || l.head.Time == first.head.Time && l.shard < first.shard) {
			first = l
		}
	}
	if first == nil {
		for _, l := range m.lanes {
			l.dry = false
		}
		return Record{}, false, nil
	}
	first.there = false
	return first.head, true, nil
}
