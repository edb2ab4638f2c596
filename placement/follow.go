package placement

import (
	"sync/atomic"

	"github.com/hustings/hustings/exchange"
)

// A Document is where an exchange keeps its Map: the read model of the home shard.
type Document interface {
	// Placement returns a version, and the bytes of a Map that is of this epoch; 0 and nil before the first.
	Placement() (version uint64, data []byte)
}

// Follow returns a function that returns the Map that a document holds now, which is cheap and may be called concurrently.
// Before the first, everything is at home. The log takes any bytes as a document, so what is no Map is passed over.
func Follow(d Document) func() *Map {
	var newest atomic.Pointer[Map]
	newest.Store(New(exchange.HomeShard))
	return func() *Map {
		known := newest.Load()
		version, data := d.Placement()
		if version <= known.epoch {
			return known
		}
		next, err := Read(data)
		if err != nil {
			next = known.of(version)
		} else if next.epoch != version {
			next = next.of(version)
		}
		if newest.CompareAndSwap(known, next) {
			return next
		}
		return newest.Load()
	}
}

// of is the same Map in another epoch.
func (m *Map) of(epoch uint64) *Map { return &Map{epoch, m.shards, m.exceptions, m.circle} }
