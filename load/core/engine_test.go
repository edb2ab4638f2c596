package core

import (
	"testing"

	"github.com/hustings/hustings/load/workload"
)

func TestEngineTradesLikeTheNaiveBook(t *testing.T) {
	for name, s := range streams(t) {
		want, live := workload.Replay(s)
		for _, cfg := range []EngineConfig{
			{Batch: 64, Keys: true, TakerFee: 700, MakerShare: 2_500, Runs: 1},
			{Batch: 1_000, Runs: 1},
		} {
			got, err := Engine(s, cfg)
			if err != nil {
				t.Fatalf("%s, %+v: %v", name, cfg, err)
			}
			if got.Tally != want || got.Live != live || got.Refused != 0 {
				t.Errorf("%s, %+v: got %+v, %d live orders and %d refusals, want %+v, %d, 0",
					name, cfg, got.Tally, got.Live, got.Refused, want, live)
			}
		}
	}
}

func TestEngineCountsCancelsOfGoneOrders(t *testing.T) {
	s := &workload.Stream{Prefill: 1, Records: []workload.Record{
		{ID: 1, Quantity: 5, Tick: 10},
		{ID: 2, Quantity: 7, Tick: 9, Kind: workload.Aggressive, Side: workload.Sell},
		{ID: 1, Tick: 10, Kind: workload.Cancel},
	}}
	got, err := Engine(s, EngineConfig{Batch: 2, Keys: true, Runs: 1})
	if err != nil || got.Refused != 1 || got.Live != 1 || got.Tally.Trades != 1 || got.Commands != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEngineNamesTheRecordThatIsRefused(t *testing.T) {
	s := &workload.Stream{Records: []workload.Record{{ID: 1, Quantity: 1_000_001, Tick: 10}}}
	const want = "record 1, an order of 1000001 at tick 10, is refused: quantity_out_of_range"
	if _, err := Engine(s, EngineConfig{Batch: 2, Runs: 1}); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %q", err, want)
	}
}
