package merge

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/journal"
)

// log is the journal of one shard.
type log struct {
	gateway.History // what is not asked for
	journal         *journal.Journal
}

func raw(visit gateway.Visit) journal.Visit {
	return func(seq uint64, at int64, event []byte) bool {
		return visit(exchange.Seq(seq), exchange.Time(at), event)
	}
}

func (l log) Newest(key uint64, before exchange.Seq, visit gateway.Visit) error {
	return l.journal.History(journal.Key(key), uint64(before), 0, raw(visit))
}

func (l log) Oldest(key uint64, after, until exchange.Seq, visit gateway.Visit) error {
	return l.journal.HistoryForward(journal.Key(key), uint64(after), uint64(until), raw(visit))
}

func (l log) Of(exchange.MarketID) []gateway.Stay {
	return []gateway.Stay{{History: l, End: exchange.Seq(l.journal.Last().Seq) + 1}}
}

func (l log) LastAt(at exchange.Time) (exchange.Seq, bool, error) {
	m, ok, err := l.journal.LastAt(int64(at))
	return exchange.Seq(m.LastSeq), ok, err
}

// An account's events on all shards are shown by their time, page by page, each once.
func TestHistoryOfAllShards(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	id, other := f.trader("grace", 1_000_000), f.trader("heidi", 1_000_000)
	for n := range 20 {
		f.accepted(f.buy(id, markets[n*2%3], 100, 1), f.buy(id, markets[(n*2+1)%3], 100, 1), f.buy(other, markets[0], 100, 1))
	}
	f.until(func() bool { return f.Totals().Outbox == 0 })
	h := f.History()
	key := projection.AccountKey(id)
	var whole []happening
	note := func(list *[]happening, most int) gateway.Visit {
		return func(seq exchange.Seq, at exchange.Time, _ []byte) bool {
			*list = append(*list, happening{seq: seq, at: at})
			return len(*list) < most
		}
	}
	if err := h.Newest(key, 0, note(&whole, 1<<30)); err != nil {
		t.Fatal(err)
	}
	expected := 0
	for _, s := range f.sites {
		var own []happening
		if err := (log{journal: s.Journal()}).Newest(key, 0, note(&own, 1<<30)); err != nil {
			t.Fatal(err)
		}
		expected += len(own)
	}
	if len(whole) != expected || expected < 40 {
		t.Errorf("%d events are shown of %d", len(whole), expected)
	}
	for i := range whole[1:] {
		if later(whole[i], whole[i+1]) <= 0 {
			t.Fatalf("%+v is shown before %+v", whole[i], whole[i+1])
		}
	}
	var paged []happening
	for before := exchange.Seq(0); ; {
		var page []happening
		if err := h.Newest(key, before, note(&page, 3)); err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		before = page[len(page)-1].seq
	}
	if len(paged) != len(whole) {
		t.Fatalf("page by page %d events are shown of %d", len(paged), len(whole))
	}
	for i := range whole {
		if paged[i].seq != whole[i].seq {
			t.Fatalf("page by page event %d is %+v, at once %+v", i, paged[i], whole[i])
		}
	}
}

// A market's events are those of its shard, in Seqs that say so.
func TestHistoryOfAMarket(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	id := f.trader("ivan", 1_000_000)
	for i, m := range markets {
		r := f.accepted(f.buy(id, m, 100, 1))[0]
		of := f.History().Of(m)[0]
		var last, count exchange.Seq
		err := of.Oldest(projection.MarketKey(m), 0, 0, func(seq exchange.Seq, _ exchange.Time, _ []byte) bool {
			count, last = count+1, seq
			return true
		})
		if err != nil || count < 2 || last < r.Seq-1 || last >= of.End {
			t.Errorf("shard %d: %d events up to %d below %d, %v", i+1, count, last, of.End, err)
		}
		at, found, err := of.LastAt(r.Time)
		if shard, _ := SplitSeq(at); err != nil || !found || int(shard) != i+1 {
			t.Errorf("shard %d: the last event at an instant is %d, %v, %v", i+1, at, found, err)
		}
		var after []exchange.Seq
		err = f.History().Oldest(projection.AccountKey(id), at-1, 0, func(seq exchange.Seq, _ exchange.Time, _ []byte) bool {
			after = append(after, seq)
			return true
		})
		if err != nil || !slices.Contains(after, at) || slices.Contains(after, at-1) || !slices.IsSorted(after[slices.Index(after, at):]) {
			t.Errorf("shard %d: events after %d are %v, %v", i+1, at, after, err)
		}
	}
}
