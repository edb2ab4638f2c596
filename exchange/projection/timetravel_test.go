package projection_test

import (
	"errors"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

func TestMarketAtStopsAtWhatContradictsItself(t *testing.T) {
	past := projection.NewMarketAt(1)
	var frames []byte
	events := append(beginning(),
		&exchange.FundsDeposited{Account: 1, Amount: 5, Cash: 77}, // not of the market: not looked at
		&exchange.OrderCancelled{Release: exchange.Release{Market: 1, Order: noOrder, Account: 1}})
	for _, e := range events {
		frames = wire.AppendEvent(frames, e)
	}
	err := past.ApplyRecord(start, 1, frames, len(events))
	want := projection.InconsistencyError{Seq: 12, Account: 1, Market: 1, Order: noOrder, What: "there is no such open order"}
	var fault *projection.InconsistencyError
	if !errors.As(err, &fault) || *fault != want {
		t.Errorf("got %v, want %v", err, &want)
	}
	if again := past.Apply(start, 13, wire.AppendEvent(nil, &exchange.PositionOpened{Account: 1, Market: 1})); again != err {
		t.Errorf("afterwards Apply returns %v", again)
	}
	if m, ok := past.View().Market(1); !ok || m.Books[0].Last != 4000 || m.Books[0].Bid != 4000 {
		t.Errorf("before the fault: %+v", m)
	}
	if err := projection.NewMarketAt(1).ApplyRecord(start, 1, frames[:9], 1); err == nil {
		t.Error("a cut record is taken")
	}
}

func FuzzApply(f *testing.F) {
	var frames []byte
	events := beginning()
	for _, e := range events {
		frames = wire.AppendEvent(frames, e)
	}
	tail := wire.AppendEvent(nil, &exchange.OrderAmended{Market: 1, Order: annsBid, Account: 1, Price: 4000, Quantity: 8, Resting: 4, Hold: 16_000, Cash: 968_000})
	f.Add(tail, 1)
	for _, e := range append(every(), closing()...) {
		f.Add(wire.AppendEvent(nil, e), 1)
	}
	f.Fuzz(func(t *testing.T, more []byte, count int) {
		v := projection.New()
		if err := v.Apply(start, 1, frames, len(events)); err != nil {
			t.Fatal(err)
		}
		if v.Apply(start, v.Seq()+1, more, count%100) == nil {
			if err := v.Check(); err != nil {
				t.Errorf("accepted %x: %v", more, err)
			}
		}
	})
}
