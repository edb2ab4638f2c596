package projection

import (
	"cmp"
	"math"
	"slices"

	"github.com/hustings/hustings/exchange"
)

// A StateSet is a set of market states; the empty one stands for all of them.
type StateSet uint8

// States returns the set of some states.
func States(states ...exchange.MarketState) StateSet {
	var set StateSet
	for _, s := range states {
		set |= 1 << s
	}
	return set
}

func (s StateSet) has(state exchange.MarketState) bool { return s == 0 || s>>state&1 != 0 }

// A MarketFilter says which markets to list, and in which order.
type MarketFilter struct {
	Text   string // words that the question or the outcomes must have; "elect" finds "election"
	States StateSet
	Sort   Sort
	After  MarketCursor
	Limit  int // 1 to MaxPage
}

// MaxPage is the greatest number of rows that a list returns at once.
const MaxPage = 1000

// A MarketCursor is a place in a list. It stays good when markets come and go. The zero cursor is the beginning.
type MarketCursor struct {
	Key    uint64 // what the list is sorted by
	Market exchange.MarketID
}

// A MarketPage is a part of a list.
type MarketPage struct {
	Markets []Market
	Next    MarketCursor // where the next page begins, if there is More
	More    bool
}

// Markets lists markets.
func (v *View) Markets(f MarketFilter) MarketPage {
	f.Limit = min(max(f.Limit, 1), MaxPage)
	f.Sort = min(f.Sort, sorts-1)
	v.mu.RLock()
	defer v.mu.RUnlock()
	var page MarketPage
	items := v.list(&f)
	if page.More = len(items) > f.Limit; page.More {
		items = items[:f.Limit]
		last := items[len(items)-1]
		page.Next = MarketCursor{last.key, exchange.MarketID(last.market)}
	}
	for _, it := range items {
		page.Markets = append(page.Markets, v.readMarket(exchange.MarketID(it.market)))
	}
	return page
}

// Bounds of a search by going over the list: with few markets found, or with so many steps that brought too little,
// those that were found are looked at instead.
const (
	fewFound     = 4096
	mostSteps    = 16384
	beyondOfList = 1 // the list is asked for one more, to know whether there is one
)

// listed returns one item more than the limit, if there are so many.
func (v *View) list(f *MarketFilter) []item {
	found := v.search(f.Text)
	if found != nil && found.count <= fewFound {
		return v.sortFound(f, found)
	}
	from := item{f.After.Key, uint32(f.After.Market)}
	if _, up := f.Sort.rank(); f.After == (MarketCursor{}) && !up {
		from = item{math.MaxUint64, math.MaxUint32}
	}
	var items []item
	walk := v.ranks.walk(f.States, f.Sort, from)
	for steps := 0; len(items) < f.Limit+beyondOfList; steps++ {
		it, ok := walk.next()
		if !ok {
			return items
		}
		if found == nil {
			items = append(items, it)
			continue
		}
		if steps == mostSteps {
			return v.sortFound(f, found)
		}
		if found.has(it.market) && found.confirms(v.markets.at(it.market)) {
			items = append(items, it)
		}
	}
	return items
}

// sortFound picks the first of the found markets beyond the cursor.
func (v *View) sortFound(f *MarketFilter, found *found) []item {
	after := item{f.After.Key, uint32(f.After.Market)}
	by, up := f.Sort.rank()
	order := func(a, b item) int {
		switch {
		case a == b:
			return 0
		case a.less(b) == up:
			return -1
		}
		return 1
	}
	var items []item
	found.each(func(id uint32) {
		m := v.markets.at(id)
		ranked := m.rankedBy()
		it := item{ranked.key(by), id}
		switch {
		case !f.States.has(m.state):
		case f.After != (MarketCursor{}) && order(it, after) <= 0:
		case len(items) == f.Limit+beyondOfList && order(it, items[len(items)-1]) > 0:
		case !found.confirms(m):
		default:
			at, _ := slices.BinarySearchFunc(items, it, order)
			items = slices.Insert(items, at, it)
			items = items[:min(len(items), f.Limit+beyondOfList)]
		}
	})
	return items
}

// Place returns where in the list a market is.
func (f *MarketFilter) Place(m *Market) MarketCursor {
	by, _ := min(f.Sort, sorts-1).rank()
	k := rankedBy{m.State, m.Volume, m.ActiveAt, m.Spec.CloseAt}
	return MarketCursor{k.key(by), m.ID}
}

// Compare compares two places: below 0 if a comes before b.
func (f *MarketFilter) Compare(a, b MarketCursor) int {
	_, up := min(f.Sort, sorts-1).rank()
	order := cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Market, b.Market))
	if up {
		return order
	}
	return -order
}
