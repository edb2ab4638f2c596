package watch_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/load/manipulation"
	"github.com/hustings/hustings/watch"
)

// The same trading on one, two and three shards leads to the same findings, by the same events.
func TestFindingsDoNotDependOnShards(t *testing.T) {
	var alone []watch.Finding
	for shards := 1; shards <= 3; shards++ {
		c := manipulation.Default(6)
		c.Hours, c.Markets, c.Planted, c.Shards = 2, 12, 4, shards
		s := manipulation.Generate(c)
		found, err := manipulation.Watch(s, watch.DefaultRoom())
		if err != nil {
			t.Fatal(err)
		}
		spread := 0
		for _, f := range found {
			if slices.ContainsFunc(f.Evidence, func(e watch.Evidence) bool { return e.Shard != f.Evidence[0].Shard }) {
				spread++
			}
		}
		if (spread > 0) != (shards > 1) {
			t.Errorf("%d of the findings on %d shards have events of several", spread, shards)
		}
		if j := manipulation.Judge(s, found); j.All.Precision() < 0.9 || j.All.Recall() < 0.9 {
			t.Errorf("on %d shards: precision %.3f, recall %.3f", shards, j.All.Precision(), j.All.Recall())
		}
		number(t, s, found)
		if shards == 1 {
			alone = found
		} else if diff := cmp.Diff(alone, found); diff != "" {
			t.Errorf("on %d shards: %s", shards, diff)
		}
	}
}

// number names the evidence by what it has in common however many shards there are: how many events of markets there were before it.
func number(t *testing.T, s *manipulation.Series, found []watch.Finding) {
	type source struct {
		shard exchange.ShardID
		seq   exchange.Seq
	}
	numbers := map[source]exchange.Seq{}
	for _, r := range s.Records {
		rest := r.Events
		for i := range r.Count {
			var frame []byte
			var err error
			if frame, rest, err = wire.Next(rest); err != nil {
				t.Fatal(err)
			}
			switch wire.EventKind(frame) {
			case exchange.KindRulesSwitched, exchange.KindAccountRegistered, exchange.KindFundsDeposited, exchange.KindTransferReceived:
			default:
				numbers[source{r.Shard, r.First + exchange.Seq(i)}] = exchange.Seq(len(numbers))
			}
		}
	}
	for _, f := range found {
		for i, e := range f.Evidence {
			n, known := numbers[source{e.Shard, e.Seq}]
			if !known {
				t.Fatalf("no event of a market: %+v", e)
			}
			f.Evidence[i].Shard, f.Evidence[i].Seq = 0, n
		}
	}
}
