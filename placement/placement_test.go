package placement

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/exchange"
)

const many = 10_000

func markets() (all []exchange.MarketID) {
	for id := exchange.MarketID(1); id <= many; id++ {
		all = append(all, id)
	}
	return all
}

func shares(m *Map) map[exchange.ShardID]int {
	n := map[exchange.ShardID]int{}
	for _, id := range markets() {
		n[m.Of(id)]++
	}
	return n
}

// A shard that is added takes its part and nothing else moves; one that is drained gives up its part and nothing else moves.
func TestAddAndDrainMoveOnlyTheirPart(t *testing.T) {
	for n := exchange.ShardID(1); n <= 24; n++ {
		before := New(n)
		after, err := before.Add(Shard{n + 1, Points})
		if err != nil {
			t.Fatal(err)
		}
		moves := Plan(before, after, markets())
		if least, most := many/int(n+1)*3/4, many/int(n+1)*5/4; len(moves) > most || len(moves) < least {
			t.Errorf("from %d shards to one more %d markets move", n, len(moves))
		}
		for _, m := range moves {
			if m.To != n+1 {
				t.Fatalf("a market moves between old shards: %+v", m)
			}
		}
		drained, err := after.Drain(n + 1)
		if err != nil {
			t.Fatal(err)
		}
		if back := Plan(after, drained, markets()); len(back) != len(moves) || shares(drained)[n+1] != 0 {
			t.Errorf("%d markets leave the drained shard of %d", len(back), len(moves))
		}
		if rest := Plan(before, drained, markets()); len(rest) != 0 {
			t.Errorf("%d markets are not where they were before", len(rest))
		}
	}
}

func TestPartsAreAlike(t *testing.T) {
	for _, n := range []exchange.ShardID{2, 4, 5, 8, 16} {
		for id, share := range shares(New(n)) {
			if fair := many / int(n); share < fair*4/5 || share > fair*5/4 {
				t.Errorf("of %d shards number %d has %d markets", n, id, share)
			}
		}
	}
}

// What a Map does over any changes: exceptions hold, everything else is as the circle says, and its bytes say it all.
func TestChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New(exchange.ShardID(rapid.IntRange(1, 5).Draw(t, "shards")))
		put := map[exchange.MarketID]exchange.ShardID{}
		for range rapid.IntRange(0, 20).Draw(t, "changes") {
			id := exchange.ShardID(rapid.IntRange(0, 9).Draw(t, "shard"))
			market := exchange.MarketID(rapid.IntRange(1, 50).Draw(t, "market"))
			var next *Map
			var err error
			switch rapid.IntRange(0, 2).Draw(t, "change") {
			case 0:
				next, err = m.Add(Shard{id, uint16(rapid.SampledFrom([]int{0, Points}).Draw(t, "points"))})
			case 1:
				next, err = m.Drain(id)
			case 2:
				if next, err = m.Put(market, id); err == nil {
					put[market] = id
				}
			}
			if err != nil {
				continue
			}
			if next.Epoch() != m.Epoch()+1 {
				t.Fatalf("epoch %d follows %d", next.Epoch(), m.Epoch())
			}
			m = next
			for market, id := range put {
				if m.byCircle(market) == id { // it needs no exception any more, or never did
					delete(put, market)
				}
			}
			for market, id := range put {
				if got := m.Of(market); got != id {
					t.Fatalf("market %d was put on shard %d and is on %d", market, id, got)
				}
			}
		}
		b := m.Append(nil)
		again, err := Read(b)
		if err != nil {
			t.Fatalf("%v: %x", err, b)
		}
		for id := exchange.MarketID(1); id <= 100; id++ {
			if m.Of(id) != again.Of(id) {
				t.Fatalf("market %d is on shard %d, and on %d when read", id, m.Of(id), again.Of(id))
			}
		}
		if !bytes.Equal(again.Append(nil), b) {
			t.Fatal("the bytes are not the same again")
		}
	})
}

func TestPendingMarketsAreWhereTheyWere(t *testing.T) {
	before := New(4)
	after, err := before.Add(Shard{5, Points})
	if err != nil {
		t.Fatal(err)
	}
	moves := Plan(before, after, markets())
	now := after.Pending(moves)
	if left := Plan(before, now, markets()); len(left) != 0 {
		t.Fatalf("%d markets have moved before they were moved", len(left))
	}
	for _, m := range moves {
		if now, err = now.Put(m.Market, m.To); err != nil {
			t.Fatal(err)
		}
	}
	if len(now.Exceptions()) != 0 || len(Plan(now, after, markets())) != 0 {
		t.Error("something is not in its place")
	}
}

// These bytes and places never change.
func TestGolden(t *testing.T) {
	m := New(3)
	m, err := m.Add(Shard{9, 0})
	if err != nil {
		t.Fatal(err)
	}
	if m, err = m.Put(7, 9); err != nil {
		t.Fatal(err)
	}
	const want = "01" + "0300000000000000" + "0400" + "01000002" + "02000002" + "03000002" + "09000000" + "01000000" + "070000000900"
	if got := hex.EncodeToString(m.Append(nil)); got != want {
		t.Errorf("the bytes are %s", got)
	}
	var places []exchange.ShardID
	for id := exchange.MarketID(1); id <= 16; id++ {
		places = append(places, m.Of(id))
	}
	if want := []exchange.ShardID{2, 1, 2, 2, 1, 2, 9, 1, 1, 1, 3, 2, 1, 2, 1, 2}; !slices.Equal(places, want) {
		t.Errorf("markets 1 to 16 are on %v", places)
	}
}

func TestMalformedBytes(t *testing.T) {
	m, err := New(2).Put(1, 3-New(2).Of(1))
	if err != nil {
		t.Fatal(err)
	}
	good := m.Append(nil)
	for n := range good {
		if _, err := Read(good[:n]); !errors.Is(err, ErrBytes) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for name, at := range map[string]int{"version": 0, "epoch": 1, "the first shard": headSize, "the exception": len(good) - 2} {
		bad := bytes.Clone(good)
		bad[at] = 0
		if _, err := Read(bad); !errors.Is(err, ErrBytes) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(append(good, 0)); !errors.Is(err, ErrBytes) {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestLeadersAreSpread(t *testing.T) {
	nodes := []uint16{1, 3, 4}
	led := map[uint16]int{}
	for id := exchange.ShardID(1); id <= 7; id++ {
		led[Leader(id, nodes)]++
	}
	if led[1] != 3 || led[3] != 2 || led[4] != 2 || Leader(1, nil) != 0 {
		t.Errorf("nodes lead %v", led)
	}
}

func BenchmarkOf(b *testing.B) {
	m := New(16)
	for i := range b.N {
		m.Of(exchange.MarketID(i))
	}
}
