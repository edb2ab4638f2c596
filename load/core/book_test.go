package core

import (
	"testing"

	"github.com/hustings/hustings/load/workload"
)

// streams are of different shapes; each is matched by the plainest book as well.
func streams(t *testing.T) map[string]*workload.Stream {
	t.Helper()
	all := map[string]*workload.Stream{"thin": workload.Thin(50)}
	for name, shape := range map[string]workload.Shape{
		"like A": {Seed: 7, Prefill: 1_000, Target: 1_000, Width: 120, Mid: 5_000, Count: 8_000},
		"narrow": {Seed: 8, Prefill: 100, Target: 200, Width: 3, Mid: 400, Count: 4_000},
		"empty":  {Seed: 9, Target: 0, Width: 2, Mid: 9_700, Count: 4_000},
	} {
		s, err := workload.Generate(shape)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = s
	}
	return all
}

func TestBookTradesLikeTheNaiveOne(t *testing.T) {
	for name, s := range streams(t) {
		want, live := workload.Replay(s)
		got, err := Book(s, 1)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Tally != want || got.Live != live {
			t.Errorf("%s: got %+v and %d live orders, want %+v and %d", name, got.Tally, got.Live, want, live)
		}
	}
}

func TestBookIgnoresCancelsOfGoneOrders(t *testing.T) {
	s := &workload.Stream{Records: []workload.Record{
		{ID: 1, Quantity: 5, Tick: 10},
		{ID: 2, Quantity: 7, Tick: 9, Kind: workload.Aggressive, Side: workload.Sell},
		{ID: 1, Tick: 10, Kind: workload.Cancel},
	}}
	if got, err := Book(s, 1); err != nil || got.Live != 1 || got.Tally.Trades != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}
