package merge

import (
	"slices"

	"github.com/hustings/hustings/exchange"
)

// list merges pages of all shards into one.
type list[T any] struct {
	e      *Exchange
	order  func(a, b T) int
	market func(T) exchange.MarketID
	all    []T
	more   bool // a shard has more rows than it gave
	bound  T    // the last one behind which that is so for no shard
}

// add adds a page of a shard, but for what is on its way and shown on another. More says that the shard may have rows behind it.
func (l *list[T]) add(s *Shard, page []T, more bool) {
	if n := len(page); n > 0 && more {
		if last := page[n-1]; !l.more || l.order(last, l.bound) < 0 {
			l.bound = last
		}
		l.more = true
	}
	all := l.e.all()
	var known exchange.MarketID
	var mine bool
	for _, row := range page {
		if id := l.market(row); len(all) > 1 && id != known {
			best, _ := holder(all, id)
			known, mine = id, best == s
		}
		if mine || len(all) == 1 {
			l.all = append(l.all, row)
		}
	}
}

// rows returns what has been added, in order: as far as no shard has more before it. More says whether some has more behind it.
func (l *list[T]) rows() (rows []T, more bool) {
	slices.SortStableFunc(l.all, l.order)
	if l.more {
		l.all = slices.DeleteFunc(l.all, func(row T) bool { return l.order(row, l.bound) > 0 })
	}
	return l.all, l.more
}
