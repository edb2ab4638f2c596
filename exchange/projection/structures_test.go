package projection

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/exchange"
)

func TestRankIsASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r rank
		var all []item
		compare := func(a, b item) int {
			switch {
			case a == b:
				return 0
			case a.less(b):
				return -1
			}
			return 1
		}
		key := rapid.Uint64Range(0, rapid.SampledFrom([]uint64{0, 5, 1 << 60}).Draw(t, "greatest key"))
		for id := range uint32(rapid.IntRange(0, 1500).Draw(t, "items")) {
			it := item{key.Draw(t, "key"), id}
			r.add(it)
			at, _ := slices.BinarySearchFunc(all, it, compare)
			all = slices.Insert(all, at, it)
		}
		for range rapid.IntRange(0, 1000).Draw(t, "changes") {
			if len(all) == 0 {
				break
			}
			at := rapid.IntRange(0, len(all)-1).Draw(t, "at")
			from := all[at]
			all = slices.Delete(all, at, at+1)
			if rapid.Bool().Draw(t, "remove") {
				r.remove(from)
				continue
			}
			to := item{key.Draw(t, "key"), from.market}
			r.move(from, to)
			at, _ = slices.BinarySearchFunc(all, to, compare)
			all = slices.Insert(all, at, to)
		}
		from := item{key.Draw(t, "from"), uint32(rapid.IntRange(0, 1500).Draw(t, "from market"))}
		var up, down []item
		for w := r.walkFrom(from, true); ; w.next() {
			it, ok := w.item()
			if !ok {
				break
			}
			up = append(up, it)
		}
		for w := r.walkFrom(from, false); ; w.next() {
			it, ok := w.item()
			if !ok {
				break
			}
			down = append(down, it)
		}
		at, found := slices.BinarySearchFunc(all, from, compare)
		below := slices.Clone(all[:at])
		slices.Reverse(below)
		if found {
			at++
		}
		if !slices.Equal(up, all[at:]) || !slices.Equal(down, below) {
			t.Fatalf("from %v: up %v, down %v; the list is %v", from, up, down, all)
		}
	})
}

func TestRankPacksItemsThatComeInOrder(t *testing.T) {
	var r rank
	r.add(item{9, 1_000_000})
	for id := range uint32(10_000) {
		r.add(item{7, id}) // all before the first one
	}
	if most := 10_000/chunkLen + 3; len(r.chunks) > most {
		t.Errorf("%d chunks, at most %d expected", len(r.chunks), most)
	}
}

func TestHashIndexIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x hashIndex
		want := map[uint32][]uint32{}
		hash := rapid.Custom(func(t *rapid.T) uint32 { // few parts, few slots: many collisions
			return rapid.SampledFrom([]uint32{0, 1 << 24, 255 << 24}).Draw(t, "part") | rapid.Uint32Range(0, 40).Draw(t, "slot")
		})
		for number := range uint32(rapid.IntRange(1, 400).Draw(t, "steps")) {
			h := hash.Draw(t, "hash")
			if list := want[h]; len(list) > 0 && rapid.IntRange(0, 2).Draw(t, "remove") > 0 {
				i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
				x.remove(h, list[i])
				want[h] = slices.Delete(slices.Clone(list), i, i+1)
			} else {
				x.insert(h, number+1)
				want[h] = append(slices.Clone(list), number+1)
			}
		}
		for h := range want {
			var got []uint32
			for p := x.probe(h); p.next(); {
				got = append(got, p.number)
			}
			slices.Sort(got)
			slices.Sort(want[h])
			if !slices.Equal(got, want[h]) {
				t.Fatalf("hash %#x has %v, want %v", h, got, want[h])
			}
		}
	})
}

func TestHoursKeepADay(t *testing.T) {
	const hour = exchange.Time(3600e9)
	trades := []struct {
		at       exchange.Time
		price    exchange.Price
		quantity exchange.Quantity
	}{
		{1000 * hour, 100, 1}, {1000*hour + 1, 200, 2}, {1010 * hour, 300, 4}, {1024 * hour, 400, 8}, {1100 * hour, 500, 16},
	}
	for _, c := range []struct {
		trades int
		now    exchange.Time
		volume uint64
		before exchange.Price
	}{
		{0, 1000 * hour, 0, 0},
		{2, 1000 * hour, 3, 0},
		{2, 1023 * hour, 3, 0},
		{2, 1024 * hour, 0, 200},
		{3, 1010 * hour, 7, 0},
		{3, 1024 * hour, 4, 200},
		{3, 1034 * hour, 0, 300},
		{3, 9999 * hour, 0, 300},
		{4, 1024 * hour, 12, 200},
		{4, 1033 * hour, 12, 200},
		{4, 1034 * hour, 8, 300},
		{5, 1100 * hour, 16, 400},
		{5, 1124 * hour, 0, 500},
	} {
		var h hours
		for _, trade := range trades[:c.trades] {
			h.add(trade.at, trade.price, trade.quantity)
		}
		if volume, before := h.day(c.now); volume != c.volume || before != c.before {
			t.Errorf("after %d trades, in hour %d: %d contracts and %v before, want %d and %v",
				c.trades, c.now/hour, volume, before, c.volume, c.before)
		}
	}
}

func TestShareOfACost(t *testing.T) {
	for _, c := range []struct {
		cost      exchange.Money
		some, all exchange.Quantity
		want      exchange.Money
	}{
		{0, 1, 2, 0}, {10, 1, 3, 3}, {10, 3, 3, 10}, {10, 0, 3, 0}, {10, 0, 0, 10},
		{1e13, 999_999_999, 1_000_000_000, 1e13 - 1e4},
	} {
		if got := share(c.cost, c.some, c.all); got != c.want {
			t.Errorf("%d of %d contracts that cost %v have %v of it, want %v", c.some, c.all, c.cost, got, c.want)
		}
	}
}

func TestWaiterThatGivesUpIsForgotten(t *testing.T) {
	v := New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.WaitSeq(ctx, 5); err != context.Canceled || len(v.waiters.list) != 0 {
		t.Errorf("%v, and %d waiters are left", err, len(v.waiters.list))
	}
}
