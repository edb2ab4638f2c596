package projection

import (
	"math"

	"github.com/hustings/hustings/exchange"
)

// Sort is an order in which markets are listed.
type Sort uint8

// Orders of markets. Among equals the newer market comes first, but in SortOldest.
const (
	SortNewest   Sort = iota // by id, the greatest first
	SortOldest               // by id, the smallest first
	SortVolume               // by contracts traded ever, the most first
	SortActivity             // by the last trade or, without one, the creation, the latest first
	SortClosing              // by the close time, the soonest first, those without one last
	sorts
)

const marketStates = int(exchange.StateVoided) + 1

// ranks hold each market once for each way to sort, with the markets of its state. So the first page of any list costs
// the same with ten markets as with a million.
type ranks [marketStates][sorts]rank

// rankedBy is all that decides a market's places.
type rankedBy struct {
	state    exchange.MarketState
	volume   uint64
	activeAt exchange.Time
	closeAt  exchange.Time
}

func (m *market) rankedBy() rankedBy {
	return rankedBy{m.state, m.volume, m.activeAt, m.closeAt}
}

// key returns what to sort by: the greater, the earlier in the list.
func (k *rankedBy) key(by Sort) uint64 {
	switch by {
	case SortVolume:
		return k.volume
	case SortActivity:
		return uint64(k.activeAt)
	case SortClosing:
		if k.closeAt > 0 {
			return math.MaxUint64 - uint64(k.closeAt)
		}
	}
	return 0 // the id decides
}

// SortOldest walks the rank of SortNewest the other way.
func (s Sort) rank() (by Sort, up bool) {
	if s == SortOldest {
		return SortNewest, true
	}
	return s, false
}

func (r *ranks) add(id uint32, k rankedBy) {
	for by := range sorts {
		if by != SortOldest {
			r[k.state][by].add(item{k.key(by), id})
		}
	}
}

func (r *ranks) remove(id uint32, k rankedBy) {
	for by := range sorts {
		if by != SortOldest {
			r[k.state][by].remove(item{k.key(by), id})
		}
	}
}

func (r *ranks) move(id uint32, from, to rankedBy) {
	for by := range sorts {
		if by == SortOldest || from.state == to.state && from.key(by) == to.key(by) {
			continue
		}
		if from.state == to.state {
			r[to.state][by].move(item{from.key(by), id}, item{to.key(by), id})
			continue
		}
		r[from.state][by].remove(item{from.key(by), id})
		r[to.state][by].add(item{to.key(by), id})
	}
}

// A merged walk goes over the ranks of several states at once.
type mergedWalk struct {
	walks []walk
	up    bool
}

func (r *ranks) walk(states StateSet, by Sort, from item) mergedWalk {
	by, up := by.rank()
	w := mergedWalk{up: up}
	for state := range r {
		if states.has(exchange.MarketState(state)) {
			w.walks = append(w.walks, r[state][by].walkFrom(from, up))
		}
	}
	return w
}

// next returns the next item; ok is false when there is none.
func (w *mergedWalk) next() (first item, ok bool) {
	best := -1
	for i := range w.walks {
		it, more := w.walks[i].item()
		if more && (best < 0 || it.less(first) == w.up) {
			best, first = i, it
		}
	}
	if best < 0 {
		return item{}, false
	}
	w.walks[best].next()
	return first, true
}
