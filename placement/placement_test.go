package placement

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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
		after, err := before.Add(Shard{ID: n + 1, Points: Points})
		if err != nil {
			t.Fatal(err)
		}
		moves := Plan(after, before.Of, markets())
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
		if back := Plan(drained, after.Of, markets()); len(back) != len(moves) || shares(drained)[n+1] != 0 {
			t.Errorf("%d markets leave the drained shard of %d", len(back), len(moves))
		}
		if rest := Plan(drained, before.Of, markets()); len(rest) != 0 {
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
			points := uint16(rapid.SampledFrom([]int{0, 7, Points}).Draw(t, "points"))
			switch rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				founders := make([]Founder, rapid.IntRange(0, 3).Draw(t, "founders"))
				for i := range founders {
					founders[i] = Founder{rapid.Uint64().Draw(t, "replica"), rapid.StringN(0, 9, 9).Draw(t, "address")}
				}
				next, err = m.Add(Shard{id, points, founders})
			case 1:
				if next, err = m.Drain(id); err == nil {
					if all := shares(next); all[id] > 0 {
						t.Fatalf("the drained shard has %d markets", all[id])
					}
					maps.DeleteFunc(put, func(_ exchange.MarketID, on exchange.ShardID) bool { return on == id })
				}
			case 2:
				if next, err = m.Put(market, id); err == nil {
					put[market] = id
					if id == 0 {
						delete(put, market)
					}
				}
			case 3:
				next, err = m.Weigh(id, points)
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
		if !bytes.Equal(again.Append(nil), b) || fmt.Sprint(again.Shards(), again.Exceptions()) != fmt.Sprint(m.Shards(), m.Exceptions()) {
			t.Fatal("what was read is not the same again")
		}
	})
}

// A plan is what is not in its place, and nothing that there is not.
func TestPlan(t *testing.T) {
	m := New(2)
	where := map[exchange.MarketID]exchange.ShardID{}
	var want []Move
	all := markets()[:20]
	for i, id := range all {
		switch i % 3 {
		case 0:
			where[id] = m.Of(id)
		case 1:
			where[id] = 3
			want = append(want, Move{id, 3, m.Of(id)})
		}
	}
	slices.Reverse(all)
	if got := Plan(m, func(id exchange.MarketID) exchange.ShardID { return where[id] }, all); !slices.Equal(got, want) {
		t.Errorf("the plan is %v", got)
	}
}

// These bytes and places never change.
func TestGolden(t *testing.T) {
	m := New(3)
	m, err := m.Add(Shard{9, 0, []Founder{{0x0102, "10.0.0.1:7000"}, {0x0203, "b:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	if m, err = m.Put(7, 9); err != nil {
		t.Fatal(err)
	}
	const want = "01" + "0200000000000000" + "0400" + "0100000200" + "0200000200" + "0300000200" + "0900000002" +
		"0201000000000000" + "0d31302e302e302e313a37303030" + "0302000000000000" + "03623a31" + "01000000" + "070000000900"
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
	if m, err = m.Add(Shard{3, 0, []Founder{{1, "a:1"}, {2, "bb:2"}}}); err != nil {
		t.Fatal(err)
	}
	good := m.Append(nil)
	for n := range good {
		if _, err := Read(good[:n]); !errors.Is(err, ErrBytes) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for name, at := range map[string]int{"version": 0, "the first shard": headSize, "the exception": len(good) - 2} {
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

// document is one that somebody changes.
type document struct {
	version uint64
	data    []byte
}

func (d *document) Placement() (uint64, []byte) { return d.version, d.data }

// Who follows a document sees each change, and goes on with what he has where there is nonsense in it.
func TestFollow(t *testing.T) {
	d := &document{}
	places := Follow(d)
	if m := places(); m.Epoch() != 0 || m.Of(77) != exchange.HomeShard {
		t.Errorf("before the first document: epoch %d, market 77 on shard %d", m.Epoch(), m.Of(77))
	}
	m, err := places().Add(Shard{ID: 2})
	if err == nil {
		m, err = m.Put(77, 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.version, d.data = m.Epoch(), m.Append(nil)
	if got := places(); got.Epoch() != 2 || got.Of(77) != 2 || places() != got {
		t.Errorf("epoch %d, market 77 on shard %d", got.Epoch(), got.Of(77))
	}
	d.version, d.data = 3, []byte("nonsense")
	if got := places(); got.Epoch() != 3 || got.Of(77) != 2 {
		t.Errorf("with nonsense: epoch %d, market 77 on shard %d", got.Epoch(), got.Of(77))
	}
}

func TestFoundersHaveBounds(t *testing.T) {
	for _, founders := range [][]Founder{make([]Founder, 256), {{1, strings.Repeat("a", 256)}}} {
		if _, err := New(1).Add(Shard{2, 0, founders}); !errors.Is(err, ErrFounders) {
			t.Errorf("%d founders: %v", len(founders), err)
		}
	}
}

func TestTheLastPointsStay(t *testing.T) {
	if _, err := New(1).Drain(1); !errors.Is(err, ErrLastShard) {
		t.Errorf("the only shard was drained: %v", err)
	}
}

// However leaders lie, nodes that hand over what they should come to lead as many as each other, the home shard's leader
// stays, and then everybody keeps what he leads.
func TestLeadersAreBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := []uint16{1, 3, 4}
		leaders := map[exchange.ShardID]uint16{}
		shards := exchange.ShardID(rapid.IntRange(1, 9).Draw(t, "shards"))
		for id := exchange.ShardID(1); id <= shards; id++ {
			leaders[id] = rapid.SampledFrom(nodes).Draw(t, "leader")
		}
		home := leaders[1]
		for round, moved := 0, true; moved; round++ {
			if moved = false; round > 50 {
				t.Fatalf("they never rest: %v", leaders)
			}
			acted := 0
			before := maps.Clone(leaders)
			for _, n := range nodes {
				if shard, to := Balance(before, nodes, n); shard != 0 {
					if before[shard] != n || to == n || shard == 1 {
						t.Fatalf("node %d hands shard %d of %v to node %d", n, shard, before, to)
					}
					leaders[shard] = to
					moved = true
					acted++
				}
			}
			if acted > 1 {
				t.Fatalf("%d nodes hand over at once", acted)
			}
		}
		led := map[uint16]int{}
		for _, n := range leaders {
			led[n]++
		}
		low, high := min(led[1], led[3], led[4]), max(led[1], led[3], led[4])
		if high > low+1 || leaders[1] != home {
			t.Fatalf("in the end they lead %v, and home was led by %d", leaders, home)
		}
	})
	if shard, to := Balance(map[exchange.ShardID]uint16{1: 1, 2: 1, 3: 1, 4: 0}, []uint16{1, 2, 3}, 1); shard != 3 || to != 2 {
		t.Errorf("node 1 hands shard %d to node %d", shard, to)
	}
}

func BenchmarkOf(b *testing.B) {
	m := New(16)
	for i := range b.N {
		m.Of(exchange.MarketID(i))
	}
}
