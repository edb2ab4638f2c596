package journal

import (
	"github.com/hustings/hustings/journal/index"
	"github.com/hustings/hustings/journal/merkle"
)

// Key names an aggregate: its kind in the high byte and its identifier below.
type Key = index.Key

// Hash is a node of the hash tree.
type Hash = merkle.Hash

// Indexer appends to keys those of the aggregates that an event concerns. It must depend on the event alone. It may
// be called by several goroutines.
type Indexer func(event []byte, keys []Key) []Key

// builder adds records to the hash tree and to the index of their segment.
type builder struct {
	tree    *merkle.Tree
	indexer Indexer

	watched int64 // when the tree has so many leaves, reached is called, if it is not nil
	reached func()

	keys    []Key
	entries []index.Entry
	nodes   []Hash
}

// add takes in the record that lies at an offset of the segment that memory is the index of.
func (b *builder) add(memory *index.Memory, offset int64, r Record) {
	b.entries, b.nodes = b.entries[:0], b.nodes[:0]
	for seq, event := range r.All() {
		b.nodes = b.tree.Append(event, b.nodes)
		if b.reached != nil && b.tree.Size() == b.watched {
			b.reached()
		}
		if b.indexer == nil {
			continue
		}
		b.keys = b.indexer(event, b.keys[:0])
		for _, key := range b.keys {
			b.entries = append(b.entries, index.Entry{Seq: seq, Key: key})
		}
	}
	memory.Add(index.Mark{Seq: r.FirstSeq, Offset: offset, Time: r.Time}, b.entries, b.nodes)
}
