package watch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/load/manipulation"
	"github.com/hustings/hustings/watch"
)

// Whoever reads the same events finds the same.
func TestFindingsFollowFromTheEvents(t *testing.T) {
	s := small(t)
	first, err := manipulation.Watch(s, watch.DefaultRoom())
	if err != nil || len(first) == 0 {
		t.Fatal(err, len(first))
	}
	second, _ := manipulation.Watch(s, watch.DefaultRoom())
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
}

func small(tb testing.TB) *manipulation.Series {
	tb.Helper()
	c := manipulation.Default(4)
	c.Hours, c.Markets, c.Planted = 2, 6, 3
	return manipulation.Generate(c)
}

func TestDamagedRecordsAreRefused(t *testing.T) {
	r := small(t).Records[0]
	w := watch.New(watch.DefaultRoom(), func(watch.Finding) {})
	half, more := r, r
	half.Events = r.Events[:len(r.Events)-1]
	more.Count++
	if err := w.Record(&half); err == nil {
		t.Error("half an event was taken")
	}
	if err := w.Record(&more); err == nil {
		t.Error("an event that is not there was taken")
	}
}

// No bytes make a Watch break, and what it says always makes sense.
func FuzzRecord(f *testing.F) {
	for _, r := range small(f).Records[:400] {
		f.Add(r.Events, r.Count)
	}
	neither := exchange.Sell + 6
	f.Add(wire.AppendOrderPlaced(nil, &exchange.OrderPlaced{Side: neither, Resting: 1}), 1)
	f.Add(wire.AppendOrderMatched(nil, &exchange.OrderMatched{TakerSide: neither, MakerAccount: 1, Quantity: 1}), 1)
	f.Fuzz(func(t *testing.T, events []byte, count int) {
		w := watch.New(watch.Room{Markets: 4, Accounts: 4, Dealings: 4, Pairs: 4, Tallies: 4, Orders: 4}, func(found watch.Finding) {
			if found.Kind >= watch.Kinds || found.To < found.From || len(found.Evidence) == 0 || len(found.Markets) == 0 {
				t.Errorf("%+v", found)
			}
		})
		for i := range exchange.Time(8) {
			r := watch.Record{Shard: 1 + exchange.ShardID(i%3), Time: 1e18 + i*1e8, First: 1, Count: min(max(count, 0), 64), Events: events}
			_ = w.Record(&r) // most of what is made up is malformed
		}
	})
}

// BenchmarkEvent is what the watch costs for each event of the journal, reading its bytes included.
func BenchmarkEvent(b *testing.B) {
	s := manipulation.Generate(manipulation.Default(5))
	var events []byte // one after the other, as in a journal
	for _, r := range s.Records {
		events = append(events, r.Events...)
	}
	for i := range s.Records {
		r := &s.Records[i]
		r.Events, events = events[:len(r.Events)], events[len(r.Events):]
	}
	w := watch.New(watch.DefaultRoom(), func(watch.Finding) {})
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; {
		for i := 0; i < len(s.Records) && n < b.N; i++ {
			r := &s.Records[i]
			if err := w.Record(r); err != nil {
				b.Fatal(err)
			}
			n += r.Count
		}
	}
}
